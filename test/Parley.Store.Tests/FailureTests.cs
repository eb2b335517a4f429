using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

/// <summary>What the log does when the disk refuses.</summary>
public sealed class FailureTests
{
    readonly CrashingDisk _disk = new();
    readonly ManualTime _time = new();

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task After_a_failed_write_or_sync_the_log_only_reads(bool isWrite)
    {
        await using var log = await Logs.OpenAsync(_disk);
        await log.AppendAsync(Logs.Draft(100, 1));
        var batch = (await log.BeginAsync(default))!;
        batch.AddAll([Logs.Draft(600, 1)], log.LastTime);
        if (isWrite) _disk.FailNextWrite = true;
        else _disk.FailNextSync = true;
        var error = await Assert.ThrowsAsync<LogReadOnlyException>(() => log.CommitAsync(batch).AsTask());
        Assert.Contains("positions 2 to 2", error.Message, StringComparison.Ordinal);

        Assert.True(log.IsReadOnly);
        await Assert.ThrowsAsync<LogReadOnlyException>(() => log.BeginAsync(default).AsTask());
        Assert.Equal(1, log.CommittedPosition);
        Assert.Single(log.All(feed: 1));
        Assert.Equal(1, log.Head(Logs.Feed(1)).Last);
    }

    [Fact]
    public async Task A_restart_after_a_failure_keeps_the_batch_wholly_or_not_at_all()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var disk = new CrashingDisk(seed);
            var log = await Logs.OpenAsync(disk);
            await log.AppendAsync(Logs.Draft(100, 1));
            disk.FailNextWrite = seed % 2 == 0;
            disk.FailNextSync = seed % 2 == 1;
            await Assert.ThrowsAsync<LogReadOnlyException>(() => log.AppendAsync(Logs.Draft(1000, 1), Logs.Draft(1000, 1)));
            await using var again = await Logs.OpenAsync(disk.AfterPowerLoss(new Random(seed)));
            Assert.True(again.CommittedPosition is 1 or 3, $"seed {seed}");
            Assert.Equal(again.CommittedPosition, again.All(feed: 1).Count);
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_before_numbering_and_room_mends_it()
    {
        _disk.CapacityBytes = 20 << 10;
        await using var log = await Logs.OpenAsync(_disk);
        var count = 0;
        while (await log.BeginAsync(default) is { } batch)
        {
            batch.AddAll([Logs.Draft(900, 1)], log.LastTime);
            await log.CommitAsync(batch);
            count++;
        }
        Assert.InRange(count, 10, 20);
        Assert.False(log.IsReadOnly);
        Assert.Equal(count, log.All(feed: 1).Count);
        Assert.Null(await log.BeginAsync(default));

        _disk.CapacityBytes = long.MaxValue;
        Assert.Equal(count + 1, (await log.AppendAsync(Logs.Draft(900, 1)))[0].Sequence);
    }

    [Fact]
    public void Upkeep_finds_new_room_within_a_second() => new SeededContext(new Random(1)).Run(async () =>
    {
        _disk.CapacityBytes = 20 << 10;
        await using var log = await Logs.OpenAsync(_disk, time: _time);
        using var stopping = new CancellationTokenSource();
        var upkeep = log.MaintainAsync(stopping.Token);
        var count = 0;
        while (await log.BeginAsync(default) is { } batch)
        {
            batch.AddAll([Logs.Draft(900, 1)], log.LastTime);
            await log.CommitAsync(batch);
            count++;
        }
        for (var i = 0; i < 100; i++) await Task.Yield();
        _disk.CapacityBytes = long.MaxValue;
        for (var i = 0; i < 100; i++)
        {
            await Task.Yield();
            Assert.Null(await log.BeginAsync(default));
        }
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++) await Task.Yield();
        Assert.Equal(count + 1, (await log.AppendAsync(Logs.Draft(900, 1)))[0].Sequence);
        stopping.Cancel();
        await upkeep;
    });

    [Fact]
    public async Task A_failed_preparation_makes_the_log_read_only()
    {
        await using var log = await Logs.OpenAsync(_disk);
        // The first step of 4 KiB is smaller by the segment's header than the largest batch, so another is prepared.
        _disk.FailNextSync = true;
        await Assert.ThrowsAsync<LogReadOnlyException>(() => log.BeginAsync(default).AsTask());
        Assert.True(log.IsReadOnly);
        Assert.Empty(log.All(feed: 1));
    }

    [Fact]
    public async Task A_writer_waits_for_upkeep_and_outlives_its_end()
    {
        await using var log = await Logs.OpenAsync(_disk);
        using var stopping = new CancellationTokenSource();
        var upkeep = log.MaintainAsync(stopping.Token);
        for (var i = 0; i < 100; i++) await log.AppendAsync(Logs.Draft(1000, 1));
        await stopping.CancelAsync();
        await upkeep;
        for (var i = 0; i < 100; i++) await log.AppendAsync(Logs.Draft(1000, 1));
        Assert.Equal(200, log.All(feed: 1).Count);
        Assert.Empty(log.Check().Problems);
    }

    [Fact]
    public async Task A_cancelled_begin_leaves_the_log_usable()
    {
        await using var log = await Logs.OpenAsync(_disk);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => log.BeginAsync(new CancellationToken(true)).AsTask());
        await log.AppendAsync(Logs.Draft(1, 1));
    }

    [Fact]
    public async Task A_directory_is_one_process_s()
    {
        await using (await Logs.OpenAsync(_disk))
            await Assert.ThrowsAsync<Store.Disks.DirectoryInUseException>(() => Logs.OpenAsync(_disk));
        await using var again = await Logs.OpenAsync(_disk);
        Assert.Equal(2, again.Epoch);
    }

    [Fact]
    public async Task An_epoch_is_given_once_even_when_nothing_was_written_in_it()
    {
        var disk = _disk;
        for (var epoch = 1; epoch <= 5; epoch++)
        {
            var log = await Logs.OpenAsync(disk);
            Assert.Equal(epoch, log.Epoch);
            disk = epoch % 2 == 0 ? disk.AfterPowerLoss(new Random(epoch)) : disk.AfterProcessCrash();
        }
    }

    [Fact]
    public async Task A_refused_start_gives_the_directory_back()
    {
        await using (var log = await Logs.OpenAsync(_disk)) await log.AppendAsync(Logs.Draft(1, 1));
        _disk.Flip("epoch", 20);
        await Assert.ThrowsAsync<CorruptLogException>(() => Logs.OpenAsync(_disk));
        _disk.Flip("epoch", 20);
        await using var again = await Logs.OpenAsync(_disk);
        Assert.Equal(1, again.CommittedPosition);
    }
}
