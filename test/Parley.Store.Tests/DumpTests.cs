using System.Text.Json;
using Parley.Store.Checks;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

public sealed class DumpTests
{
    static async Task<CrashingDisk> FilledAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        for (byte i = 1; i <= 43; i++) await log.AppendAsync(new Draft([.. Enumerable.Repeat(i, 1000)], 1, (ulong)(2 + (i % 2))));
        return disk;
    }

    [Fact]
    public async Task Every_record_comes_in_order_and_nothing_is_changed()
    {
        var disk = await FilledAsync();
        var before = disk.Image();
        var dumped = LogDump.Read(disk).ToList();
        Assert.All(before, file => Assert.Equal(file.Value, disk.Bytes(file.Key)));
        await using var log = await Logs.OpenAsync(disk);
        foreach (var (record, line) in log.All().Zip(dumped, (record, line) => (record, line)))
        {
            Assert.Equal((record.Position, record.Time, 1L, record.App, (int)record.Type), (line.Position, line.Time, line.Epoch, line.App, line.Type));
            Assert.Equal(record.Filings.Select(filing => new DumpedFiling($"{filing.Feed.Value:x16}", filing.Sequence)), line.Feeds);
            Assert.True(record.Body.Span.SequenceEqual(line.Body));
        }
        Assert.Equal(43, dumped.Count);
        Assert.StartsWith("""{"Position":1,"Time":1,"Epoch":1,"App":7,"Type":1,"Feeds":[{"Feed":"0000000000000001","Sequence":1}""", JsonSerializer.Serialize(dumped[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_is_a_range()
    {
        var disk = await FilledAsync();
        Assert.Equal([12L, 13, 14], LogDump.Read(disk, 12, 14).Select(record => record.Position));
        Assert.Empty(LogDump.Read(disk, 44));
    }

    [Fact]
    public async Task Damaged_stretches_are_passed_over_and_said()
    {
        var disk = await FilledAsync();
        disk.Flip("00000002.segment", 5000);
        var problems = new List<LogProblem>();
        Assert.Equal(42, LogDump.Read(disk, onProblem: problems.Add).Count());
        Assert.Equal("00000002.segment", Assert.Single(problems).Segment);
    }
}
