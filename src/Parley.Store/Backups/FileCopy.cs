using Parley.Store.Disks;

namespace Parley.Store.Backups;

/// <summary>Copies files between directories and counts what that took.</summary>
sealed class FileCopy(IDisk target, CancellationToken cancellation)
{
    const int PieceBytes = 1 << 20;
    const int BytesPerSync = 8 << 20;

    readonly byte[] _from = new byte[PieceBytes];
    readonly byte[] _to = new byte[PieceBytes];
    readonly HashSet<string> _names = [.. target.List()];

    public int Copied { get; private set; }
    public int Kept { get; private set; }
    public long Bytes { get; private set; }

    public bool Has(string name) => _names.Contains(name);

    /// <summary>Counts a file that was found equal by other means.</summary>
    public void Keep() => Kept++;

    /// <summary>Lets a file have the first bytes of another, in one step, unless it has just these.</summary>
    /// <remarks>A file is never appended to: the power could go when a later batch is on the disk and an earlier one, which it calls synced, is not.</remarks>
    public async ValueTask CopyAsync(IDiskFile source, string name, long length)
    {
        if (Has(name) && IsEqual(source, name, length))
        {
            Kept++;
            return;
        }
        var temporary = name + ".new";
        using (var file = target.Open(temporary))
        {
            file.SetLength(0);
            await WriteAsync(source, file, length);
        }
        target.Rename(temporary, name);
        target.SyncDirectory();
        _names.Add(name);
        Copied++;
    }

    public void Delete(string name)
    {
        target.Delete(name);
        _names.Remove(name);
    }

    bool IsEqual(IDiskFile source, string name, long length)
    {
        using var present = target.Open(name);
        if (present.Length != length) return false;
        for (var at = 0L; at < length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var size = (int)Math.Min(PieceBytes, length - at);
            if (source.Read(_from.AsSpan(0, size), at) < size || present.Read(_to.AsSpan(0, size), at) < size
                || !_from.AsSpan(0, size).SequenceEqual(_to.AsSpan(0, size))) return false;
            at += size;
        }
        return true;
    }

    async ValueTask WriteAsync(IDiskFile source, IDiskFile file, long length)
    {
        for (var at = 0L; at < length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = source.Read(_from.AsSpan(0, (int)Math.Min(PieceBytes, length - at)), at);
            if (read == 0) throw new EndOfStreamException($"A file ends at {at} where it should have {length} bytes.");
            file.Write(_from.AsSpan(0, read), at);
            at += read;
            Bytes += read;
            // A little at a time, for the sake of the log's own syncs when both are on one disk.
            if (at % BytesPerSync == 0 || at == length) await file.SyncAsync();
        }
    }
}
