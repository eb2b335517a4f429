using Parley.Store.Disks;

namespace Parley.Store.Tests.Erasing;

/// <summary>Stops within the next write that overwrites something in a segment, half of it done.</summary>
sealed class TearingDisk(IDisk disk) : IDisk
{
    Action? _amid;
    long _middle;

    /// <summary>Whether the place was read since.</summary>
    public volatile bool IsRead;

    /// <summary>Runs it once, on the writing thread.</summary>
    public void Tear(Action amid) => _amid = amid;

    public IDiskFile Open(string name) => name.EndsWith(".segment", StringComparison.Ordinal) ? new File(this, disk.Open(name)) : disk.Open(name);
    public IReadOnlyList<string> List() => disk.List();
    public void Delete(string name) => disk.Delete(name);
    public void Rename(string from, string to) => disk.Rename(from, to);
    public void SyncDirectory() => disk.SyncDirectory();
    public IDisposable Lock() => disk.Lock();

    sealed class File(TearingDisk disk, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            var read = file.Read(buffer, offset);
            if (disk._middle > offset && disk._middle < offset + read) disk.IsRead = true;
            return read;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            if (Interlocked.Exchange(ref disk._amid, null) is not { } amid)
            {
                file.Write(bytes, offset);
                return;
            }
            var half = bytes.Length / 2;
            file.Write(bytes[..half], offset);
            (disk._middle, disk.IsRead) = (offset + half, false);
            amid();
            file.Write(bytes[half..], offset + half);
        }

        public void SetLength(long length) => file.SetLength(length);
        public ValueTask SyncAsync() => file.SyncAsync();
        public void Dispose() => file.Dispose();
    }
}
