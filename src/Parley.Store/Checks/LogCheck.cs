using Parley.Store.Disks;
using Parley.Store.Erasing;
using Parley.Store.Feeds;
using Parley.Store.Keys;
using Parley.Store.Recovery;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Checks;

/// <summary>Reads every byte of a log and verifies it; changes nothing.</summary>
public sealed class LogCheck
{
    readonly IDisk _disk;
    readonly long _upTo;
    readonly Lock? _overwriting;
    readonly LogState _state = new();
    readonly List<LogProblem> _problems = [];
    readonly List<LogProblem> _notes = [];
    ulong _log;
    ulong _lastEpoch;
    // Where reading stopped, until the next batch tells whether something is missing there.
    LogProblem? _stop;
    bool _hasGap;
    int _segments;
    long _batches;
    long _records;
    long _bytes;
    long _first;
    Beginning _beginning = Beginning.OfAll;

    readonly SnapshotCheck _snapshots;

    LogCheck(IDisk disk, long upTo, IReadOnlyList<(string Name, SnapshotFile? File)> snapshots, Lock? overwriting)
    {
        (_disk, _upTo, _overwriting) = (disk, upTo, overwriting);
        _snapshots = new SnapshotCheck(snapshots, problem => Problem(problem.Segment, problem.Offset, problem.What), _notes.Add);
    }

    /// <summary>Checks a directory that no process has open.</summary>
    /// <exception cref="DirectoryInUseException">A process has it open; ask that one.</exception>
    public static LogReport Run(IDisk disk)
    {
        using (disk.Lock()) return Run(PendingErasures.Over(disk), long.MaxValue, SnapshotCheck.Open(disk));
    }

    /// <param name="snapshots">Disposed here.</param>
    /// <param name="overwriting">Of a log that is open.</param>
    internal static LogReport Run(IDisk disk, long upTo, IReadOnlyList<(string Name, SnapshotFile? File)> snapshots, Lock? overwriting = null)
    {
        try
        {
            return new LogCheck(disk, upTo, snapshots, overwriting).Run();
        }
        finally
        {
            foreach (var (_, file) in snapshots) file?.Dispose();
        }
    }

    LogReport Run()
    {
        var names = _disk.List().ToHashSet();
        if (names.Contains(EpochFile.Name)) ReadEpoch();
        else if (names.Any(name => SegmentHeader.TryParseName(name, out _))) Problem(EpochFile.Name, 0, "the epoch file is missing");
        if (_overwriting is null && names.Contains(ErasuresFile.Name))
            _notes.Add(new LogProblem(ErasuresFile.Name, 0, "bodies were being overwritten; they are read as the next start completes them"));
        if (names.Contains(BeginningFile.Name)) ReadBeginning();
        var ordinals = new List<int>();
        foreach (var name in names)
        {
            if (!SegmentHeader.TryParseName(name, out var ordinal)) continue;
            if (ordinal >= _beginning.Segment) ordinals.Add(ordinal);
            else if (_overwriting is null) _notes.Add(new LogProblem(name, 0, "it was dropped; the next start deletes it"));
        }
        ordinals.Sort();
        var expected = _beginning.Segment;
        foreach (var ordinal in ordinals)
        {
            if (ordinal != expected) Problem(SegmentHeader.FileName(expected), 0, "the segment is missing");
            expected = ordinal + 1;
            if (_state.Committed < _upTo) CheckSegment(ordinal, names, isLast: ordinal == ordinals[^1]);
        }
        // Rot in the very last batch can't be told from a tear; both end here.
        if (_stop is { What.Length: > 0 }) _notes.Add(_stop with { What = $"{_stop.What}; the next start cuts the log here" });
        var snapshots = _snapshots.Finish(_log, _upTo);
        if (!_beginning.IsOfAll && !snapshots.Any(one => one.IsUsable))
            Problem(BeginningFile.Name, 0, $"positions 1 to {_beginning.Before.Position} were dropped, and no whole snapshot holds what they said");
        return new LogReport(_problems, _notes, _segments, _batches, _records, _state.Feeds.Count, _first, _state.Committed, _bytes, _state.LastTime, snapshots);
    }

