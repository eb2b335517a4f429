using Parley.Store.Disks;
using Parley.Store.Feeds;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Recovery;

/// <summary>Finds what a directory holds without changing anything in it: the batches that can be kept, or the damage that forbids going on.</summary>
/// <remarks>With a whole snapshot the feeds' heads come from it, and of the indexes of the segments it covers only the headers are read.</remarks>
sealed class Survey(IDisk disk, bool isReplica = false) : IDisposable
{
    readonly HashSet<string> _names = [.. disk.List()];
    readonly List<Segment> _segments = [];
    readonly List<SnapshotFile> _snapshots = [];
    LogState _state = new();
    readonly List<SegmentIndex> _indexes = [];
    Beginning _beginning = Beginning.OfAll;
    bool _isTaken;

    /// <summary>Id and last epoch of the log; null when the directory holds none.</summary>
    public EpochFile? Epoch { get; private set; }

    /// <summary>Prepared segments behind the last one with batches. What is in them was never acknowledged.</summary>
    public List<Segment> Ahead { get; private set; } = [];

    /// <summary>Every position up to this one is known to survive a power cut.</summary>
    public long Synced { get; private set; }

    /// <summary>Snapshots that are whole as far as they were read.</summary>
    public IEnumerable<(string Name, SnapshotHeader Header)> Snapshots => _snapshots.Select(one => (one.Name, one.Header));

    /// <summary>Finds what is kept. A segment that had to be scanned has its <see cref="Segment.Tail"/>.</summary>
    /// <exception cref="CorruptLogException">Something durable is missing or changed.</exception>
    public LogState Run()
    {
        if (_names.Contains(EpochFile.Name)) Epoch = EpochFile.Read(disk);
        if (Epoch is not null) _beginning = BeginningFile.Read(disk, Epoch.Value.Log);
        OpenSegments();
        if (Epoch is not { } epoch) return _state;
        if (_segments.Count == 0) throw new CorruptLogException(SegmentHeader.FileName(_beginning.Segment), 0, "the log has an epoch file but no segment", 0);
        OpenSnapshots(epoch.Log);
        RefuseUncovered();
        foreach (var snapshot in _snapshots.ToList())
        {
            if (TryRunFrom(snapshot, epoch)) return _state;
            Reset();
        }
        _state.Begin(_beginning);
        _state.Feeds.Load(BeginningFile.Heads(disk).Select(FeedOf));
        DropFeeds();
        Run(0, epoch);
        return _state;
    }

    bool TryRunFrom(SnapshotFile snapshot, EpochFile epoch)
    {
        var last = snapshot.Header.HeadsSegment - _beginning.Segment + 1;
        if (snapshot.Header.HeadsSegment == 0 || last < 0 || last >= _segments.Count) return false;
        try
        {
            _state.Begin(_beginning);
            for (var i = 0; i < last; i++)
            {
                if (!TryTakeOverUnread(i, epoch.Log)) return false;
            }
            if (_state.PointAt(snapshot.Header.HeadsAt.Position) != snapshot.Header.HeadsAt) return false;
            _state.Feeds.Load(snapshot.Heads().Select(FeedOf));
            DropFeeds();
            Run(last, epoch);
            return true;
        }
        catch (CorruptSnapshotException)
        {
            _snapshots.Remove(snapshot);
            snapshot.Dispose();
            return false;
        }
        catch (CorruptLogException)
        {
            // Whether the log is damaged must not hang on a snapshot: without one the same is found again, or not.
            return false;
        }
    }

    public static Feed FeedOf(HeadRow head) => new()
    {
        App = head.Key.App,
        Id = head.Key.Feed.Value,
        Last = head.Last,
        LastPosition = head.LastPosition,
        Segment = head.Segment,
    };

    void DropFeeds()
    {
        foreach (var head in BeginningFile.Heads(disk))
        {
            if (!_state.Feeds.Drop(head.Key, head.Last))
                throw new CorruptLogException(BeginningFile.Name, 0, $"feed {head.Key.Feed.Value:x16} of app {head.Key.App} is said to begin behind its end", 0);
        }
    }

    /// <summary>What was dropped must be in a snapshot, or nobody could make the state any more.</summary>
    void RefuseUncovered()
    {
        if (_beginning.IsOfAll || _snapshots.Any(one => one.Header.At.Position >= _beginning.Before.Position)) return;
        throw new CorruptLogException(BeginningFile.Name, 0,
            $"positions 1 to {_beginning.Before.Position} were dropped, and there is no whole snapshot of position {_beginning.Before.Position} or later that holds what they said; put one of a backup in this directory", 0);
    }

