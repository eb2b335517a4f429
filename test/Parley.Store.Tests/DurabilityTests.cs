using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

public sealed class DurabilityTests
{
    readonly ManualTime _time = new();
    long _syncs;

    CrashingDisk CountingDisk() => new(0, () =>
    {
        _syncs++;
        return ValueTask.CompletedTask;
    });

    static LogOptions With(Durability durability) => new() { SegmentBytes = 64 << 10, PrepareBytes = 32 << 10, MaxBatchBytes = 4 << 10, Durability = durability };

    [Theory]
    [InlineData(Durability.Commit, 10), InlineData(Durability.Interval, 0), InlineData(Durability.System, 0)]
    public async Task Only_Commit_syncs_each_batch(Durability durability, int expected)
    {
        var disk = CountingDisk();
        await using var log = await Logs.OpenAsync(disk, With(durability), _time);
        await log.AppendAsync(Logs.Draft(10, 1));
        var before = _syncs;
        for (var i = 0; i < 10; i++) await log.AppendAsync(Logs.Draft(10, 1));
        Assert.Equal(expected, _syncs - before);
        Assert.Equal(11, log.CommittedPosition);
        await using var restarted = await Logs.OpenAsync(disk.AfterProcessCrash(), With(durability), _time);
        Assert.Equal(11, restarted.CommittedPosition);
    }

    [Fact]
    public async Task Interval_syncs_with_the_first_commit_after_it()
    {
        var disk = CountingDisk();
        await using var log = await Logs.OpenAsync(disk, With(Durability.Interval), _time);
        for (var i = 0; i < 5; i++) await log.AppendAsync(Logs.Draft(10, 1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await log.AppendAsync(Logs.Draft(10, 1));
        await using var restarted = await Logs.OpenAsync(disk.AfterPowerLoss(new Random(1)), With(Durability.Interval), _time);
        Assert.Equal(6, restarted.CommittedPosition);
    }

    [Fact]
    public async Task Interval_syncs_in_upkeep_when_no_commit_comes()
    {
        var synced = new TaskCompletionSource();
        var isWatching = false;
        var disk = new CrashingDisk(0, () =>
        {
            if (isWatching) synced.TrySetResult();
            return ValueTask.CompletedTask;
        });
        await using var log = await Logs.OpenAsync(disk, With(Durability.Interval), _time);
        using var stopping = new CancellationTokenSource();
        var upkeep = log.MaintainAsync(stopping.Token);
        await log.AppendAsync(Logs.Draft(10, 1));
        isWatching = true;
        _time.Advance(TimeSpan.FromSeconds(1));
        await synced.Task;
        await stopping.CancelAsync();
        await upkeep;
        await using var restarted = await Logs.OpenAsync(disk.AfterPowerLoss(new Random(1)), With(Durability.Interval), _time);
        Assert.Equal(1, restarted.CommittedPosition);
    }

    [Theory]
    [InlineData(Durability.Interval), InlineData(Durability.System)]
    public async Task Closing_syncs_what_was_not(Durability durability)
    {
        var disk = new CrashingDisk();
        await using (var log = await Logs.OpenAsync(disk, With(durability), _time)) await log.AppendAsync(Logs.Draft(10, 1));
        await using var restarted = await Logs.OpenAsync(disk.AfterPowerLoss(new Random(1)), With(durability), _time);
        Assert.Equal(1, restarted.CommittedPosition);
    }

    [Theory]
    [InlineData(Durability.Interval), InlineData(Durability.System)]
    public async Task A_power_cut_leaves_a_prefix_of_whole_batches_and_is_no_damage(Durability durability)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var disk = new CrashingDisk(seed);
            var options = Logs.Small;
            options.Durability = durability;
            var log = await Logs.OpenAsync(disk, options, _time);
            // Through several segments, so that later ones may arrive where earlier ones did not.
            for (var i = 0; i < 40; i++) await log.AppendAsync(Logs.Draft(300, 1), Logs.Draft(300, 1));
            await using var restarted = await Logs.OpenAsync(disk.AfterPowerLoss(new Random(seed)), options, _time);
            Assert.True(restarted.CommittedPosition % 2 == 0, $"seed {seed}");
            Assert.Equal(restarted.CommittedPosition, restarted.All(feed: 1).Count);
            Assert.Empty(restarted.Check().Problems);
        }
    }
}