    void ReadEpoch()
    {
        try
        {
            (_log, _lastEpoch) = EpochFile.Read(_disk) is var file ? (file.Log, file.Epoch) : default;
        }
        catch (CorruptLogException e)
        {
            Problem(EpochFile.Name, e.Offset, "it fails its checksum");
        }
    }

    void ReadBeginning()
    {
        try
        {
            _beginning = BeginningFile.Read(_disk, _log);
            _state.Begin(_beginning);
            foreach (var head in BeginningFile.Heads(_disk))
            {
                ref var feed = ref _state.Feeds[_state.Feeds.FindOrAdd(head.Key)];
                (feed.Last, feed.LastPosition, feed.Segment) = (head.Last, head.LastPosition, head.Segment);
            }
            _snapshots.AtBeginning(_beginning, _state.Feeds);
        }
        catch (CorruptLogException e)
        {
            Problem(BeginningFile.Name, e.Offset, "it fails its checksum; put that of a backup in its place");
            // Where each feed stood is unknown, and so is whether one goes on rightly.
            _hasGap = true;
        }
    }

    void CheckSegment(int ordinal, HashSet<string> names, bool isLast)
    {
        using var segment = new Segment(ordinal, _disk.Open(SegmentHeader.FileName(ordinal)));
        _segments++;
        Span<byte> bytes = stackalloc byte[SegmentHeader.Bytes];
        if (segment.File.Read(bytes, 0) < bytes.Length || !SegmentHeader.TryRead(bytes, segment.Name, out var header))
        {
            if (isLast && ordinal > _beginning.Segment) _notes.Add(new LogProblem(segment.Name, 0, "it was never prepared wholly; the next start prepares it again"));
            else Problem(segment.Name, 0, "its header fails its checksum");
        }
        else
        {
            if (_log == 0) _log = header.Log;
            if (header.Ordinal != ordinal || header.Log != _log) Problem(segment.Name, 0, "it belongs to another log or place");
        }
        _state.Append(segment);
        CheckBatches(segment);
        if (names.Contains(IndexHeader.FileName(ordinal))) CheckIndex(segment, isUsed: IsFollowed(ordinal + 1, names));
        if (names.Contains(KeysHeader.FileName(ordinal))) CheckKeys(segment);
        if (!_hasGap) _snapshots.AtSegmentEnd(segment, _state.Feeds);
        segment.Tail = null;
    }

    void CheckBatches(Segment segment)
    {
        using var scanner = new BatchScanner(segment.File, _overwriting);
        while (_state.Committed < _upTo)
        {
            if (scanner.TryRead(segment.End) && scanner.Header.Log == _log)
            {
                CheckChain(segment, scanner.Header);
                CheckBatch(segment, scanner);
                continue;
            }
            _stop ??= new LogProblem(segment.Name, segment.End, IsZero(segment) ? "" : scanner.Problem);
            if (!scanner.FindClaim(segment.End + BatchHeader.Alignment, _log, 0, 0, out _, out var next)) return;
            segment.End = next;
        }
    }

    void CheckChain(Segment segment, in BatchHeader header)
    {
        var missing = header.First - _state.Committed - 1;
        if (missing != 0)
        {
            _hasGap = true;
            var stop = _stop is { What.Length: > 0 } ? _stop : new LogProblem(_stop?.Segment ?? segment.Name, _stop?.Offset ?? segment.End, "the log does not go on");
            var what = missing > 0
                ? $"{stop.What}; positions {_state.Committed + 1} to {header.First - 1} are missing"
                : $"{segment.Name}+{segment.End} gives position {header.First} again";
            if (missing > 0 && header.Synced <= _state.Committed) _notes.Add(stop with { What = what + ", none of them synced" });
            else Problem(stop.Segment, stop.Offset, what);
        }
        else if (header.PreviousEpoch != _state.LastEpoch) Problem(segment.Name, segment.End, $"the batch follows epoch {header.PreviousEpoch}, the one before has {_state.LastEpoch}");
        if (header.Epoch < _state.LastEpoch || (_lastEpoch > 0 && header.Epoch > _lastEpoch)) Problem(segment.Name, segment.End, $"epoch {header.Epoch} was not given then");
        if (header.Time <= _state.LastTime) Problem(segment.Name, segment.End, $"time {header.Time} µs is not after {_state.LastTime} µs");
        _stop = null;
    }

