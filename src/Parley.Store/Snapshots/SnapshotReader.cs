namespace Parley.Store.Snapshots;

/// <summary>A snapshot being read.</summary>
public sealed class SnapshotReader : IDisposable
{
    internal SnapshotReader(long position, long time, Stream body) => (Position, Time, Body) = (position, time, body);

    /// <summary>Position of the last record that the snapshot holds.</summary>
    public long Position { get; }

    /// <summary>Time of that record, µs since the Unix epoch.</summary>
    public long Time { get; }

    /// <summary>What the snapshot's writer wrote; forward only, for one thread. Reading it throws <see cref="CorruptSnapshotException"/> where it is damaged.</summary>
    public Stream Body { get; }

    public void Dispose() => Body.Dispose();
}
