using Parley.Store.Disks;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Disks;

public sealed class CrashingDiskTests
{
    static byte[] Sectors(byte value, int count) => [.. Enumerable.Repeat(value, 512 * count)];

    static async Task<CrashingDisk> WithDurableAsync(string name, byte[] bytes, int seed = 0)
    {
        var disk = new CrashingDisk(seed);
        var file = disk.Open(name);
        file.Write(bytes, 0);
        await file.SyncAsync();
        disk.SyncDirectory();
        return disk;
    }

    [Fact]
    public async Task What_was_synced_survives_everything()
    {
        var disk = await WithDurableAsync("a", Sectors(1, 4));
        for (var seed = 0; seed < 20; seed++)
            Assert.Equal(Sectors(1, 4), disk.AfterProcessCrash().AfterPowerLoss(new Random(seed)).Bytes("a"));
    }

    [Fact]
    public async Task An_unsynced_write_is_kept_lost_or_torn_by_sectors()
    {
        var disk = await WithDurableAsync("a", Sectors(1, 4));
        disk.Open("a").Write(Sectors(2, 4), 0);
        var seen = new HashSet<string>();
        for (var seed = 0; seed < 200; seed++)
        {
            var bytes = disk.AfterPowerLoss(new Random(seed)).Bytes("a");
            Assert.All(bytes.Chunk(512), sector => Assert.Single(sector.Distinct()));
            seen.Add(string.Concat(bytes.Chunk(512).Select(sector => sector[0])));
        }
        Assert.Equal(16, seen.Count);
        Assert.Equal(Sectors(2, 4), disk.AfterProcessCrash().Bytes("a"));
    }

    [Fact]
    public async Task Unsynced_writes_are_lost_independently()
    {
        var disk = await WithDurableAsync("a", Sectors(1, 2));
        disk.Open("a").Write(Sectors(2, 1), 0);
        disk.Open("a").Write(Sectors(3, 1), 512);
        var seen = Enumerable.Range(0, 100).Select(seed => disk.AfterPowerLoss(new Random(seed)).Bytes("a")).Select(bytes => (bytes[0], bytes[512])).ToHashSet();
        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public async Task A_process_crash_makes_nothing_durable()
    {
        var disk = await WithDurableAsync("a", Sectors(1, 1));
        disk.Open("a").Write(Sectors(2, 1), 0);
        var restarted = disk.AfterProcessCrash();
        Assert.Contains(Enumerable.Range(0, 50), seed => restarted.AfterPowerLoss(new Random(seed)).Bytes("a")[0] == 1);
        await restarted.Open("a").SyncAsync();
        Assert.All(Enumerable.Range(0, 50), seed => Assert.Equal(2, restarted.AfterPowerLoss(new Random(seed)).Bytes("a")[0]));
        Assert.Equal(2, disk.Bytes("a")[0]);
    }

    [Fact]
    public async Task Names_are_durable_after_the_directory_s_sync_only()
    {
        var disk = await WithDurableAsync("a", Sectors(1, 1));
        var file = disk.Open("new");
        file.Write(Sectors(2, 1), 0);
        await file.SyncAsync();
        disk.Rename("new", "a");
        var seen = Enumerable.Range(0, 100).Select(seed => disk.AfterPowerLoss(new Random(seed)))
            .Select(after => $"{string.Join(' ', after.List())} {after.Bytes("a")[0]}").ToHashSet();
        Assert.Equal(["a 1", "a 2", "a new 1"], seen.Order());
        disk.SyncDirectory();
        Assert.All(Enumerable.Range(0, 50), seed => Assert.Equal(2, disk.AfterPowerLoss(new Random(seed)).Bytes("a")[0]));
    }

    [Fact]
    public async Task A_failed_sync_is_not_made_good_by_the_next()
    {
        var disk = await WithDurableAsync("a", Sectors(1, 1));
        var file = disk.Open("a");
        file.Write(Sectors(2, 1), 0);
        disk.FailNextSync = true;
        await Assert.ThrowsAsync<IOException>(() => file.SyncAsync().AsTask());
        await file.SyncAsync();
        Assert.Equal(2, disk.Bytes("a")[0]);
        var arrived = disk.AfterPowerLoss(new Random(1)).Bytes("a")[0];
        // Other seeds of the disk decide otherwise.
        var others = new HashSet<byte> { arrived };
        for (var seed = 1; seed < 20; seed++)
        {
            var other = await WithDurableAsync("a", Sectors(1, 1), seed);
            other.Open("a").Write(Sectors(2, 1), 0);
            other.FailNextSync = true;
            await Assert.ThrowsAsync<IOException>(() => other.Open("a").SyncAsync().AsTask());
            await other.Open("a").SyncAsync();
            others.Add(other.AfterPowerLoss(new Random(1)).Bytes("a")[0]);
        }
        Assert.Equal(2, others.Count);
    }

    [Fact]
    public async Task A_sync_covers_what_was_written_before_it_began()
    {
        CrashingDisk? disk = null;
        disk = new CrashingDisk(0, () =>
        {
            disk!.Open("a").Write(Sectors(2, 1), 512);
            return ValueTask.CompletedTask;
        });
        disk.Open("a").Write(Sectors(1, 1), 0);
        disk.SyncDirectory();
        await disk.Open("a").SyncAsync();
        var lengths = Enumerable.Range(0, 50).Select(seed => disk.AfterPowerLoss(new Random(seed)).Bytes("a").Length).ToHashSet();
        Assert.Equal([512, 1024], lengths.Order());
    }

    [Fact]
    public async Task It_crashes_at_the_call_named_and_stays_crashed()
    {
        var disk = await WithDurableAsync("a", Sectors(1, 1));
        var file = disk.Open("a");
        disk.CrashAt(disk.Calls + 2);
        file.Write(Sectors(2, 1), 0);
        await Assert.ThrowsAsync<SimulatedCrashException>(() => file.SyncAsync().AsTask());
        Assert.True(disk.HasCrashed);
        Assert.Throws<SimulatedCrashException>(() => file.Write(Sectors(3, 1), 0));
        Assert.Throws<SimulatedCrashException>(() => file.Read(new byte[1], 0));
        Assert.Throws<SimulatedCrashException>(() => disk.List());
        Assert.Equal(2, disk.AfterProcessCrash().Bytes("a")[0]);
    }

    [Fact]
    public async Task A_crash_within_a_write_leaves_a_prefix()
    {
        var seen = new HashSet<int>();
        for (var seed = 0; seed < 50; seed++)
        {
            var disk = await WithDurableAsync("a", Sectors(1, 3), seed);
            disk.CrashAt(disk.Calls + 1);
            var file = disk.Open("a");
            Assert.Throws<SimulatedCrashException>(() => file.Write(Sectors(2, 3), 0));
            var after = disk.AfterProcessCrash().Bytes("a").Chunk(512).Select(sector => sector[0]).ToList();
            Assert.Equal(after.OrderDescending(), after);
            seen.Add(after.Count(value => value == 2));
        }
        Assert.Equal([0, 1, 2, 3], seen.Order());
    }

    [Fact]
    public void Room_is_counted_over_all_files()
    {
        var disk = new CrashingDisk { CapacityBytes = 1024 };
        disk.Open("a").Write(Sectors(1, 1), 0);
        disk.Open("b").Write(Sectors(1, 1), 0);
        Assert.Throws<DiskFullException>(() => disk.Open("b").Write(Sectors(1, 1), 512));
        disk.Open("b").Write(Sectors(2, 1), 0);
        disk.Delete("a");
        disk.Open("b").Write(Sectors(1, 1), 512);
    }
}
