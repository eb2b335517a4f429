using Parley.Store.Disks;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Snapshots;

public sealed class SnapshotTests
{
    static async Task<(CrashingDisk Disk, Log Log)> FilledAsync(int batches = 60)
    {
        var disk = new CrashingDisk();
        var log = await Logs.OpenAsync(disk);
        await log.FillAsync(new Random(5), batches);
        return (disk, log);
    }

    static async Task<long[]> EndsOfSegmentsAsync(CrashingDisk disk)
    {
        await using var log = await Logs.OpenAsync(disk);
        return [.. disk.List().Where(name => name.EndsWith(".index", StringComparison.Ordinal)).Select(name => BitConverter.ToInt64(disk.Bytes(name), 40))];
    }

    [Fact]
    public async Task What_was_written_is_read_again_after_a_restart()
    {
        var (disk, log) = await FilledAsync();
        Assert.Equal(0, log.SnapshotPosition);
        Assert.Null(log.OpenSnapshot());
        var (at, time) = (log.CommittedPosition, log.LastTime);
        await log.SnapshotAsync(at);
        Assert.Equal(at, log.SnapshotPosition);
        await log.AppendAsync(Logs.Draft(10, 1));
        await log.DisposeAsync();

        await using var again = await Logs.OpenAsync(disk);
        Assert.Equal(at, again.SnapshotPosition);
        using var reader = again.OpenSnapshot()!;
        Assert.Equal((at, time, SnapshotLogs.BodyAt(at).Length), (reader.Position, reader.Time, reader.Body.Length));
        Assert.Equal(SnapshotLogs.BodyAt(at), reader.ReadBody());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(SnapshotLogs.BodyAt(at))), reader.Digest);
        Assert.Null(again.OpenSnapshot(before: at));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData((1 << 20) - 16), InlineData((1 << 20) - 15), InlineData((3 << 20) + 5)]
    public async Task A_body_of_any_length_comes_back(int length)
    {
        var (_, log) = await FilledAsync(3);
        var body = new byte[length];
        new Random(length).NextBytes(body);
        await log.SnapshotAsync(log.CommittedPosition, body);
        using var reader = log.OpenSnapshot()!;
        Assert.Equal(body, reader.ReadBody());
        await log.DisposeAsync();
    }

    [Fact]
    public async Task The_newest_two_are_kept()
    {
        var (disk, log) = await FilledAsync(1);
        var positions = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            await log.FillAsync(new Random(i), 20);
            await log.SnapshotAsync(log.CommittedPosition);
            positions.Add(log.CommittedPosition);
        }
        Assert.Equal(positions.TakeLast(2).Select(position => $"{position:D20}.snapshot"), disk.SnapshotNames());
        using (var older = log.OpenSnapshot(before: positions[3])!) Assert.Equal(positions[2], older.Position);
        Assert.Null(log.OpenSnapshot(before: positions[2]));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task One_stands_at_any_sealed_end_or_the_committed_position_and_nowhere_else()
    {
        var (disk, log) = await FilledAsync();
        await log.DisposeAsync();
        var ends = await EndsOfSegmentsAsync(disk);
        Assert.True(ends.Length > 3);
        log = await Logs.OpenAsync(disk);
        Assert.Equal(ends[^1], log.SealedPosition);
        for (var position = -1L; position <= log.CommittedPosition + 1; position++)
        {
            if (ends.Contains(position) || position == log.CommittedPosition) log.BeginSnapshot(position).Dispose();
            else Assert.Throws<ArgumentException>(() => log.BeginSnapshot(position));
        }
        Assert.Empty(disk.SnapshotNames());
        await log.DisposeAsync();
    }

    [Fact]
    public async Task One_is_written_at_a_time_and_an_abandoned_one_leaves_nothing()
    {
        var (disk, log) = await FilledAsync();
        using (var writer = log.BeginSnapshot(log.CommittedPosition))
        {
            writer.Body.Write(new byte[5000]);
            Assert.Throws<InvalidOperationException>(() => log.BeginSnapshot(log.CommittedPosition));
            await Assert.ThrowsAsync<OperationCanceledException>(() => writer.CompleteAsync(new CancellationToken(canceled: true)).AsTask());
        }
        Assert.Empty(disk.SnapshotNames());
        Assert.Equal(0, log.SnapshotPosition);
        await log.SnapshotAsync(log.CommittedPosition);
        Assert.Equal(log.CommittedPosition, log.SnapshotPosition);
        await log.DisposeAsync();
    }

    [Fact]
    public async Task A_full_disk_costs_only_the_new_one()
    {
        var (disk, log) = await FilledAsync();
        await log.SnapshotAsync(log.SealedPosition);
        var older = log.SnapshotPosition;
        await log.AppendAsync(Logs.Draft(10, 1));
        disk.CapacityBytes = disk.Image().Values.Sum(bytes => (long)bytes.Length) + 3000;
        await Assert.ThrowsAsync<DiskFullException>(() => log.SnapshotAsync(log.CommittedPosition));
        Assert.Equal([$"{older:D20}.snapshot"], disk.SnapshotNames());
        Assert.False(log.IsReadOnly);
        Assert.Equal(older, log.NewestReadable("full disk"));
        await log.DisposeAsync();
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_failed_write_or_sync_costs_only_the_new_one(bool isWrite)
    {
        var (disk, log) = await FilledAsync();
        await log.SnapshotAsync(log.SealedPosition);
        var older = log.SnapshotPosition;
        using (var writer = log.BeginSnapshot(log.CommittedPosition))
        {
            if (isWrite) disk.FailNextWrite = true;
            else disk.FailNextSync = true;
            await Assert.ThrowsAsync<IOException>(() => writer.CompleteAsync(default).AsTask());
        }
        Assert.Equal(older, log.SnapshotPosition);
        await log.AppendAsync(Logs.Draft(10, 1));
        await log.SnapshotAsync(log.CommittedPosition);
        Assert.Equal(log.CommittedPosition, log.NewestReadable("after a failure"));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task A_sync_that_fails_on_the_way_costs_only_the_new_one()
    {
        // Syncs that take a while, so that the failure is seen only at the end.
        var disk = new CrashingDisk(0, static async () => await Task.Yield());
        var log = await Logs.OpenAsync(disk);
        await log.FillAsync(new Random(1), 30);
        using (var writer = log.BeginSnapshot(log.CommittedPosition))
        {
            disk.FailNextSync = true;
            for (var i = 0; i < 20; i++) writer.Body.Write(new byte[1 << 20]);
            await Assert.ThrowsAsync<IOException>(() => writer.CompleteAsync(default).AsTask());
        }
        Assert.Empty(disk.SnapshotNames());
        Assert.False(log.IsReadOnly);
        await log.SnapshotAsync(log.CommittedPosition);
        Assert.Equal(log.CommittedPosition, log.NewestReadable("after a failed sync"));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_waits_for_a_sealed_segment_is_told()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        var wait = log.WaitSealedPastAsync(0, default).AsTask();
        await log.FillAsync(new Random(1), 5);
        Assert.False(wait.IsCompleted);
        Assert.Equal(0, log.SealedPosition);
        await log.FillAsync(new Random(2), 40);
        await wait;
        Assert.True(log.SealedPosition > 0);
    }

    [Fact]
    public async Task A_start_reads_only_the_headers_of_the_indexes_it_covers()
    {
        var (disk, log) = await FilledAsync();
        await log.SnapshotAsync(log.SealedPosition);
        var covered = disk.List().Where(name => name.EndsWith(".index", StringComparison.Ordinal)).ToList();
        await log.DisposeAsync();

        // A sealed segment that no snapshot covers is still read; those before are not.
        var fresh = Logs.Disk(disk.Image());
        await using var again = await Logs.OpenAsync(fresh);
        Assert.All(covered, name => Assert.Equal(1, fresh.ReadsOf(name)));
        Assert.Equal(again.CommittedPosition, again.All().Count);
        Assert.Equal(again.Head(Logs.Feed(1)).Last, again.All(feed: 1).Count);
        Assert.All(covered, name => Assert.True(fresh.ReadsOf(name) > 1));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public async Task A_start_with_snapshots_sees_what_one_without_sees(int seed)
    {
        var random = new Random(seed);
        var options = Logs.Small;
        options.Durability = random.Next(2) == 0 ? Durability.Commit : Durability.System;
        var disk = new CrashingDisk(seed);
        for (var round = 0; round < 8; round++)
        {
            var log = await Logs.OpenAsync(disk, options);
            for (var i = random.Next(4); i >= 0; i--)
            {
                await log.FillAsync(random, random.Next(30));
                var position = random.Next(3) == 0 ? log.CommittedPosition : log.SealedPosition;
                if (position > 0 && random.Next(2) == 0) await log.SnapshotAsync(position);
            }
            if (random.Next(2) == 0) await log.DisposeAsync();
            disk = random.Next(2) == 0 ? disk.AfterProcessCrash() : disk.AfterPowerLoss(random);
            await SnapshotLogs.SameWithoutAsync(Logs.Disk(disk.Image()), options, $"seed {seed}, round {round}");
        }
    }
}
