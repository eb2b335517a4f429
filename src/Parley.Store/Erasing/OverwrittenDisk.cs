using Parley.Store.Disks;

namespace Parley.Store.Erasing;

/// <summary>A directory as the next start makes it, for who only reads it: bodies that are to be overwritten read as if they were.</summary>
/// <param name="bodies">By the segment's name, each with its offset.</param>
sealed class OverwrittenDisk(IDisk disk, ILookup<string, (long Offset, ReadOnlyMemory<byte> Body)> bodies) : IDisk
{
    public IDiskFile Open(string name) => bodies.Contains(name) ? new OverwrittenFile(disk.Open(name), bodies[name]) : disk.Open(name);
    public IReadOnlyList<string> List() => disk.List();
    public void Delete(string name) => disk.Delete(name);
    public void Rename(string from, string to) => disk.Rename(from, to);
    public void SyncDirectory() => disk.SyncDirectory();
    public IDisposable Lock() => disk.Lock();

    sealed class OverwrittenFile(IDiskFile file, IEnumerable<(long Offset, ReadOnlyMemory<byte> Body)> bodies) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            var read = file.Read(buffer, offset);
            foreach (var (at, body) in bodies)
            {
                var (start, end) = (Math.Max(at, offset), Math.Min(at + body.Length, offset + read));
                if (start < end) body.Span[(int)(start - at)..(int)(end - at)].CopyTo(buffer[(int)(start - offset)..]);
            }
            return read;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset) => throw ReadOnly();
        public void SetLength(long length) => throw ReadOnly();
        public ValueTask SyncAsync() => throw ReadOnly();
        public void Dispose() => file.Dispose();

        static InvalidOperationException ReadOnly() => new("The file is only read as long as its erasures are not completed.");
    }
}
