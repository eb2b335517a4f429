using Parley.Store.Replication;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Replication;

public sealed class ReplicaTests
{
    static readonly ManualTime Time = new();

    [Fact]
    public async Task A_replica_is_the_same_log_byte_for_byte_and_goes_on_after_it_is_promoted()
    {
        await using var leader = await Logs.OpenAsync(new CrashingDisk());
        var random = new Random(1);
        for (var i = 0; i < 60; i++) await leader.AppendAsync(Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomDraft(random)).ToArray());
        var disk = new CrashingDisk();
        await using (var replica = await ReplicaLog.OpenAsync(disk, Logs.Small, Time, leader.LogId))
        {
            await CopyAsync(leader, replica, random);
            AssertSame(leader, replica.Log);
            Assert.Equal((leader.LastEpoch, leader.CommittedPosition), (replica.LastEpoch, replica.CommittedPosition));
        }

        // Until then nobody appends to it by mistake.
        await Assert.ThrowsAsync<ReplicaException>(() => Logs.OpenAsync(disk));
        Assert.Equal(leader.CommittedPosition, await ReplicaLog.PromoteAsync(disk, Logs.Small, Time));
        await Assert.ThrowsAsync<ReplicaException>(() => ReplicaLog.PromoteAsync(disk, Logs.Small, Time).AsTask());
        await using var promoted = await Logs.OpenAsync(disk);
        AssertSame(leader, promoted);
        Assert.True(promoted.Epoch > leader.Epoch + 1);
        var filings = await promoted.AppendAsync(Logs.Draft(10, 1));
        Assert.Equal(leader.Head(Logs.Feed(1)).Last + 1, filings[0].Sequence);
        Assert.Empty(promoted.Check().Problems);
    }

    [Fact]
    public async Task What_does_not_follow_is_refused_and_what_came_before_is_kept()
    {
        await using var leader = await Logs.OpenAsync(new CrashingDisk());
        for (var i = 0; i < 6; i++) await leader.AppendAsync(Logs.Draft(20, 1));
        var bytes = Read(leader, 1);
        var size = bytes.Length / 6;

        await using var replica = await ReplicaLog.OpenAsync(new CrashingDisk(), Logs.Small, Time, leader.LogId);
        await RefusedAsync(replica, bytes.AsMemory(size));
        Assert.Equal(0, replica.CommittedPosition);
        await RefusedAsync(replica, (byte[])[.. bytes[..(2 * size)], .. bytes[(3 * size)..]]);
        Assert.Equal(2, replica.CommittedPosition);
        var flipped = bytes.ToArray();
        flipped[(3 * size) + (size / 2)] ^= 1;
        await RefusedAsync(replica, flipped.AsMemory(2 * size));
        Assert.Equal(3, replica.CommittedPosition);
        await RefusedAsync(replica, bytes.AsMemory((3 * size)..^1));
        Assert.Equal(5, replica.CommittedPosition);
        Assert.True(await replica.AppendAsync(bytes.AsMemory(5 * size), default));
        AssertSame(leader, replica.Log);
    }

    [Fact]
    public async Task Logs_that_went_on_by_themselves_are_told_apart()
    {
        var disk = new CrashingDisk();
        var leader = await Logs.OpenAsync(disk);
        await leader.AppendAsync(Logs.Draft(20, 1));
        var copy = new CrashingDisk();
        await using (var replica = await ReplicaLog.OpenAsync(copy, Logs.Small, Time, leader.LogId)) Assert.True(await replica.AppendAsync(Read(leader, 1), default));
        await leader.DisposeAsync();
        await ReplicaLog.PromoteAsync(copy, Logs.Small, Time);
        await using var promoted = await Logs.OpenAsync(copy);
        await promoted.AppendAsync(Logs.Draft(20, 1));

        // The former leader comes back and writes at the same positions; a replica that copied one can't go on with the other.
        await using var former = await Logs.OpenAsync(disk);
        await former.AppendAsync(Logs.Draft(20, 1));
        Assert.NotEqual(former.Epoch, promoted.Epoch);
        await promoted.AppendAsync(Logs.Draft(20, 1));
        await using var follower = await ReplicaLog.OpenAsync(new CrashingDisk(), Logs.Small, Time, former.LogId);
        Assert.True(await follower.AppendAsync(Read(former, 1), default));
        await RefusedAsync(follower, Read(promoted, 3));
        Assert.Equal(2, follower.CommittedPosition);
    }

    [Fact]
    public async Task Only_whole_committed_batches_are_read()
    {
        await using var log = await Logs.OpenAsync(new CrashingDisk());
        await log.AppendAsync(Logs.Draft(20, 1), Logs.Draft(20, 1));
        await log.AppendAsync(Logs.Draft(20, 1));
        Assert.Throws<ReplicaException>(() => Read(log, 2));
        Assert.Empty(Read(log, 4));
        Assert.Empty(Read(log, 0));
        var whole = Read(log, 1).Length;
        var buffer = new byte[whole - 1];
        Assert.InRange(log.ReadBatches(1, buffer, out var last), 1, whole - 1);
        Assert.Equal(2, last);
        Assert.Equal(0, log.ReadBatches(1, buffer.AsSpan(0, 100), out _));
    }

    [Fact]
    public async Task Another_logs_directory_is_left_alone()
    {
        var disk = new CrashingDisk();
        await (await Logs.OpenAsync(disk)).DisposeAsync();
        await Assert.ThrowsAsync<ReplicaException>(() => ReplicaLog.OpenAsync(disk, Logs.Small, Time, 5).AsTask());
        var replica = new CrashingDisk();
        await (await ReplicaLog.OpenAsync(replica, Logs.Small, Time, 5)).DisposeAsync();
        await Assert.ThrowsAsync<ReplicaException>(() => ReplicaLog.OpenAsync(replica, Logs.Small, Time, 6).AsTask());
    }

    [Fact]
    public async Task A_full_disk_is_waited_out()
    {
        await using var leader = await Logs.OpenAsync(new CrashingDisk());
        for (var i = 0; i < 40; i++) await leader.AppendAsync(Logs.Draft(1_000, 1));
        var disk = new CrashingDisk();
        await using var replica = await ReplicaLog.OpenAsync(disk, Logs.Small, Time, leader.LogId);
        disk.CapacityBytes = 24 << 10;
        Assert.False(await TryCopyAsync(leader, replica));
        Assert.InRange(replica.CommittedPosition, 1, 39);
        disk.CapacityBytes = long.MaxValue;
        Assert.True(await TryCopyAsync(leader, replica));
        AssertSame(leader, replica.Log);
    }

    /// <summary>Crashes at any call, of the process or the power; what AppendAsync returned for stays, and in the end the logs are the same.</summary>
    [Fact]
    public void Copying_survives_crashes_of_the_replica()
        => Parallel.For(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            try
            {
                var random = new Random(seed);
                new SeededContext(random).Run(() => CopyThroughCrashesAsync(random));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        });

    static async Task CopyThroughCrashesAsync(Random random)
    {
        await using var leader = await Logs.OpenAsync(new CrashingDisk());
        for (var i = random.Next(10, 60); i > 0; i--) await leader.AppendAsync(Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomDraft(random)).ToArray());
        var disk = new CrashingDisk(random.Next(), static async () => await Task.Yield());
        var kept = 0L;
        for (var round = 0; round < 6; round++)
        {
            disk.CrashAt(disk.Calls + random.Next(1, 120));
            try
            {
                var replica = await ReplicaLog.OpenAsync(disk, Logs.Small, Time, leader.LogId);
                Assert.True(replica.CommittedPosition >= kept, $"{kept} was kept, now {replica.CommittedPosition}");
                while (replica.CommittedPosition < leader.CommittedPosition)
                {
                    await CopySomeAsync(leader, replica, random);
                    kept = replica.CommittedPosition;
                }

                await replica.DisposeAsync();
            }
            catch (Exception e) when (e is SimulatedCrashException or LogReadOnlyException || disk.HasCrashed)
            {
                // The next round goes on.
            }

            disk = random.Next(3) switch
            {
                0 => disk.AfterProcessCrash(),
                1 => disk.AfterPowerLoss(random),
                _ => disk.AfterProcessCrash().AfterPowerLoss(random),
            };
        }

        await using (var replica = await ReplicaLog.OpenAsync(disk, Logs.Small, Time, leader.LogId)) await CopyAsync(leader, replica, random);
        await ReplicaLog.PromoteAsync(disk, Logs.Small, Time);
        await using var promoted = await Logs.OpenAsync(disk);
        AssertSame(leader, promoted);
        Assert.Empty(promoted.Check().Problems);
    }

    static async Task CopyAsync(Log leader, ReplicaLog replica, Random random)
    {
        while (replica.CommittedPosition < leader.CommittedPosition) await CopySomeAsync(leader, replica, random);
    }

    static async Task CopySomeAsync(Log leader, ReplicaLog replica, Random random)
        => Assert.True(await replica.AppendAsync(Read(leader, replica.CommittedPosition + 1, random.Next(4 << 10, 20 << 10)), default));

    static async Task<bool> TryCopyAsync(Log leader, ReplicaLog replica)
    {
        while (replica.CommittedPosition < leader.CommittedPosition)
            if (!await replica.AppendAsync(Read(leader, replica.CommittedPosition + 1), default)) return false;
        return true;
    }

    static byte[] Read(Log log, long from, int bytes = 64 << 10)
    {
        var buffer = new byte[bytes];
        return buffer[..log.ReadBatches(from, buffer, out _)];
    }

    static async Task RefusedAsync(ReplicaLog replica, ReadOnlyMemory<byte> batches)
        => await Assert.ThrowsAsync<ReplicaException>(() => replica.AppendAsync(batches, default).AsTask());

    static Draft RandomDraft(Random random)
    {
        var body = new byte[random.Next(200)];
        random.NextBytes(body);
        return new Draft(body, [.. Enumerable.Range(1, 4).Where(_ => random.Next(3) > 0).Select(feed => (ulong)feed)]);
    }

    static void AssertSame(Log expected, Log actual)
    {
        var (left, right) = (expected.All(), actual.All());
        Assert.Equal(left.Count, right.Count);
        foreach (var (one, other) in left.Zip(right))
        {
            Assert.Equal((one.Position, one.Type, one.App, one.Time), (other.Position, other.Type, other.App, other.Time));
            Assert.Equal(one.Filings, other.Filings);
            Assert.Equal(one.Body.ToArray(), other.Body.ToArray());
        }

        for (var feed = 1UL; feed <= 4; feed++)
        {
            Assert.Equal(expected.Head(Logs.Feed(feed)), actual.Head(Logs.Feed(feed)));
            Assert.Equal(expected.All(feed).Select(record => record.Position), actual.All(feed).Select(record => record.Position));
        }
    }
}
