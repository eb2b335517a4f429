using Parley.Store.Disks;

namespace Parley.Store.Segments;

/// <summary>One segment file and what is known of it. Changed under the log's gate only.</summary>
sealed class Segment(int ordinal, IDiskFile file) : IDisposable
{
    public int Ordinal { get; } = ordinal;
    public string Name { get; } = SegmentHeader.FileName(ordinal);
    public IDiskFile File { get; } = file;

    /// <summary>Size the file may be prepared to.</summary>
    public long Capacity { get; set; }

    /// <summary>Zero-filled and synced up to here.</summary>
    public long Prepared { get; set; }

    /// <summary>End of the last committed batch.</summary>
    public long End { get; set; } = SegmentHeader.Bytes;

    /// <summary>Position of the first record, or of the one that will be.</summary>
    public long First { get; set; }

    /// <summary>Position of the last committed record; less than <see cref="First"/> when there is none.</summary>
    public long Last { get; set; }

    public ulong LastEpoch { get; set; }
    public ulong PreviousEpoch { get; set; }
    public long LastTime { get; set; }

    /// <summary>Present until the segment has its index file.</summary>
    public TailIndex? Tail { get; set; }

    public SegmentIndex? Index { get; set; }

    /// <summary>From now on readers find the segment's records through its index file.</summary>
    public void Seal(SegmentIndex index)
    {
        Index = index;
        Tail = null;
    }

    public void Dispose()
    {
        File.Dispose();
        Index?.Dispose();
    }
}
