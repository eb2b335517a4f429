using System.Text;
using Parley.Store.Checks;
using Parley.Store.Feeds;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Formats;

/// <summary>Directories that earlier releases wrote still open, read whole and take more.</summary>
public sealed class ReleasedFormatTests
{
    static CrashingDisk Load(string name)
    {
        var directory = Path.Combine(AppContext.BaseDirectory, "Formats", name);
        return Logs.Disk(Directory.GetFiles(directory).Select(path => KeyValuePair.Create(Path.GetFileName(path), File.ReadAllBytes(path))));
    }

    static void HasRecords(Log log, int count)
    {
        var records = log.All();
        Assert.Equal(count, records.Count);
        var sequences = new Dictionary<FeedKey, long>();
        for (var i = 1; i <= count; i++)
        {
            var record = records[i - 1];
            Assert.Equal((i, (ushort)(i % 7), i % 2, i * 1000L), (record.Position, record.Type, record.App, record.Time));
            Assert.Equal(string.Concat(Enumerable.Repeat($"record {i} ", i % 5)), Encoding.UTF8.GetString(record.Body.Span));
            Assert.Equal([1UL, (ulong)(10 + (i % 3))], record.Filings.Select(filing => filing.Feed.Value));
            foreach (var filing in record.Filings)
            {
                var feed = new FeedKey(record.App, filing.Feed);
                Assert.Equal(sequences[feed] = sequences.GetValueOrDefault(feed) + 1, filing.Sequence);
            }
        }
        foreach (var (feed, last) in sequences)
        {
            Assert.Equal(last, log.Head(feed).Last);
            Assert.Equal(last, log.ReadFeed(feed, 1, long.MaxValue, int.MaxValue, int.MaxValue).Count);
        }
    }

    [Theory]
    [InlineData("v1/whole", 55, 3), InlineData("v1/torn", 53, 3), InlineData("v1/snapshot", 55, 4)]
    public async Task A_directory_of_a_released_format_opens_and_takes_more(string name, int count, long epoch)
    {
        var disk = Load(name);
        var report = LogCheck.Run(disk);
        Assert.Empty(report.Problems);
        Assert.Equal((count, name.EndsWith("torn", StringComparison.Ordinal)), (report.LastPosition, report.Notes.Count > 0));
        await using (var log = await Logs.OpenAsync(disk))
        {
            Assert.Equal((Logs.Id, epoch + 1), ((ulong)log.LogId, log.Epoch));
            HasRecords(log, count);
            for (var i = 0; i < 30; i++) await log.AppendAsync(Logs.Draft(900, 1));
            Assert.Empty(log.Check().Problems);
        }
        await using var again = await Logs.OpenAsync(disk);
        Assert.Equal(count + 30, again.CommittedPosition);
        Assert.Empty(again.Check().Problems);
    }

    [Fact]
    public async Task Snapshots_of_a_released_format_are_used()
    {
        var disk = Load("v1/snapshot");
        await using var log = await Logs.OpenAsync(disk);
        Assert.All(["00000001.index", "00000002.index"], name => Assert.Equal(1, disk.ReadsOf(name)));
        Assert.Equal(55, log.SnapshotPosition);
        foreach (var (before, position) in new[] { (long.MaxValue, 55L), (55, 42) })
        {
            using var reader = log.OpenSnapshot(before)!;
            Assert.Equal((position, position * 1000), (reader.Position, reader.Time));
            using var text = new StreamReader(reader.Body);
            Assert.Equal($"the state at {position}", await text.ReadToEndAsync());
        }
        HasRecords(log, 55);
    }
}
