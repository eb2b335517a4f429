using Parley.Store.Disks;

namespace Parley.Simulation;

/// <summary>Puts every disk call into the trace, sees to it that all come from the simulation's thread, and can lie about syncs.</summary>
sealed class WatchedDisk(IDisk disk, SeededScheduler scheduler, bool isLyingWhenServing) : IDisk
{
    bool _isLying;

    public IDiskFile Open(string name)
    {
        Note(1);
        return new WatchedFile(this, disk.Open(name));
    }

    public IReadOnlyList<string> List()
    {
        Note(2);
        return disk.List();
    }

    public void Delete(string name)
    {
        Note(3);
        disk.Delete(name);
    }

    public void Rename(string from, string to)
    {
        Note(4);
        disk.Rename(from, to);
    }

    public void SyncDirectory()
    {
        Note(5);
        disk.SyncDirectory();
    }

    public IDisposable Lock()
    {
        Note(6);
        return disk.Lock();
    }

    void Note(long what)
    {
        scheduler.AssertOwned();
        scheduler.Note(what);
    }

    sealed class WatchedFile(WatchedDisk owner, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            owner.Note(offset);
            return file.Read(buffer, offset);
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            owner.Note(offset + bytes.Length);
            file.Write(bytes, offset);
        }

        public void SetLength(long length)
        {
            owner.Note(length);
            file.SetLength(length);
        }

        public ValueTask SyncAsync()
        {
            owner.Note(7);
            return owner._isLying ? ValueTask.CompletedTask : file.SyncAsync();
        }

        public void Dispose() => file.Dispose();
    }

    /// <summary>Recovery is over. What it synced is synced; from now on a lying disk lies.</summary>
    public void Serve() => _isLying = isLyingWhenServing;
}
