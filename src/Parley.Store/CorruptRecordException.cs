namespace Parley.Store;

/// <summary>A committed record no longer matches its checksum: the disk changed it after it was written.</summary>
public sealed class CorruptRecordException(string segment, long offset, uint stored, uint computed)
    : IOException($"Record at {segment}+{offset} fails its checksum (stored {stored:x8}, computed {computed:x8}). "
                + "Other records can still be read; stop the server and run 'parley check' to see what can be kept.")
{
    public string Segment { get; } = segment;
    public long Offset { get; } = offset;
}
