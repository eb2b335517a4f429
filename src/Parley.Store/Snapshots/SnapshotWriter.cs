namespace Parley.Store.Snapshots;

/// <summary>A snapshot being written, in a file that counts only once complete. Disposed before that, it leaves nothing.</summary>
public sealed class SnapshotWriter : IDisposable
{
    internal SnapshotWriter(long position, Stream body) => (Position, Body) = (position, body);

    public long Position { get; }

    /// <summary>Takes the state as of <see cref="Position"/>; write only, for one thread.</summary>
    public Stream Body { get; }

    /// <summary>Syncs the snapshot, reads it back and lets it count; then all but the newest two are deleted.</summary>
    /// <exception cref="IOException">It is not complete; older ones stay. The log goes on.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellation) => throw new NotImplementedException();

    public void Dispose() => Body.Dispose();
}
