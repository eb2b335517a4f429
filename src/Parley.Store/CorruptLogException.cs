namespace Parley.Store;

/// <summary>Something that was durable is missing or changed. Thrown before anything is written to the directory.</summary>
/// <param name="segment">File the damage is in.</param>
/// <param name="offset">First byte that can't be read as the log, from the start of the file.</param>
/// <param name="problem">What is wrong there, as a clause.</param>
/// <param name="kept">Records up to this position are whole and can be kept; 0 for none.</param>
public sealed class CorruptLogException(string segment, long offset, string problem, long kept)
    : IOException($"The log is damaged at {segment}+{offset}: {problem}. Records up to position {kept} can be kept. "
                + "Nothing was changed; copy the directory, then run 'parley check' on it.")
{
    public string Segment { get; } = segment;
    public long Offset { get; } = offset;
    public long Kept { get; } = kept;
}
