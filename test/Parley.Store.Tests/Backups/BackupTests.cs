using Parley.Store.Backups;
using Parley.Store.Checks;
using Parley.Store.Disks;
using Parley.Store.Tests.Snapshots;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Backups;

public sealed class BackupTests
{
    static async Task<(CrashingDisk Disk, Log Log)> FilledAsync(int batches = 60)
    {
        var disk = new CrashingDisk();
        var log = await Logs.OpenAsync(disk);
        await log.FillAsync(new Random(5), batches);
        return (disk, log);
    }

    static Task<BackupReport> BackUpAsync(Log log, CrashingDisk target) => Backup.RunAsync(log, target, default).AsTask();

    static Task<BackupReport> RestoreAsync(CrashingDisk backup, CrashingDisk target, long toPosition = long.MaxValue, long toTime = long.MaxValue)
        => Restore.RunAsync(backup, target, toPosition, toTime, default).AsTask();

    /// <summary>Opened, a directory holds exactly these records, and takes more.</summary>
    static async Task HoldsAsync(CrashingDisk disk, IReadOnlyList<LogRecord> expected)
    {
        await using (var log = await Logs.OpenAsync(disk))
        {
            var records = log.All();
            Assert.Equal(expected.Select(record => (record.Position, record.Time)), records.Select(record => (record.Position, record.Time)));
            for (var i = 0; i < records.Count; i++) Assert.True(records[i].Body.Span.SequenceEqual(expected[i].Body.Span));
            Assert.True(log.NewestReadable("a copy") <= expected.Count);
            await log.FillAsync(new Random(1), 3);
        }
        Assert.Empty(LogCheck.Run(disk).Problems);
        await SnapshotLogs.SameWithoutAsync(disk, Logs.Small, "a copy");
    }

    [Fact]
    public async Task A_log_in_use_is_copied_up_to_what_is_committed()
    {
        var (_, log) = await FilledAsync();
        await log.SnapshotAsync(log.SealedPosition);
        var target = new CrashingDisk();
        var report = await BackUpAsync(log, target);
        Assert.Equal((log.CommittedPosition, log.LastTime, 0), (report.Position, report.Time, report.FilesKept));
        Assert.True(report.Check.IsSound);
        var expected = log.All();
        // The log goes on meanwhile; the copy does not notice.
        await log.FillAsync(new Random(6), 20);
        await log.DisposeAsync();
        await using (var copy = await Logs.OpenAsync(Logs.Disk(target.Image()))) Assert.True(copy.SnapshotPosition > 0);
        await HoldsAsync(target, expected);
    }

    [Fact]
    public async Task An_open_batch_is_not_in_it()
    {
        var (_, log) = await FilledAsync(3);
        var expected = log.All();
        var batch = (await log.BeginAsync(default))!;
        batch.AddAll([Logs.Draft(100, 1)], log.LastTime);
        var target = new CrashingDisk();
        await BackUpAsync(log, target);
        await log.CommitAsync(batch);
        await log.DisposeAsync();
        await HoldsAsync(target, expected);
    }

    [Fact]
    public async Task Done_again_it_copies_only_what_is_new()
    {
        var (_, log) = await FilledAsync();
        await log.SnapshotAsync(log.SealedPosition);
        var target = new CrashingDisk();
        var first = await BackUpAsync(log, target);
        var again = await BackUpAsync(log, target);
        Assert.Equal((0, 0L, first.FilesCopied), (again.FilesCopied, again.BytesCopied, again.FilesKept));

        await log.FillAsync(new Random(7), 3);
        var third = await BackUpAsync(log, target);
        Assert.Equal(log.CommittedPosition, third.Position);
        Assert.InRange(third.FilesCopied, 1, 3);
        Assert.InRange(third.BytesCopied, 1, first.BytesCopied / 2);

        for (var i = 0; i < 4; i++)
        {
            await log.FillAsync(new Random(i), 25);
            await log.SnapshotAsync(i % 2 == 0 ? log.SealedPosition : log.CommittedPosition);
            Assert.Equal(log.CommittedPosition, (await BackUpAsync(log, target)).Position);
            Assert.InRange(target.SnapshotNames().Count(), 1, 2);
        }
        var expected = log.All();
        await log.DisposeAsync();
        await HoldsAsync(target, expected);
    }

