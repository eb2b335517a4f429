namespace Parley.Store.Disks;

sealed class PosixFile(string name, FileStream stream) : IDiskFile
{
    public long Length => RandomAccess.GetLength(stream.SafeFileHandle);

    public int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(stream.SafeFileHandle, buffer[total..], offset + total);
            if (read == 0) break;
            total += read;
        }
        return total;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            // Goes on after EINTR and after a short write, until all is written.
            RandomAccess.Write(stream.SafeFileHandle, bytes, offset);
        }
        catch (IOException e) when (DiskFailures.IsFull(e))
        {
            throw new DiskFullException(name, e);
        }
    }

    public void SetLength(long length) => DiskFailures.Named(name, () => RandomAccess.SetLength(stream.SafeFileHandle, length));

    public ValueTask SyncAsync()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD()) PosixCalls.SyncData(stream.SafeFileHandle, name);
        else RandomAccess.FlushToDisk(stream.SafeFileHandle);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => stream.Dispose();
}
