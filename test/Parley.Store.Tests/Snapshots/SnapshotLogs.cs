using Parley.Store.Snapshots;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Snapshots;

/// <summary>Logs with snapshots, and what a start makes of them.</summary>
static class SnapshotLogs
{
    public static readonly ulong[] Feeds = [.. Enumerable.Range(1, 9).Select(feed => (ulong)feed)];

    /// <summary>Appends records of random sizes under random feeds.</summary>
    public static async Task FillAsync(this Log log, Random random, int batches)
    {
        for (; batches > 0; batches--)
        {
            await log.AppendAsync([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
            {
                var body = new byte[random.Next(900)];
                random.NextBytes(body);
                return new Draft(body, [.. Feeds.Where(feed => random.Next((int)feed + 1) == 0)]);
            })]);
        }
    }

    /// <summary>The body that belongs to a position: so long that it takes more than one read, and different for each.</summary>
    public static byte[] BodyAt(long position)
    {
        var body = new byte[3000 + (position * 7)];
        new Random((int)position).NextBytes(body);
        return body;
    }

    public static async Task SnapshotAsync(this Log log, long position, byte[]? body = null)
    {
        using var writer = log.BeginSnapshot(position);
        // In pieces, as a serializer writes.
        foreach (var piece in (body ?? BodyAt(position)).Chunk(700)) writer.Body.Write(piece);
        await writer.CompleteAsync(default);
    }

    public static byte[] ReadBody(this SnapshotReader reader)
    {
        using var bytes = new MemoryStream();
        reader.Body.CopyTo(bytes, 511);
        return bytes.ToArray();
    }

    public static IEnumerable<string> SnapshotNames(this CrashingDisk disk) => disk.List().Where(name => name.Contains(".snapshot", StringComparison.Ordinal));

    /// <summary>Position of the newest snapshot that reads whole, as a host looks for it; 0 without. Its body is the one that was written.</summary>
    public static long NewestReadable(this Log log, string what)
    {
        for (var before = long.MaxValue; ;)
        {
            using var reader = log.OpenSnapshot(before);
            if (reader is null) return 0;
            Assert.True(reader.Position < before, what);
            try
            {
                Assert.True(reader.ReadBody().AsSpan().SequenceEqual(BodyAt(reader.Position)), what);
                return reader.Position;
            }
            catch (CorruptSnapshotException)
            {
                before = reader.Position;
            }
        }
    }

    /// <summary>Opened from the snapshots that are there and opened without any, a directory gives the same heads and the same records.</summary>
    public static async Task SameWithoutAsync(CrashingDisk disk, LogOptions options, string what)
    {
        var bare = Logs.Disk(disk.Image().Where(file => !file.Key.Contains(".snapshot", StringComparison.Ordinal)));
        await using var with = await Logs.OpenAsync(disk, options);
        await using var without = await Logs.OpenAsync(bare, options);
        Same(with, without, what);
        // And what is appended goes on alike.
        await with.AppendAsync(Logs.Draft(10, Feeds));
        await without.AppendAsync(Logs.Draft(10, Feeds));
        Same(with, without, what);
        // A damaged snapshot or index that a start could do without is still there.
        Assert.True(with.Check().Problems.All(problem => !problem.Segment.EndsWith(".segment", StringComparison.Ordinal)), what);
    }

    static void Same(Log left, Log right, string what)
    {
        Assert.True((left.CommittedPosition, left.LastTime, left.Epoch, left.SealedPosition) == (right.CommittedPosition, right.LastTime, right.Epoch, right.SealedPosition), what);
        foreach (var feed in Feeds)
        {
            Assert.True(left.Head(Logs.Feed(feed)) == right.Head(Logs.Feed(feed)), $"{what}: feed {feed}");
            Same(left.All(feed), right.All(feed), what);
            Same(left.ReadLast(Logs.Feed(feed), 7, int.MaxValue), right.ReadLast(Logs.Feed(feed), 7, int.MaxValue), what);
        }
        Same(left.All(), right.All(), what);
    }

    static void Same(IReadOnlyList<LogRecord> left, IReadOnlyList<LogRecord> right, string what)
    {
        Assert.True(left.Count == right.Count, $"{what}: {left.Count} records, {right.Count} without snapshot");
        for (var i = 0; i < left.Count; i++)
        {
            Assert.True(left[i].Position == right[i].Position && left[i].Filings.AsSpan().SequenceEqual(right[i].Filings)
                && left[i].Body.Span.SequenceEqual(right[i].Body.Span), $"{what}: record {i}");
        }
    }
}