    [Fact]
    public async Task What_went_bad_in_the_target_is_copied_again()
    {
        var (_, log) = await FilledAsync();
        await log.SnapshotAsync(log.SealedPosition);
        var expected = log.All();
        var target = new CrashingDisk();
        await BackUpAsync(log, target);
        var files = target.Image();
        foreach (var (name, bytes) in files.Where(file => file.Key != "lock"))
        {
            foreach (var at in new[] { 20, bytes.Length / 2, bytes.Length - 9 })
            {
                var rotten = Logs.Disk(files);
                rotten.Flip(name, at);
                Assert.True((await BackUpAsync(log, rotten)).Check.IsSound);
                Assert.Equal(expected.Count, LogCheck.Run(rotten).LastPosition);
            }
        }
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Rot_in_the_log_itself_is_said_and_not_called_a_backup()
    {
        var (disk, log) = await FilledAsync();
        disk.Flip("00000002.segment", 5000);
        var error = await Assert.ThrowsAsync<BackupFailedException>(() => BackUpAsync(log, new CrashingDisk()));
        Assert.Contains("00000002.segment", error.Message, StringComparison.Ordinal);
        disk.Flip("00000002.segment", 5000);
        // A damaged index is left out; the copy's first start builds it anew.
        disk.Flip("00000002.index", 120);
        var target = new CrashingDisk();
        Assert.True((await BackUpAsync(log, target)).Check.IsSound);
        Assert.DoesNotContain("00000002.index", target.List());
        var expected = log.All();
        await log.DisposeAsync();
        await HoldsAsync(target, expected);
    }

    [Fact]
    public async Task A_directory_of_another_log_or_of_a_later_state_is_left_alone()
    {
        var (disk, log) = await FilledAsync();
        var other = new CrashingDisk();
        await using (var stranger = await Log.OpenAsync(other, Logs.Small, new ManualTime(), 99)) await stranger.AppendAsync(Logs.Draft(10, 1));
        var before = other.Image();
        await Assert.ThrowsAsync<BackupFailedException>(() => BackUpAsync(log, other));
        Assert.All(before, file => Assert.Equal(file.Value, other.Bytes(file.Key)));

        var early = disk.AfterProcessCrash();
        await log.FillAsync(new Random(2), 60);
        var target = new CrashingDisk();
        await BackUpAsync(log, target);
        await log.DisposeAsync();
        before = target.Image();
        await using var older = await Logs.OpenAsync(early);
        await Assert.ThrowsAsync<BackupFailedException>(() => BackUpAsync(older, target));
        Assert.All(before, file => Assert.Equal(file.Value, target.Bytes(file.Key)));
    }

    [Fact]
    public async Task Interrupted_anywhere_the_next_one_completes_it()
    {
        var (_, log) = await FilledAsync();
        var old = new CrashingDisk();
        await BackUpAsync(log, old);
        var files = old.Image();
        var records = log.All().Count;
        await log.FillAsync(new Random(8), 30);
        await log.SnapshotAsync(log.SealedPosition);
        var expected = log.All();
        for (var call = 1; ; call++)
        {
            var target = Logs.Disk(files);
            target.CrashAt(call);
            try
            {
                await BackUpAsync(log, target);
            }
            catch (SimulatedCrashException)
            {
            }
            foreach (var after in new[] { target.AfterProcessCrash(), target.AfterPowerLoss(new Random(call)) })
            {
                // What the last whole backup had is still there.
                await using (var half = await Logs.OpenAsync(Logs.Disk(after.Image()))) Assert.InRange(half.CommittedPosition, records, expected.Count);
                await BackUpAsync(log, after);
                await HoldsAsync(after, expected);
            }
            if (!target.HasCrashed) break;
        }
        await log.DisposeAsync();
    }

    [Fact]
    public async Task A_log_being_written_is_backed_up_again_and_again()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            new SeededContext(random).Run(async () =>
            {
                var disk = new CrashingDisk(seed, static async () => await Task.Yield());
                var target = new CrashingDisk(seed, static async () => await Task.Yield());
                var log = await Logs.OpenAsync(disk);
                using var stopping = new CancellationTokenSource();
                var upkeep = log.MaintainAsync(stopping.Token);
                var writing = log.FillAsync(random, 80);
                for (var last = 0L; !writing.IsCompleted;)
                {
                    var report = await BackUpAsync(log, target);
                    Assert.True(report.Position >= last, $"seed {seed}");
                    last = report.Position;
                    await Task.Yield();
                }
                await writing;
                stopping.Cancel();
                await upkeep;
                await BackUpAsync(log, target);
                var expected = log.All();
                await log.DisposeAsync();
                await using var copy = await Logs.OpenAsync(target);
                Assert.True(copy.All().Count == expected.Count, $"seed {seed}");
            });
        }
    }

    [Fact]
    public async Task It_is_restored_up_to_any_position()
    {
        var (_, log) = await FilledAsync(30);
        await log.SnapshotAsync(log.SealedPosition);
        await log.FillAsync(new Random(3), 10);
        var backup = new CrashingDisk();
        await BackUpAsync(log, backup);
        var records = log.All();
        await log.DisposeAsync();
        var last = 0L;
        for (var to = 0; to <= records.Count + 1; to++)
        {
            var target = new CrashingDisk();
            var report = await RestoreAsync(backup, target, to);
            // Whole batches: three records at most in each.
            Assert.InRange(report.Position, Math.Max(last, Math.Min(to, records.Count) - 2), Math.Min(to, records.Count));
            last = report.Position;
            await HoldsAsync(target, [.. records.Take((int)report.Position)]);
        }
        Assert.Equal(records.Count, last);
    }

    [Fact]
    public async Task It_is_restored_up_to_any_time_and_only_into_an_empty_directory()
    {
        var (_, log) = await FilledAsync(30);
        var backup = new CrashingDisk();
        await BackUpAsync(log, backup);
        var records = log.All();
        await log.DisposeAsync();
        foreach (var time in new[] { 0, records[7].Time, records[20].Time, long.MaxValue })
        {
            var target = new CrashingDisk();
            var report = await RestoreAsync(backup, target, toTime: time);
            Assert.True(report.Time <= time && report.Position >= records.Count(record => record.Time <= time) - 2);
            await HoldsAsync(target, [.. records.Take((int)report.Position)]);
            await Assert.ThrowsAsync<BackupFailedException>(() => RestoreAsync(backup, target));
        }
    }

    [Fact]
    public async Task A_damaged_backup_is_restored_up_to_the_damage_and_not_beyond()
    {
        var (_, log) = await FilledAsync();
        var backup = new CrashingDisk();
        await BackUpAsync(log, backup);
        var records = log.All();
        await log.DisposeAsync();
        backup.Flip("00000003.segment", 5000);
        var error = await Assert.ThrowsAsync<BackupFailedException>(() => RestoreAsync(backup, new CrashingDisk()));
        var kept = int.Parse(error.Message.Split("up to position ")[1].Split(';')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(kept, 20, records.Count - 10);
        var target = new CrashingDisk();
        Assert.Equal(kept, (await RestoreAsync(backup, target, kept)).Position);
        await HoldsAsync(target, [.. records.Take(kept)]);
    }

    [Fact]
    public async Task On_a_real_disk_it_works_too()
    {
        var root = Directory.CreateTempSubdirectory("parley-backup-").FullName;
        try
        {
            var log = await Log.OpenAsync(new PosixDisk(Path.Combine(root, "log")), Logs.Small, new ManualTime());
            await log.FillAsync(new Random(1), 60);
            await log.SnapshotAsync(log.SealedPosition);
            var backup = new PosixDisk(Path.Combine(root, "backup"));
            Assert.Equal(log.CommittedPosition, (await Backup.RunAsync(log, backup, default)).Position);
            Assert.Equal(0, (await Backup.RunAsync(log, backup, default)).FilesCopied);
            var restored = new PosixDisk(Path.Combine(root, "restored"));
            var report = await Restore.RunAsync(backup, restored, log.SealedPosition, long.MaxValue, default);
            await log.DisposeAsync();
            await using var again = await Log.OpenAsync(restored, Logs.Small, new ManualTime());
            Assert.Equal(report.Position, again.CommittedPosition);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
