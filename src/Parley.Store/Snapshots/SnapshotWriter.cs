using Parley.Store.Disks;

namespace Parley.Store.Snapshots;

/// <summary>A snapshot being written, in a file that counts only once complete. Disposed before that, it leaves nothing.</summary>
public sealed class SnapshotWriter : IDisposable
{
    readonly SnapshotSet _set;
    readonly IDiskFile _file;
    readonly BlockWriter _blocks;
    readonly SnapshotBodyWriter _body;
    readonly SnapshotHeader _header;
    bool _isDone;

    /// <param name="blocks">The heads are written and their last block is ended.</param>
    internal SnapshotWriter(SnapshotSet set, IDiskFile file, BlockWriter blocks, in SnapshotHeader header)
    {
        (_set, _file, _blocks) = (set, file, blocks);
        _header = header with { BodyOffset = blocks.Offset };
        _body = new SnapshotBodyWriter(blocks);
    }

    public long Position => _header.At.Position;

    /// <summary>Takes the state as of <see cref="Position"/>; write only, for one thread.</summary>
    public Stream Body => _body;

    /// <summary>Syncs the snapshot, reads it back and lets it count; then all but the newest two are deleted.</summary>
    /// <exception cref="IOException">It is not complete; older ones stay. The log goes on.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDone, this);
        var trailer = new SnapshotTrailer(0, _body.Length, _body.Finish()) with { Offset = _blocks.Offset };
        _file.Write(trailer.ToBytes(), trailer.Offset);
        _file.Write((_header with { BodyBytes = trailer.BodyBytes, TrailerOffset = trailer.Offset }).ToBytes(), 0);
        cancellation.ThrowIfCancellationRequested();
        await _blocks.SyncAsync();
        await _set.AddAsync(_header.At, cancellation);
        _isDone = true;
        _set.Release();
    }

    public void Dispose()
    {
        _body.Dispose();
        _file.Dispose();
        if (_isDone) return;
        _isDone = true;
        _set.Abandon(_header.At.Position);
    }
}