    void CheckBatch(Segment segment, BatchScanner scanner)
    {
        var header = scanner.Header;
        var filed = new List<int>();
        for (var at = 0; at < header.HeaderBytes;)
        {
            var record = new RecordHeader(scanner.RecordHeaders[at..]);
            for (var i = 0; i < record.FeedCount; i++) filed.Add(CheckFiling(segment, at, record.App, record[i]));
            at += RecordHeader.Size(record.FeedCount);
        }
        _batches++;
        _records += header.Count;
        _bytes += header.TotalBytes;
        if (_first == 0) _first = header.First;
        _state.Publish(header.First, header.Epoch, scanner.RecordHeaders, header.TotalBytes, [.. filed]);
        _snapshots.AtBatch(header, _state.LastTime);
    }

    int CheckFiling(Segment segment, int at, long app, Filing filing)
    {
        var index = _state.Feeds.FindOrAdd(new FeedKey(app, filing.Feed));
        ref var feed = ref _state.Feeds[index];
        var expected = feed.Last + ++feed.Pending;
        if (filing.Sequence == expected) return index;
        // Behind a gap in the log, gaps in feeds are its consequence.
        if (!_hasGap || filing.Sequence < expected)
        {
            Problem(segment.Name, segment.End + BatchHeader.Bytes + at,
                $"feed {filing.Feed.Value:x16} of app {app} goes from sequence {expected - 1} to {filing.Sequence}");
        }
        feed.Last += filing.Sequence - expected;
        return index;
    }

    void CheckIndex(Segment segment, bool isUsed)
    {
        var name = IndexHeader.FileName(segment.Ordinal);
        using var file = _disk.Open(name);
        var stored = new byte[file.Length];
        file.Read(stored, 0);
        if (_hasGap || stored.AsSpan().SequenceEqual(SegmentIndexWriter.Build(_log, segment, _state.Feeds))) return;
        // The segment that is appended to has no use for an index, so what lies there is a leftover.
        if (!isUsed) _notes.Add(new LogProblem(name, 0, "it is not in use; the next start deletes it"));
        else Problem(name, 0, "it does not match its segment; delete it, and the next start builds it anew");
    }

    /// <summary>Which records have which keys is not known here. Keys that are whole and speak of other records are simply not used.</summary>
    void CheckKeys(Segment segment)
    {
        using var keys = KeysFile.TryOpen(_disk, segment.Ordinal);
        var fault = keys is null ? "its header fails its checksum" : keys.Verify();
        if (fault is not null) Problem(KeysHeader.FileName(segment.Ordinal), 0, $"{fault}; delete it, and it is built anew when it is needed");
    }

    bool IsFollowed(int ordinal, HashSet<string> names)
    {
        if (!names.Contains(SegmentHeader.FileName(ordinal))) return false;
        using var file = _disk.Open(SegmentHeader.FileName(ordinal));
        using var scanner = new BatchScanner(file);
        return scanner.TryReadHeader(SegmentHeader.Bytes, out _);
    }

    static bool IsZero(Segment segment)
    {
        var buffer = new byte[64 << 10];
        for (var at = segment.End; ;)
        {
            var read = segment.File.Read(buffer, at);
            if (read == 0) return true;
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0)) return false;
            at += read;
        }
    }

    void Problem(string segment, long offset, string what)
    {
        if (_problems.Count < LogReport.MaxProblems) _problems.Add(new LogProblem(segment, offset, what));
    }
}
