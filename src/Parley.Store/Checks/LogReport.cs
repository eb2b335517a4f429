namespace Parley.Store.Checks;

/// <summary>Something a check found, and where.</summary>
/// <param name="Segment">File name.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="What">What is wrong there, as a clause.</param>
public sealed record LogProblem(string Segment, long Offset, string What);

/// <summary>A snapshot as a check found it.</summary>
/// <param name="Position">Of the record it stands at; 0 when it can't be read.</param>
/// <param name="Time">Of that record, µs since the Unix epoch.</param>
/// <param name="Digest">SHA-256 of the body in hexadecimal; the same on every node for the same state at the same position.</param>
/// <param name="IsUsable">Whole, and made from this log's records.</param>
public sealed record SnapshotReport(string File, long Position, long Time, long BodyBytes, string Digest, bool IsUsable);

/// <summary>What a check read, and what was wrong with it.</summary>
/// <param name="Problems">Empty when every byte is as it was written; at most <see cref="MaxProblems"/>.</param>
/// <param name="Notes">What is in order but worth knowing, such as an incomplete last batch that the next start will cut.</param>
/// <param name="FirstPosition">0 when there is no record.</param>
/// <param name="LastPosition">0 when there is no record.</param>
/// <param name="Bytes">Of batches, padding included.</param>
/// <param name="LastTime">Of the last record, µs since the Unix epoch.</param>
public sealed record LogReport(IReadOnlyList<LogProblem> Problems, IReadOnlyList<LogProblem> Notes, int Segments, long Batches, long Records,
    int Feeds, long FirstPosition, long LastPosition, long Bytes, long LastTime, IReadOnlyList<SnapshotReport> Snapshots)
{
    public const int MaxProblems = 1000;

    public bool IsSound => Problems.Count == 0;
}
