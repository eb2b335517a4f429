namespace Parley.Store.Snapshots;

/// <summary>A snapshot being read.</summary>
public sealed class SnapshotReader : IDisposable
{
    internal SnapshotReader(SnapshotFile file)
    {
        (Position, Time) = (file.Header.At.Position, file.Header.At.Time);
        Digest = Convert.ToHexStringLower(file.Trailer.Digest);
        Body = file.OpenBody(owner: file);
    }

    /// <summary>Position of the last record that the snapshot holds.</summary>
    public long Position { get; }

    /// <summary>Time of that record, µs since the Unix epoch.</summary>
    public long Time { get; }

    /// <summary>SHA-256 of the body in hexadecimal: the same state at the same position has the same on every node.</summary>
    public string Digest { get; }

    /// <summary>What the snapshot's writer wrote; forward only, for one thread. Reading it throws <see cref="CorruptSnapshotException"/> where it is damaged.</summary>
    public Stream Body { get; }

    public void Dispose() => Body.Dispose();
}
