using Parley.Store.Tests.Snapshots;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Retention;

/// <summary>Logs whose beginning can be dropped, and what must be true of one whose beginning was.</summary>
static class DropLogs
{
    /// <summary>Several segments, then two snapshots some segments apart, then more.</summary>
    public static async Task<Log> FilledAsync(CrashingDisk disk, int seed)
    {
        var log = await Logs.OpenAsync(disk);
        // Of a feed that nothing is said in any more.
        await log.AppendAsync(Logs.Draft(20, 77, 78), Logs.Draft(20, 77));
        var random = new Random(seed);
        await log.FillAsync(random, 60);
        await log.SnapshotAsync(log.SealedPosition);
        await log.FillAsync(random, 40);
        await log.AppendAsync(Logs.Draft(20, 78));
        await log.SnapshotAsync(log.SealedPosition);
        await log.FillAsync(random, 40);
        return log;
    }

    public static Task<int> DropAsync(this Log log, long before = long.MaxValue) => log.DropBeforeAsync(before, default).AsTask();

    public static List<string> SegmentNames(this CrashingDisk disk) => [.. disk.List().Where(name => name.EndsWith(".segment", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>All that the log says, as it was before the drop.</summary>
    public sealed record Told(IReadOnlyList<LogRecord> Records, Dictionary<ulong, (Feeds.FeedHead Head, IReadOnlyList<LogRecord> Records)> Feeds)
    {
        public static Told Of(Log log) => new(log.All(), new ulong[] { 77, 78, 99 }.Concat(SnapshotLogs.Feeds).ToDictionary(feed => feed, feed => (log.Head(Logs.Feed(feed)), log.All(feed))));
    }

    /// <summary>From its first position on the log says what it said, and nothing before.</summary>
    public static void Says(this Log log, Told told, string what)
    {
        var first = log.FirstPosition;
        Same([.. told.Records.Where(record => record.Position >= first)], log.All(), what);
        Assert.True(log.ReadFrom(first, 1, int.MaxValue)[0].Position == first, what);
        using (var scan = log.Scan(1, long.MaxValue)) Assert.True(scan.TryNext() && scan.Position == first, what);
        foreach (var (feed, (head, records)) in told.Feeds)
        {
            var (key, now) = (Logs.Feed(feed), log.Head(Logs.Feed(feed)));
            var left = records.Where(record => record.Position >= first).ToList();
            Assert.True((now.Last, now.LastPosition, now.FirstReadable) == (head.Last, head.LastPosition, head.Last - left.Count + 1), $"{what}: feed {feed} is at {now}");
            Same(left, log.All(feed), what);
            Same([.. left.TakeLast(7)], log.ReadLast(key, 7, int.MaxValue), what);
            Same([.. left.TakeLast(1000)], log.ReadLast(key, 1000, int.MaxValue), what);
            Assert.True(log.ReadFeed(key, 1, now.FirstReadable - 1, 100, int.MaxValue).Count == 0, what);
        }
    }

    static void Same(List<LogRecord> expected, IReadOnlyList<LogRecord> actual, string what)
    {
        Assert.True(expected.Select(record => (record.Position, record.Time)).SequenceEqual(actual.Select(record => (record.Position, record.Time))), $"{what}: {actual.Count} records instead of {expected.Count}");
        for (var i = 0; i < expected.Count; i++) Assert.True(expected[i].Body.Span.SequenceEqual(actual[i].Body.Span) && expected[i].Filings.AsSpan().SequenceEqual(actual[i].Filings), what);
    }

    /// <summary>Goes on as any log does: sequences without gap, new segments, snapshots that a start can use.</summary>
    public static async Task GoesOnAsync(this Log log, string what)
    {
        foreach (var feed in (ulong[])[77, 78, 99, 1])
        {
            var last = log.Head(Logs.Feed(feed)).Last;
            Assert.True((await log.AppendAsync(Logs.Draft(30, feed)))[0].Sequence == last + 1, $"{what}: feed {feed}");
        }
        await log.FillAsync(new Random(3), 25);
        await log.SnapshotAsync(log.SealedPosition);
        var report = log.Check();
        Assert.True(report.IsSound && report.FirstPosition == log.FirstPosition, $"{what}: {string.Join("; ", report.Problems)} begins at {report.FirstPosition}");
    }
}
