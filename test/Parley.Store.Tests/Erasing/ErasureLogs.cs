using Parley.Store.Erasing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Erasing;

static class ErasureLogs
{
    public static Draft RandomDraft(Random random, int bytes)
    {
        var body = new byte[bytes];
        random.NextBytes(body);
        return new Draft(body, [.. Enumerable.Range(1, 4).Where(_ => random.Next(2) == 0).Select(feed => (ulong)feed)]);
    }

    /// <summary>Batches of random bodies, all long enough to be overwritten, some of them longer than a sector.</summary>
    public static async Task FillAsync(this Log log, Random random, int batches)
    {
        for (; batches > 0; batches--)
            await log.AppendAsync([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomDraft(random, random.Next(4) == 0 ? random.Next(600, 1_200) : random.Next(Replacement.MinBodyBytes, 90)))]);
    }

    public static List<Replacement> ReplacementsFor(IEnumerable<LogRecord> records, Func<LogRecord, bool> isWanted, Random random)
        => [.. records.Where(isWanted).Select(record => new Replacement(record.Position, RandomDraft(random, record.Body.Length).Body))];

    /// <summary>Everything is as before, but for the bodies named, all but their last four bytes; read in each way there is.</summary>
    public static void AssertOverwritten(Log log, IReadOnlyList<LogRecord> before, IReadOnlyList<Replacement> replacements, int more = 0, string what = "")
    {
        var bodies = replacements.ToDictionary(one => one.Position, one => one.Body);
        var after = log.All();
        Assert.True(after.Count == before.Count + more, $"{what}: {after.Count} records instead of {before.Count + more}");
        using var scan = log.Scan(1, before.Count);
        for (var i = 0; i < before.Count; i++)
        {
            var (old, now) = (before[i], after[i]);
            Assert.True((old.Position, old.Type, old.App, old.Time) == (now.Position, now.Type, now.App, now.Time) && old.Filings.SequenceEqual(now.Filings), $"{what}: position {old.Position}");
            var isAsWanted = bodies.TryGetValue(old.Position, out var body) ? now.Body.Length == body.Length && now.Body.Span[..^4].SequenceEqual(body.Span[..^4]) : now.Body.Span.SequenceEqual(old.Body.Span);
            Assert.True(isAsWanted, $"{what}: body at {old.Position}");
            Assert.True(scan.TryNext() && scan.Body.SequenceEqual(now.Body.Span), $"{what}: scan at {old.Position}");
        }
        for (ulong feed = 1; feed <= 4; feed++)
        {
            var filed = after.Where(record => record.Filings.Any(filing => filing.Feed.Value == feed)).ToList();
            Assert.Equal(filed.Count, log.Head(Logs.Feed(feed)).Last);
            Assert.Equal(filed.Select(record => record.Body.ToArray()), log.All(feed).Select(record => record.Body.ToArray()));
        }
        Assert.Empty(log.Check().Problems);
    }

    /// <summary>No file holds any old body: neither all of it nor, if it is longer, its first or last 16 bytes.</summary>
    public static void AssertGone(CrashingDisk disk, IEnumerable<LogRecord> old)
    {
        var image = disk.Image();
        foreach (var record in old)
        {
            // Shorter ones are in random bytes by chance.
            if (record.Body.Length < 8) continue;
            foreach (var part in new[] { record.Body, record.Body[..Math.Min(16, record.Body.Length)], record.Body[^Math.Min(16, record.Body.Length)..] })
            {
                foreach (var (name, bytes) in image) Assert.True(bytes.AsSpan().IndexOf(part.Span) < 0, $"the body at {record.Position} is still in {name}");
            }
        }
    }
}
