namespace Parley.Store.Snapshots;

/// <summary>A snapshot is not as it was written. An older one serves, or the whole log: nothing is lost but time.</summary>
/// <param name="file">Name of the snapshot's file.</param>
/// <param name="offset">Bytes from its start.</param>
/// <param name="problem">What is wrong there, as a clause.</param>
public sealed class CorruptSnapshotException(string file, long offset, string problem)
    : IOException($"The snapshot is damaged at {file}+{offset}: {problem}. An older one or the whole log is read instead.")
{
    public string File { get; } = file;
    public long Offset { get; } = offset;
    public string Problem { get; } = problem;
}