    /// <param name="last">Index of the first segment that is not taken over yet.</param>
    void Run(int last, EpochFile epoch)
    {
        Synced = Math.Max(Synced, _beginning.Before.Position);
        while (true)
        {
            if (!TryTakeOver(last, epoch.Log))
            {
                Scan(_segments[last], epoch);
                if (!IsContinuedBy(last + 1, epoch.Log, _state.Committed, _state.LastEpoch)) break;
            }
            last++;
        }
        // What a replica's batches claim was true where they come from; here a whole chunk shared a sync, and what is torn from it is copied again.
        for (var i = last; i < _segments.Count && !isReplica; i++) RefuseLostClaim(_segments[i], epoch.Log);
        Ahead = _segments[(last + 1)..];
    }

    void Reset()
    {
        foreach (var index in _indexes) index.Dispose();
        _indexes.Clear();
        for (var i = 0; i < _segments.Count; i++) _segments[i] = new Segment(_segments[i].Ordinal, _segments[i].File) { Prepared = _segments[i].Prepared };
        (_state, Synced) = (new LogState(), 0);
    }

    void OpenSnapshots(ulong log)
    {
        foreach (var name in _names.Where(name => SnapshotHeader.TryParseName(name, out _)).OrderDescending(StringComparer.Ordinal))
        {
            if (SnapshotFile.TryOpen(disk, name) is not { } snapshot) continue;
            if (snapshot.Header.Log == log && SnapshotHeader.FileName(snapshot.Header.At.Position) == name) _snapshots.Add(snapshot);
            else snapshot.Dispose();
        }
    }

    /// <summary>The files now belong to the log.</summary>
    public void HandOver() => _isTaken = true;

    void OpenSegments()
    {
        var ordinals = new List<int>();
        foreach (var name in _names)
        {
            // What lies before the beginning was dropped, and a crash came before its deletion.
            if (SegmentHeader.TryParseName(name, out var ordinal) && ordinal >= _beginning.Segment) ordinals.Add(ordinal);
        }
        ordinals.Sort();
        for (var i = 0; i < ordinals.Count; i++)
        {
            var ordinal = _beginning.Segment + i;
            var name = SegmentHeader.FileName(ordinal);
            if (ordinals[i] != ordinal) throw new CorruptLogException(name, 0, "the segment is missing, though later ones are there", _beginning.Before.Position);
            var segment = new Segment(ordinal, disk.Open(name));
            _segments.Add(segment);
            if (IsWhole(segment, isLast: i == ordinals.Count - 1))
            {
                segment.Prepared = segment.File.Length;
                continue;
            }
            _segments.RemoveAt(_segments.Count - 1);
            segment.Dispose();
        }
    }

