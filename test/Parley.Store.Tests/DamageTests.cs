using Parley.Store.Checks;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

/// <summary>Losses that no crash explains: refused by a start, named by a check, and nothing is changed.</summary>
public sealed class DamageTests
{
    /// <summary>Four segments, the first three with index.</summary>
    static async Task<CrashingDisk> FourSegmentsAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        for (var i = 0; i < 43; i++) await log.AppendAsync(Logs.Draft(1000, 1));
        Assert.Contains("00000003.index", disk.List());
        Assert.DoesNotContain("00000004.index", disk.List());
        return disk;
    }

    static async Task<CorruptLogException> RefusesAsync(CrashingDisk disk)
    {
        var before = disk.Image();
        var report = LogCheck.Run(disk);
        Assert.False(report.IsSound);
        var error = await Assert.ThrowsAsync<CorruptLogException>(() => Logs.OpenAsync(disk));
        Assert.Equal(before.Keys.Order(), disk.List());
        Assert.All(before, file => Assert.Equal(file.Value, disk.Bytes(file.Key)));
        Assert.Contains(report.Problems, problem => problem.Segment == error.Segment);
        return error;
    }

    [Fact]
    public async Task A_sound_log_opens()
    {
        var disk = await FourSegmentsAsync();
        await using var log = await Logs.OpenAsync(disk);
        Assert.Equal(43, log.CommittedPosition);
    }

    [Theory]
    [InlineData("00000001.segment"), InlineData("00000002.segment"), InlineData("00000003.segment")]
    public async Task A_missing_segment_is_damage(string name)
    {
        var disk = await FourSegmentsAsync();
        disk.Remove(name);
        Assert.Equal(name, (await RefusesAsync(disk)).Segment);
    }

    [Fact]
    public async Task A_missing_or_changed_epoch_file_is_damage()
    {
        var disk = await FourSegmentsAsync();
        disk.Flip("epoch", 16);
        Assert.Equal("epoch", (await RefusesAsync(disk)).Segment);
        disk.Remove("epoch");
        Assert.Equal("epoch", (await RefusesAsync(disk)).Segment);
    }

    [Fact]
    public async Task An_epoch_file_older_than_the_batches_is_damage()
    {
        var disk = await FourSegmentsAsync();
        var old = disk.Bytes("epoch");
        await using (var log = await Logs.OpenAsync(disk)) await log.AppendAsync(Logs.Draft(10, 1));
        disk.Put("epoch", old);
        var error = await Assert.ThrowsAsync<CorruptLogException>(() => Logs.OpenAsync(disk));
        Assert.Equal("epoch", error.Segment);
    }

    [Fact]
    public async Task A_changed_segment_header_is_damage()
    {
        var disk = await FourSegmentsAsync();
        disk.Flip("00000002.segment", 17);
        Assert.Equal("00000002.segment", (await RefusesAsync(disk)).Segment);
    }

    [Fact]
    public async Task A_segment_of_another_log_is_damage()
    {
        var disk = await FourSegmentsAsync();
        var other = new CrashingDisk();
        await using (var log = await Log.OpenAsync(other, Logs.Small, new ManualTime(), 99)) await log.AppendAsync(Logs.Draft(10, 1));
        disk.Put("00000001.segment", other.Bytes("00000001.segment"));
        Assert.Equal("00000001.segment", (await RefusesAsync(disk)).Segment);
    }

    [Fact]
    public async Task A_full_segment_that_lost_its_end_is_damage()
    {
        var disk = await FourSegmentsAsync();
        disk.Remove("00000002.index");
        var bytes = disk.Bytes("00000002.segment");
        bytes.AsSpan(11_520).Clear();
        disk.Put("00000002.segment", bytes);
        var error = await RefusesAsync(disk);
        Assert.Equal("00000002.segment", error.Segment);
        Assert.Equal(64 + (10 * 1144), error.Offset);
    }

    [Fact]
    public async Task A_changed_body_in_a_full_segment_is_found_by_a_check_though_the_log_opens()
    {
        var disk = await FourSegmentsAsync();
        disk.Flip("00000002.segment", 5000);
        var before = disk.Image();
        var report = LogCheck.Run(disk);
        var problem = Assert.Single(report.Problems);
        Assert.Equal("00000002.segment", problem.Segment);
        Assert.InRange(problem.Offset, 3800, 5000);
        Assert.Contains("are missing", problem.What, StringComparison.Ordinal);
        Assert.All(before, file => Assert.Equal(file.Value, disk.Bytes(file.Key)));

        await using var log = await Logs.OpenAsync(disk);
        Assert.Throws<CorruptRecordException>(() => log.All(feed: 1));
        Assert.Equal(43, log.ReadLast(Logs.Feed(1), 1, 9999).Single().Position);
    }

    [Fact]
    public async Task A_sound_log_is_reported_with_its_totals()
    {
        var disk = await FourSegmentsAsync();
        var report = LogCheck.Run(disk);
        Assert.Empty(report.Problems);
        Assert.Empty(report.Notes);
        // 80 + 64 + 1000 bytes each.
        Assert.Equal((43, 43, 1, 1, 43, 43 * 1144), (report.Batches, report.Records, report.Feeds, report.FirstPosition, report.LastPosition, report.Bytes));
        await using var log = await Logs.OpenAsync(disk);
        Assert.Equal(report.Records, log.Check().Records);
        Assert.Throws<Store.Disks.DirectoryInUseException>(() => LogCheck.Run(disk));
    }

    [Fact]
    public async Task A_torn_last_batch_is_a_note()
    {
        var disk = await FourSegmentsAsync();
        var bytes = disk.Bytes("00000004.segment");
        disk.Flip("00000004.segment", bytes.AsSpan().LastIndexOfAnyExcept((byte)0));
        var report = LogCheck.Run(disk);
        Assert.Empty(report.Problems);
        Assert.Equal("00000004.segment", Assert.Single(report.Notes).Segment);
        Assert.Equal(42, report.LastPosition);
    }

    [Fact]
    public async Task A_wrong_index_is_named()
    {
        var disk = await FourSegmentsAsync();
        disk.Flip("00000002.index", 200);
        Assert.Equal("00000002.index", Assert.Single(LogCheck.Run(disk).Problems).Segment);
    }

    [Fact]
    public void An_empty_directory_has_no_problem() => Assert.True(LogCheck.Run(new CrashingDisk()).IsSound);
}
