using Parley.Store.Disks;
using Parley.Store.Feeds;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Checks;

/// <summary>Holds snapshots to the log while that is read: the record each stands at, and the feed heads it claims.</summary>
sealed class SnapshotCheck(IReadOnlyList<(string Name, SnapshotFile? File)> snapshots, Action<LogProblem> problem, Action<LogProblem> note)
{
    readonly HashSet<string> _faulty = [];
    readonly HashSet<string> _met = [];

    public static IReadOnlyList<(string Name, SnapshotFile? File)> Open(IDisk disk)
        => [.. disk.List().Where(name => SnapshotHeader.TryParseName(name, out _)).Order(StringComparer.Ordinal).Select(name => (name, SnapshotFile.TryOpen(disk, name)))];

    /// <param name="time">Of the batch's last record.</param>
    public void AtBatch(in BatchHeader batch, long time)
    {
        foreach (var (name, file) in snapshots)
        {
            if (file is null || file.Header.At.Position != batch.Last || file.Header.Log != batch.Log) continue;
            if (file.Header.At == new LogPoint(batch.Last, batch.Epoch, time)) _met.Add(name);
        }
    }

    /// <summary>A snapshot may stand at the last record that was dropped.</summary>
    public void AtBeginning(Beginning beginning, FeedTable feeds)
    {
        foreach (var (name, file) in snapshots)
        {
            if (file is not null && file.Header.At == beginning.Before) _met.Add(name);
        }
        AtSegmentEnd(beginning.Segment - 1, beginning.Before.Position, feeds);
    }

    public void AtSegmentEnd(Segment segment, FeedTable feeds) => AtSegmentEnd(segment.Ordinal, segment.Last, feeds);

    void AtSegmentEnd(int ordinal, long last, FeedTable feeds)
    {
        foreach (var (name, file) in snapshots)
        {
            if (file is null || file.Header.HeadsSegment != ordinal || file.Header.HeadsAt.Position != last) continue;
            try
            {
                var count = 0;
                foreach (var head in file.Heads())
                {
                    count++;
                    var index = feeds.Find(head.Key);
                    if (index >= 0 && (feeds[index].Last, feeds[index].LastPosition, feeds[index].Segment) == (head.Last, head.LastPosition, head.Segment)) continue;
                    Faulty(name, SnapshotHeader.Bytes, $"feed {head.Key.Feed.Value:x16} of app {head.Key.App} does not end at sequence {head.Last}");
                    return;
                }
                if (count != feeds.Count) Faulty(name, SnapshotHeader.Bytes, $"it has {count} feeds where the log has {feeds.Count}");
            }
            catch (CorruptSnapshotException)
            {
                // Said when all of it is read.
            }
        }
    }

    /// <param name="upTo">A live log may have grown past what is checked; snapshots beyond are left out.</param>
    public List<SnapshotReport> Finish(ulong log, long upTo)
    {
        var reports = new List<SnapshotReport>();
        foreach (var (name, file) in snapshots)
        {
            if (file is null)
            {
                Faulty(name, 0, "its header or trailer is not whole");
                reports.Add(new SnapshotReport(name, 0, 0, 0, "", IsUsable: false));
                continue;
            }
            if (file.Header.At.Position > upTo) continue;
            Verify(name, file);
            if (file.Header.Log != log) note(new LogProblem(name, 0, "it belongs to another log, so it is not used"));
            else if (!_met.Contains(name)) note(new LogProblem(name, 0, $"the record it was made at, position {file.Header.At.Position}, is not in the log, so it is not used"));
            reports.Add(new SnapshotReport(name, file.Header.At.Position, file.Header.At.Time, file.Header.BodyBytes,
                Convert.ToHexStringLower(file.Trailer.Digest), file.Header.Log == log && _met.Contains(name) && !_faulty.Contains(name)));
        }
        return reports;
    }

    void Verify(string name, SnapshotFile file)
    {
        try
        {
            file.Verify();
            if (SnapshotHeader.FileName(file.Header.At.Position) != name) Faulty(name, 0, "it stands at another position than its name says");
        }
        catch (CorruptSnapshotException e)
        {
            Faulty(name, e.Offset, e.Problem);
        }
    }

    void Faulty(string name, long offset, string what)
    {
        if (_faulty.Add(name)) problem(new LogProblem(name, offset, $"{what}; an older snapshot or the whole log is read instead"));
    }
}
