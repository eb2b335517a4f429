using Parley.Store.Erasing;
using Parley.Store.Replication;
using Parley.Store.Segments;
using Parley.Store.Tests.Snapshots;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Erasing;

public sealed class OverwriteTests
{
    [Fact]
    public void The_last_four_bytes_force_any_checksum()
    {
        var random = new Random(1);
        for (var length = 4; length < 300; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var before = bytes.ToArray();
            var crc = (uint)random.NextInt64(1L << 32);
            Crc32C.Force(bytes, crc);
            Assert.Equal(crc, Crc32C.Of(bytes));
            Assert.Equal(before[..^4], bytes[..^4]);
            Crc32C.Force(bytes, Crc32C.Of(before));
            Assert.Equal(before, bytes);
        }
    }

    [Fact]
    public async Task Bodies_of_every_length_are_replaced_and_nothing_else_changes()
    {
        var random = new Random(2);
        var disk = new CrashingDisk();
        var log = await Logs.OpenAsync(disk);
        for (var length = Replacement.MinBodyBytes; length < 400; length += 3)
            await log.AppendAsync([.. Enumerable.Range(length, 3).Select(bytes => ErasureLogs.RandomDraft(random, bytes))]);
        var before = log.All();
        var indexes = disk.Image().Where(file => IndexHeader.TryParseName(file.Key, out _)).ToList();
        Assert.True(indexes.Count > 2 && log.SealedPosition < log.CommittedPosition, "sealed and unsealed segments");

        var replacements = ErasureLogs.ReplacementsFor(before, _ => true, random);
        await log.OverwriteAsync(replacements, default);
        ErasureLogs.AssertOverwritten(log, before, replacements);
        foreach (var (name, bytes) in indexes) Assert.Equal(bytes, disk.Bytes(name));
        ErasureLogs.AssertGone(disk, before);
        Assert.DoesNotContain(ErasuresFile.Name, disk.List());

        await log.AppendAsync(Logs.Draft(20, 1));
        await log.DisposeAsync();
        await using var again = await Logs.OpenAsync(disk);
        ErasureLogs.AssertOverwritten(again, before, replacements, more: 1);
    }

    [Fact]
    public async Task The_last_batch_of_a_log_that_syncs_later_is_synced_first()
    {
        foreach (var durability in new[] { Durability.Interval, Durability.System })
        {
            var disk = new CrashingDisk();
            var log = await Logs.OpenAsync(disk, new LogOptions { SegmentBytes = 16 << 10, PrepareBytes = 4 << 10, MaxBatchBytes = 4 << 10, Durability = durability });
            var random = new Random(3);
            await log.AppendAsync(ErasureLogs.RandomDraft(random, 40), ErasureLogs.RandomDraft(random, 900));
            var before = log.All();
            var replacements = ErasureLogs.ReplacementsFor(before, _ => true, random);
            await log.OverwriteAsync(replacements, default);
            for (var seed = 0; seed < 20; seed++)
            {
                var after = disk.AfterPowerLoss(new Random(seed));
                await using var again = await Logs.OpenAsync(after);
                ErasureLogs.AssertOverwritten(again, before, replacements);
                ErasureLogs.AssertGone(after, before);
            }
        }
    }

