using Parley.Store.Backups;
using Parley.Store.Checks;
using Parley.Store.Replication;
using Parley.Store.Tests.Snapshots;
using Parley.Testing;
using Parley.Testing.Disks;
using static Parley.Store.Tests.Retention.DropLogs;

namespace Parley.Store.Tests.Retention;

public sealed class DropTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public async Task What_is_left_reads_as_before_and_goes_on(int seed)
    {
        var disk = new CrashingDisk();
        await using var log = await FilledAsync(disk, seed);
        var told = Told.Of(log);
        var (segments, middle) = (disk.SegmentNames(), log.SegmentSince(told.Records[told.Records.Count / 4].Time));
        Assert.True(middle > 1, $"seed {seed}");
        // Nothing at or behind the position goes.
        var dropped = await log.DropAsync(middle);
        Assert.Equal(middle, log.FirstPosition);
        Assert.Equal(segments[dropped..], disk.SegmentNames());
        log.Says(told, $"seed {seed}");
        Assert.Equal(0, await log.DropAsync(middle));

        // Nor what is not in both snapshots.
        Assert.True(await log.DropAsync() > 0);
        Assert.True(log.FirstPosition <= log.OpenSnapshot(log.SnapshotPosition)!.Position + 1);
        log.Says(told, $"seed {seed}");
        Assert.DoesNotContain(disk.List(), name => name.EndsWith(".new", StringComparison.Ordinal) || name == "00000001.index");
        await log.GoesOnAsync($"seed {seed}");
        told = Told.Of(log);
        Assert.True(await log.DropAsync() > 0);
        log.Says(told with { Records = [.. told.Records] }, $"seed {seed}, again");
    }

    [Theory]
    [InlineData(""), InlineData(".index"), InlineData("newest.snapshot"), InlineData(".index newest.snapshot")]
    public async Task A_start_takes_it_up_with_whatever_is_not_lost(string lost)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var disk = new CrashingDisk();
            Told told;
            long first;
            await using (var log = await FilledAsync(disk, seed))
            {
                told = Told.Of(log);
                Assert.True(await log.DropAsync() > 1);
                first = log.FirstPosition;
            }

            var newest = disk.SnapshotNames().Max(StringComparer.Ordinal)!;
            var image = disk.Image();
            if (lost.Contains("newest", StringComparison.Ordinal)) image[newest][40] ^= 1;
            var after = Logs.Disk(image.Where(file => !lost.Contains(".index", StringComparison.Ordinal) || !file.Key.EndsWith(".index", StringComparison.Ordinal)));
            await using (var again = await Logs.OpenAsync(after))
            {
                Assert.Equal(first, again.FirstPosition);
                again.Says(told, $"seed {seed}");
                Assert.True(again.SnapshotPosition > 0);
            }

            Assert.Equal(!lost.Contains("newest", StringComparison.Ordinal), LogCheck.Run(after).IsSound);
            await using var open = await Logs.OpenAsync(after);
            if (lost.Contains("newest", StringComparison.Ordinal)) Assert.Equal(0, await open.DropAsync());
            else await open.GoesOnAsync($"seed {seed}");
        }
    }

    [Fact]
    public async Task An_index_that_rotted_is_built_anew_behind_what_was_dropped()
    {
        var disk = new CrashingDisk();
        Told told;
        await using (var log = await FilledAsync(disk, 4))
        {
            told = Told.Of(log);
            Assert.True(await log.DropAsync() > 1);
        }

        foreach (var name in disk.List().Where(name => name.EndsWith(".index", StringComparison.Ordinal)).ToList()) disk.Flip(name, 96 + 20);
        await using var again = await Logs.OpenAsync(disk);
        again.Says(told, "rotten");
        await again.GoesOnAsync("rotten");
    }

    [Fact]
    public async Task Nothing_goes_without_two_whole_snapshots_nor_while_somebody_reads_files_by_name()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        await log.FillAsync(new Random(1), 80);
        Assert.Equal(0, await log.DropAsync());
        await log.SnapshotAsync(log.SealedPosition);
        Assert.Equal(0, await log.DropAsync());
        await log.FillAsync(new Random(2), 30);
        await log.SnapshotAsync(log.SealedPosition);
        using (log.Hold()) Assert.Equal(0, await log.DropAsync());
        Assert.DoesNotContain(disk.List(), name => name.StartsWith("beginning", StringComparison.Ordinal));

        disk.Flip(disk.SnapshotNames().Min(StringComparer.Ordinal)!, 200);
        Assert.Equal(0, await log.DropAsync());
        Assert.Equal(1, log.FirstPosition);
        await log.FillAsync(new Random(3), 30);
        await log.SnapshotAsync(log.SealedPosition);
        Assert.True(await log.DropAsync() > 0);
        // From now on one alone is too few.
        await log.FillAsync(new Random(4), 30);
        await log.SnapshotAsync(log.SealedPosition);
        log.DropSnapshotsBefore(log.SnapshotPosition);
        Assert.Equal(2, disk.SnapshotNames().Count());
    }

    [Fact]
    public async Task Without_what_the_beginning_needs_a_start_says_what_is_missing()
    {
        var disk = new CrashingDisk();
        await using (var log = await FilledAsync(disk, 5)) Assert.True(await log.DropAsync() > 1);
        async Task<string> RefusedAsync(Func<KeyValuePair<string, byte[]>, bool> isKept, Action<Dictionary<string, byte[]>>? change = null, bool isRepairable = false)
        {
            var image = disk.Image();
            change?.Invoke(image);
            var damaged = Logs.Disk(image.Where(isKept));
            Assert.False(LogCheck.Run(damaged).IsSound);
            var error = (await Assert.ThrowsAsync<CorruptLogException>(() => Logs.OpenAsync(damaged))).Message;
            if (isRepairable) return error;
            // A repair must not make a new log of it.
            var before = damaged.Image();
            await Assert.ThrowsAnyAsync<IOException>(() => LogRepair.RunAsync(damaged, new ManualTime(), apply: true).AsTask());
            Assert.Equal(before.Keys, damaged.Image().Keys);
            return error;
        }

        Assert.Contains("no whole snapshot", await RefusedAsync(file => !file.Key.EndsWith(".snapshot", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("beginning", await RefusedAsync(_ => true, image => image["beginning"][20] ^= 1), StringComparison.Ordinal);
        Assert.Contains("beginning", await RefusedAsync(_ => true, image => image["beginning"][^3] ^= 1), StringComparison.Ordinal);
        Assert.Contains("00000001.segment", await RefusedAsync(file => file.Key != "beginning", isRepairable: true), StringComparison.Ordinal);
        var first = disk.SegmentNames()[0];
        var error = await Assert.ThrowsAsync<CorruptLogException>(() => Logs.OpenAsync(Logs.Disk(disk.Image().Where(file => file.Key != first))));
        Assert.Contains(first, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_keeps_what_comes_before_the_damage()
    {
        var disk = new CrashingDisk();
        Told told;
        await using (var log = await FilledAsync(disk, 6))
        {
            told = Told.Of(log);
            Assert.True(await log.DropAsync() > 1);
        }

        disk.Flip(disk.SegmentNames()[^2], 9000);
        Assert.False(LogCheck.Run(disk).IsSound);
        var report = await LogRepair.RunAsync(disk, new ManualTime(), apply: true);
        Assert.True(report.LostFrom > 0);
        await using var again = await Logs.OpenAsync(disk);
        Assert.Equal(report.KeptPosition, again.CommittedPosition);
        Assert.Equal(told.Records.Where(record => record.Position >= again.FirstPosition && record.Position <= report.KeptPosition).Select(record => record.Position), again.All().Select(record => record.Position));
        Assert.True(again.SnapshotPosition >= again.FirstPosition - 1);
    }

    [Fact]
    public async Task A_backup_begins_where_the_log_does_and_one_from_before_keeps_what_it_has()
    {
        var (disk, whole, late, early) = (new CrashingDisk(), new CrashingDisk(), new CrashingDisk(), new CrashingDisk());
        await using var log = await Logs.OpenAsync(disk);
        await log.FillAsync(new Random(7), 6);
        await Backup.RunAsync(log, early, default);
        await log.FillAsync(new Random(7), 60);
        await log.SnapshotAsync(log.SealedPosition);
        await log.FillAsync(new Random(8), 40);
        await log.SnapshotAsync(log.SealedPosition);
        await log.FillAsync(new Random(9), 30);
        await Backup.RunAsync(log, whole, default);
        var told = Told.Of(log);
        Assert.True(await log.DropAsync() > 1);

        foreach (var (target, first) in new[] { (whole, 1), (late, log.FirstPosition), (early, log.FirstPosition) })
        {
            var report = await Backup.RunAsync(log, target, default);
            Assert.Equal((first, log.CommittedPosition), (report.Check.FirstPosition, report.Position));
            var restored = new CrashingDisk();
            Assert.Equal(first, (await Restore.RunAsync(target, restored, long.MaxValue, long.MaxValue, default)).Check.FirstPosition);
            await using var copy = await Logs.OpenAsync(restored);
            copy.Says(told, $"from {first}");
            await copy.GoesOnAsync($"from {first}");
        }

        Assert.Equal(log.FirstPosition, LogDump.Read(late).First().Position);
        // Between the snapshots, and before both.
        var between = log.SnapshotPosition - 1;
        Assert.InRange((await Restore.RunAsync(late, new CrashingDisk(), between, long.MaxValue, default)).Position, log.FirstPosition, between);
        var refused = await Assert.ThrowsAsync<BackupFailedException>(() => Restore.RunAsync(late, new CrashingDisk(), log.OpenSnapshot(between + 1)!.Position - 1, long.MaxValue, default).AsTask());
        Assert.Contains("oldest snapshot", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_that_lacks_what_was_dropped_is_refused_and_one_that_has_it_goes_on()
    {
        await using var log = await FilledAsync(new CrashingDisk(), 8);
        await using var replica = await ReplicaLog.OpenAsync(new CrashingDisk(), Logs.Small, new ManualTime(), log.LogId);
        await CopyAsync(log, replica);
        Assert.True(await log.DropAsync() > 1);
        await log.FillAsync(new Random(1), 20);
        await CopyAsync(log, replica);
        Assert.Equal(log.CommittedPosition, replica.CommittedPosition);

        var refused = Assert.Throws<ReplicaException>(() => log.ReadBatches(1, new byte[8192], out _));
        Assert.Contains($"begins at {log.FirstPosition}", refused.Message, StringComparison.Ordinal);

        // A new one begins with a backup.
        var (backup, disk) = (new CrashingDisk(), new CrashingDisk());
        await Backup.RunAsync(log, backup, default);
        await Restore.RunAsync(backup, disk, long.MaxValue, long.MaxValue, default);
        disk.Put("replica", []);
        await log.FillAsync(new Random(2), 20);
        var told = Told.Of(log);
        await using (var late = await ReplicaLog.OpenAsync(disk, Logs.Small, new ManualTime(), log.LogId))
        {
            await CopyAsync(log, late);
            late.Log.Says(told, "late");
        }

        Assert.Equal(log.CommittedPosition, await ReplicaLog.PromoteAsync(disk, Logs.Small, new ManualTime()));
        await using var promoted = await Logs.OpenAsync(disk);
        promoted.Says(told, "promoted");
        await promoted.GoesOnAsync("promoted");
    }

    static async Task CopyAsync(Log log, ReplicaLog replica)
    {
        var buffer = new byte[8192];
        while (log.ReadBatches(replica.CommittedPosition + 1, buffer, out _) is var count and > 0) Assert.True(await replica.AppendAsync(buffer.AsMemory(0, count), default));
    }
}
