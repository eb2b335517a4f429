using Parley.Store.Disks;
using Parley.Store.Recovery;
using Parley.Store.Retention;
using Parley.Store.Segments;

namespace Parley.Store.Checks;

/// <summary>Finds how far a log can be read from its beginning without a gap, and what lies behind.</summary>
sealed class RepairSurvey(IDisk disk)
{
    readonly LogState _state = new();
    string _problem = "there is no segment";

    public ulong Log { get; private set; }

    /// <summary>The highest epoch of any batch header that was read.</summary>
    public ulong HighestEpoch { get; private set; }
    public bool EpochFileIsWhole { get; private set; }
    /// <summary>Where the log begins.</summary>
    public Beginning Beginning => _state.Beginning;
    public long Kept => _state.Committed;
    public long KeptTime => _state.LastTime;

    /// <summary>Ordinal of the segment that the log ends in.</summary>
    public int LastSegment { get; private set; }

    /// <summary>Where the last whole batch ends in it.</summary>
    public long End { get; private set; } = SegmentHeader.Bytes;

    /// <summary>Why the log can't be read on, or null where it merely ends.</summary>
    public string? Damage { get; private set; }

    /// <summary>Segments up to the last whose header has to be written anew.</summary>
    public List<int> Headless { get; } = [];

    /// <summary>Whether a header is damaged in a segment that has no batch yet.</summary>
    public bool IsHeadlessAhead { get; private set; }
    public long LostTo { get; private set; }
    public long LostFromTime { get; private set; }
    public long LostToTime { get; private set; }
    public long ReadableAside { get; private set; }

    /// <exception cref="CorruptLogException">Segments were dropped, and the file that says so is damaged: nothing could be kept without it.</exception>
    public void Run()
    {
        var segments = SegmentHeader.NamesIn(disk);
        var isThere = disk.List().Contains(EpochFile.Name);
        EpochFileIsWhole = isThere && EpochFile.TryRead(disk, out var epoch);
        Log = EpochFileIsWhole ? EpochFile.Read(disk).Log : segments.Select(one => LogOf(one.Name)).FirstOrDefault(log => log != 0);
        if (disk.List().Contains(BeginningFile.Name))
        {
            _state.Begin(BeginningFile.Read(disk, Log));
            _state.Feeds.Load(BeginningFile.Heads(disk).Select(Survey.FeedOf));
            segments.RemoveAll(one => one.Ordinal < Beginning.Segment);
        }
        var stop = Walk(segments);
        Look(segments, stop);
        if (isThere && EpochFileIsWhole) EpochFileIsWhole = EpochFile.Read(disk).Epoch >= HighestEpoch;
    }

    /// <returns>Index of the segment in which, or before which, reading stopped.</returns>
    int Walk(List<(string Name, int Ordinal)> segments)
    {
        var filings = new BatchFilings(_state.Feeds);
        for (var i = 0; i < segments.Count; i++)
        {
            var (name, ordinal) = segments[i];
            if (ordinal != Beginning.Segment + i)
            {
                Damage = $"{SegmentHeader.FileName(Beginning.Segment + i)} is missing";
                return i;
            }
            using var segment = new Segment(ordinal, disk.Open(name));
            using var scanner = new BatchScanner(segment.File);
            if (i > 0 && !IsContinued(scanner)) return i - 1;
            (LastSegment, End) = (ordinal, SegmentHeader.Bytes);
            if (!HasHeader(segment)) Headless.Add(ordinal);
            _state.Append(segment);
            Read(segment, scanner, filings);
            segment.Tail = null;
            End = segment.End;
        }
        return segments.Count - 1;
    }

    bool IsContinued(BatchScanner next) => next.TryReadHeader(SegmentHeader.Bytes, out var header) && Continues(header);

    bool Continues(in BatchHeader header) => header.Log == Log && header.First == _state.Committed + 1
        && header.PreviousEpoch == _state.LastEpoch && header.Epoch >= _state.LastEpoch && header.Time > _state.LastTime;

    bool HasHeader(Segment segment)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Bytes];
        return segment.File.Read(bytes, 0) == bytes.Length && SegmentHeader.TryRead(bytes, segment.Name, out var header)
            && header.Ordinal == segment.Ordinal && header.Log == Log;
    }

    void Read(Segment segment, BatchScanner scanner, BatchFilings filings)
    {
        while (true)
        {
            if (!scanner.TryRead(segment.End))
            {
                _problem = scanner.Problem;
                return;
            }
            var header = scanner.Header;
            if (!Continues(header))
            {
                _problem = "the batch there does not continue the one before";
                return;
            }
            if (filings.FileAll(scanner.RecordHeaders) is { } gap)
            {
                _problem = gap.Problem;
                return;
            }
            _state.Publish(header.First, header.Epoch, scanner.RecordHeaders, header.TotalBytes, filings.Filed);
            HighestEpoch = Math.Max(HighestEpoch, header.Epoch);
        }
    }

    /// <summary>What lies behind the end. A header that names a missing position as synced tells damage from a tear.</summary>
    void Look(List<(string Name, int Ordinal)> segments, int stop)
    {
        for (var i = Math.Max(0, stop); i < segments.Count; i++)
        {
            using var segment = new Segment(segments[i].Ordinal, disk.Open(segments[i].Name));
            using var scanner = new BatchScanner(segment.File);
            IsHeadlessAhead |= segment.Ordinal > LastSegment && !HasHeader(segment);
            long at = segments[i].Ordinal == LastSegment ? End : SegmentHeader.Bytes;
            while (scanner.FindClaim(at, Log, 0, 0, out var claim, out var found))
            {
                HighestEpoch = Math.Max(HighestEpoch, claim.Epoch);
                if (claim.Last > Kept)
                {
                    if (claim.Synced > Kept) Damage ??= $"{_problem}, and {segments[i].Name}+{found} says that positions {Kept + 1} to {claim.Synced} were synced";
                    LostTo = Math.Max(LostTo, Math.Max(claim.Last, claim.Synced));
                    LostFromTime = LostFromTime == 0 ? claim.Time : Math.Min(LostFromTime, claim.Time);
                    LostToTime = Math.Max(LostToTime, claim.Time);
                    ReadableAside += claim.Count;
                }
                at = found + BatchHeader.Bytes;
            }
        }
    }

    ulong LogOf(string name)
    {
        using var file = disk.Open(name);
        Span<byte> bytes = stackalloc byte[SegmentHeader.Bytes];
        if (file.Read(bytes, 0) == bytes.Length && SegmentHeader.TryRead(bytes, name, out var header)) return header.Log;
        using var scanner = new BatchScanner(file);
        return scanner.FindClaim(SegmentHeader.Bytes, null, 0, 0, out var claim, out _) ? claim.Log : 0;
    }
}
