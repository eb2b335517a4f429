namespace Parley.Store.Checks;

/// <summary>Something a check found, and where.</summary>
/// <param name="Segment">File name.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="What">What is wrong there, as a clause.</param>
public sealed record LogProblem(string Segment, long Offset, string What);

/// <summary>What a check read, and what was wrong with it.</summary>
/// <param name="Problems">Empty when every byte is as it was written; at most <see cref="MaxProblems"/>.</param>
/// <param name="Notes">What is in order but worth knowing, such as an incomplete last batch that the next start will cut.</param>
/// <param name="FirstPosition">0 when there is no record.</param>
/// <param name="LastPosition">0 when there is no record.</param>
/// <param name="Bytes">Of batches, padding included.</param>
public sealed record LogReport(IReadOnlyList<LogProblem> Problems, IReadOnlyList<LogProblem> Notes, int Segments, long Batches, long Records,
    int Feeds, long FirstPosition, long LastPosition, long Bytes)
{
    public const int MaxProblems = 1000;

    public bool IsSound => Problems.Count == 0;
}