    /// <returns>False when the power went while the segment was being prepared: it is prepared again.</returns>
    bool IsWhole(Segment segment, bool isLast)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Bytes];
        var isIntact = segment.File.Read(bytes, 0) == bytes.Length && SegmentHeader.TryRead(bytes, segment.Name, out var header)
            && header.Ordinal == segment.Ordinal && (Epoch is null || header.Log == Epoch.Value.Log);
        using var scanner = new BatchScanner(segment.File);
        if (Epoch is null)
        {
            // The epoch file is written once the first segment is prepared, so without it there can be no batch.
            if (!scanner.FindClaim(0, null, 0, 0, out _, out _)) return false;
            throw new CorruptLogException(EpochFile.Name, 0, "the epoch file is missing, and an epoch must not be given twice", 0);
        }
        if (isIntact) return true;
        if (isLast && segment.Ordinal > _beginning.Segment && !scanner.FindClaim(0, Epoch.Value.Log, 0, 0, out _, out _)) return false;
        throw new CorruptLogException(segment.Name, 0, "the file is no segment of this log, or its header is damaged", 0);
    }

    bool TryTakeOver(int i, ulong log)
    {
        var ordinal = _segments[i].Ordinal;
        if (i + 1 == _segments.Count || !_names.Contains(IndexHeader.FileName(ordinal))) return false;
        if (SegmentIndex.TryOpen(disk, ordinal) is not { } index) return false;
        var feeds = new int[index.Header.Feeds];
        if (!Chains(index, i, log) || !FeedsContinue(index.Rows(), feeds))
        {
            index.Dispose();
            return false;
        }
        _state.Apply(ordinal, index.Rows(), feeds);
        Take(i, index);
        return true;
    }

    bool TryTakeOverUnread(int i, ulong log)
    {
        var ordinal = _segments[i].Ordinal;
        if (!_names.Contains(IndexHeader.FileName(ordinal)) || SegmentIndex.TryOpenHeader(disk, ordinal) is not { } index) return false;
        if (!Chains(index, i, log))
        {
            index.Dispose();
            return false;
        }
        Take(i, index);
        return true;
    }

    bool Chains(SegmentIndex index, int i, ulong log)
    {
        var header = index.Header;
        return header.Log == log && header.First == _state.Committed + 1 && header.PreviousEpoch == _state.LastEpoch
            && IsContinuedBy(i + 1, log, header.Last, header.LastEpoch);
    }

    void Take(int i, SegmentIndex index)
    {
        _indexes.Add(index);
        _state.Append(_segments[i], index);
        Synced = index.Header.Last;
    }

    bool IsContinuedBy(int i, ulong log, long last, ulong lastEpoch)
    {
        if (i >= _segments.Count) return false;
        using var scanner = new BatchScanner(_segments[i].File);
        return scanner.TryReadHeader(SegmentHeader.Bytes, out var header)
            && header.Log == log && header.First == last + 1 && header.PreviousEpoch == lastEpoch;
    }

    /// <param name="feeds">Receives each row's feed as an index in the table, or -1.</param>
    bool FeedsContinue(IEnumerable<FeedRow> rows, int[] feeds)
    {
        var i = 0;
        foreach (var row in rows)
        {
            var index = feeds[i++] = _state.Feeds.Find(row.Key);
            var (last, segment) = index < 0 ? (0, 0) : (_state.Feeds[index].Last, _state.Feeds[index].Segment);
            if (row.First != last + 1 || row.PreviousSegment != segment) return false;
        }
        return true;
    }

    void Scan(Segment segment, EpochFile epoch)
    {
        _state.Append(segment);
        using var scanner = new BatchScanner(segment.File);
        var filings = new BatchFilings(_state.Feeds);
        while (scanner.TryRead(segment.End) && Continues(scanner.Header, epoch.Log))
        {
            var header = scanner.Header;
            if (header.Epoch > epoch.Epoch)
                throw new CorruptLogException(EpochFile.Name, 0, $"it says epoch {epoch.Epoch}, and {segment.Name}+{segment.End} has {header.Epoch}", _state.Committed);
            if (filings.FileAll(scanner.RecordHeaders) is { } gap)
                throw new CorruptLogException(segment.Name, segment.End + BatchHeader.Bytes + gap.At, gap.Problem, _state.Committed);
            _state.Publish(header.First, header.Epoch, scanner.RecordHeaders, header.TotalBytes, filings.Filed);
            Synced = Math.Max(Synced, header.Synced);
        }
    }

    bool Continues(in BatchHeader header, ulong log) => header.Log == log && header.First == _state.Committed + 1
        && header.PreviousEpoch == _state.LastEpoch && header.Epoch >= _state.LastEpoch && header.Time > _state.LastTime;

    /// <summary>A tear is at the end; where a later batch knew a missing record to be synced, it was lost since.</summary>
    void RefuseLostClaim(Segment segment, ulong log)
    {
        using var scanner = new BatchScanner(segment.File);
        if (!scanner.FindClaim(segment.End, log, _state.LastEpoch, _state.Committed + 1, out var claim, out var claimOffset)) return;
        var current = _state.Current;
        using var cut = new BatchScanner(current.File);
        var problem = cut.TryRead(current.End) ? "the batch there does not continue the one before" : cut.Problem;
        throw new CorruptLogException(current.Name, current.End,
            $"{problem}, and the batch at {segment.Name}+{claimOffset} says that positions {_state.Committed + 1} to {claim.Synced} were synced", _state.Committed);
    }

    public void Dispose()
    {
        foreach (var snapshot in _snapshots) snapshot.Dispose();
        if (_isTaken) return;
        foreach (var segment in _segments) segment.File.Dispose();
        foreach (var index in _indexes) index.Dispose();
    }
}