    [Fact]
    public async Task What_breaks_a_bound_is_refused_and_nothing_is_written()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        await log.AppendAsync(Logs.Draft(10, 1), Logs.Draft(4, 1), Logs.Draft(3, 1), Logs.Draft(0, 1), Logs.Draft(10, 1));
        var batch = await log.BeginAsync(default) ?? throw new InvalidOperationException("The disk is full.");
        batch.AddAll([Logs.Draft(10, 1)], log.LastTime);
        var calls = disk.Calls;
        async Task RefusedAsync(string why, params Replacement[] replacements)
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => log.OverwriteAsync(replacements, default).AsTask());
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
            Assert.Equal(calls, disk.Calls);
            Assert.False(log.IsReadOnly);
        }
        static Replacement Of(long position, int bytes) => new(position, new byte[bytes]);

        await RefusedAsync("its replacement 9", Of(1, 9));
        await RefusedAsync("its replacement 11", Of(1, 11));
        await RefusedAsync("its replacement 11", Of(5, 10), Of(1, 11));
        // Of four bytes only the old ones have the old checksum.
        await RefusedAsync("are needed", Of(2, 4));
        await RefusedAsync("are needed", Of(3, 3));
        await RefusedAsync("are needed", Of(4, 0));
        await RefusedAsync("not committed", Of(0, 10));
        await RefusedAsync("not committed", Of(-1, 10));
        await RefusedAsync("named twice", Of(1, 10), Of(1, 10));
        // The open batch.
        await RefusedAsync("not committed", Of(6, 10));
        await RefusedAsync("not committed", Of(7, 10));
        await RefusedAsync("at most", Of(1, 10), Of(5, Replacement.MaxBytesTogether));
        await RefusedAsync("replacements; at most", [.. Enumerable.Range(1, Replacement.MaxCount + 1).Select(position => Of(position, 10))]);
        await log.OverwriteAsync([], default);
        Assert.Equal(calls, disk.Calls);

        await log.CommitAsync(batch);
        await log.OverwriteAsync([Of(6, 10)], default);
    }

    [Fact]
    public async Task A_body_larger_than_the_bound_is_overwritten_alone()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk, new LogOptions { SegmentBytes = 16 << 20, PrepareBytes = 1 << 20, MaxBatchBytes = 8 << 20 });
        await log.AppendAsync(ErasureLogs.RandomDraft(new Random(4), Replacement.MaxBytesTogether + 7));
        var before = log.All();
        var replacements = ErasureLogs.ReplacementsFor(before, _ => true, new Random(5));
        await log.OverwriteAsync(replacements, default);
        ErasureLogs.AssertOverwritten(log, before, replacements);
    }

    [Fact]
    public async Task A_replica_that_copies_afterwards_gets_the_new_bodies_and_verifies()
    {
        var random = new Random(6);
        await using var leader = await Logs.OpenAsync(new CrashingDisk());
        await leader.FillAsync(random, 40);
        var before = leader.All();
        var replacements = ErasureLogs.ReplacementsFor(before, record => record.Position % 2 == 0, random);
        var disk = new CrashingDisk();
        var replica = await ReplicaLog.OpenAsync(disk, Logs.Small, new ManualTime(), leader.LogId);
        var buffer = new byte[Logs.Small.MaxBatchBytes];
        async Task CopyAsync(long to)
        {
            while (replica.CommittedPosition < to)
                Assert.True(await replica.AppendAsync(buffer.AsMemory(0, leader.ReadBatches(replica.CommittedPosition + 1, buffer, out _)), default));
        }

        await CopyAsync(leader.CommittedPosition / 3);
        var copied = replica.CommittedPosition;
        await leader.OverwriteAsync(replacements, default);
        await CopyAsync(leader.CommittedPosition);
        ErasureLogs.AssertOverwritten(replica.Log, before, [.. replacements.Where(one => one.Position > copied)]);
        // What it had already it is told to overwrite itself, and has the same bytes then.
        await replica.Log.OverwriteAsync([.. replacements.Where(one => one.Position <= copied)], default);
        ErasureLogs.AssertOverwritten(replica.Log, before, replacements);
        Assert.Equal(leader.All().Select(record => record.Body.ToArray()), replica.Log.All().Select(record => record.Body.ToArray()));
        await replica.DisposeAsync();
        Assert.NotNull(await ReplicaLog.TryOpenAsync(disk, Logs.Small, new ManualTime()));
    }

    [Fact]
    public async Task Snapshots_older_than_a_complete_one_are_dropped_for_good()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        Assert.Throws<ArgumentException>(() => log.DropSnapshotsBefore(0));
        var secret = new byte[64];
        new Random(8).NextBytes(secret);
        await log.FillAsync(new Random(9), 40);
        await log.SnapshotAsync(log.SealedPosition, secret);
        Assert.Throws<ArgumentException>(() => log.DropSnapshotsBefore(log.CommittedPosition));
        await log.SnapshotAsync(log.CommittedPosition, new byte[64]);
        Assert.Contains(disk.Image().Values, bytes => bytes.AsSpan().IndexOf(secret) >= 0);
        log.DropSnapshotsBefore(log.SnapshotPosition);
        for (var seed = 0; seed < 10; seed++)
        {
            var after = disk.AfterPowerLoss(new Random(seed));
            Assert.DoesNotContain(after.Image().Values, bytes => bytes.AsSpan().IndexOf(secret) >= 0);
            await using var again = await Logs.OpenAsync(after);
            Assert.Equal(log.CommittedPosition, again.SnapshotPosition);
        }
    }

    [Fact]
    public async Task A_snapshot_still_serves()
    {
        var random = new Random(7);
        var disk = new CrashingDisk();
        var log = await Logs.OpenAsync(disk);
        await log.FillAsync(random, 40);
        await log.SnapshotAsync(log.SealedPosition);
        var before = log.All();
        var replacements = ErasureLogs.ReplacementsFor(before, _ => true, random);
        await log.OverwriteAsync(replacements, default);
        var position = log.SnapshotPosition;
        await log.DisposeAsync();
        await using var again = await Logs.OpenAsync(disk);
        Assert.Equal(position, again.SnapshotPosition);
        ErasureLogs.AssertOverwritten(again, before, replacements);
    }
}
