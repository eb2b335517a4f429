using Parley.Store.Disks;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

public sealed class IndexTests
{
    static async Task<CrashingDisk> FilledAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        for (var i = 0; i < 60; i++) await log.AppendAsync(Logs.Draft(700, 1, (ulong)(2 + (i % 3))));
        Assert.Contains("00000002.index", disk.List());
        return disk;
    }

    static async Task OpensWholeAsync(CrashingDisk disk, Dictionary<string, byte[]> expected)
    {
        await using var log = await Logs.OpenAsync(disk);
        Assert.Equal(60, log.All(feed: 1).Count);
        Assert.Equal(20, log.ReadLast(Logs.Feed(3), 99, int.MaxValue).Count);
        Assert.Equal(60, log.All().Count);
        foreach (var (name, bytes) in expected.Where(file => file.Key.EndsWith(".index", StringComparison.Ordinal))) Assert.Equal(bytes, disk.Bytes(name));
        Assert.Empty(log.Check().Problems);
    }

    [Theory]
    [InlineData("00000001.index"), InlineData("00000002.index")]
    public async Task A_missing_index_is_built_anew(string name)
    {
        var disk = await FilledAsync();
        var files = disk.Image();
        disk.Remove(name);
        await OpensWholeAsync(disk, files);
    }

    [Fact]
    public async Task All_of_them_missing_are_built_anew()
    {
        var disk = await FilledAsync();
        var files = disk.Image();
        foreach (var name in disk.List().Where(name => name.EndsWith(".index", StringComparison.Ordinal)).ToList()) disk.Remove(name);
        await OpensWholeAsync(disk, files);
    }

    [Fact]
    public async Task One_with_any_changed_or_missing_byte_is_built_anew()
    {
        var files = (await FilledAsync()).Image();
        var length = files["00000001.index"].Length;
        for (var at = 0; at < length; at += 3)
        {
            var changed = Logs.Disk(files);
            changed.Flip("00000001.index", at, 0x10);
            await OpensWholeAsync(changed, files);
            var cut = Logs.Disk(files);
            cut.Put("00000001.index", files["00000001.index"].AsSpan(0, at));
            await OpensWholeAsync(cut, files);
        }
    }

    [Fact]
    public async Task One_of_an_earlier_state_of_the_segment_is_built_anew()
    {
        var disk = new CrashingDisk();
        var options = Logs.Small;
        var log = await Logs.OpenAsync(disk, options);
        while (!disk.List().Contains("00000001.index")) await log.AppendAsync(Logs.Draft(700, 1));
        await log.DisposeAsync();
        var stale = disk.Bytes("00000001.index");

        // The second segment's first batch is lost as never acknowledged, and smaller batches then fit into the first.
        foreach (var name in disk.List().Where(name => name.EndsWith(".segment", StringComparison.Ordinal) && name != "00000001.segment").ToList()) disk.Remove(name);
        options.MaxBatchBytes = 400;
        log = await Logs.OpenAsync(disk, options);
        Assert.Equal(BitConverter.ToInt64(stale, 40), log.CommittedPosition);
        await log.AppendAsync(Logs.Draft(100, 1));
        Assert.DoesNotContain("00000001.index", disk.List());
        while (!disk.List().Contains("00000001.index")) await log.AppendAsync(Logs.Draft(100, 1));
        var expected = log.All(feed: 1).Count;
        await log.DisposeAsync();

        disk.Put("00000001.index", stale);
        await using var again = await Logs.OpenAsync(disk, options);
        Assert.Equal(expected, again.All(feed: 1).Count);
        Assert.NotEqual(stale, disk.Bytes("00000001.index"));
        Assert.Empty(again.Check().Problems);
    }

    [Fact]
    public async Task A_full_disk_leaves_the_newest_segments_served_from_memory_until_there_is_room()
    {
        var files = (await FilledAsync()).Image();
        var newest = files.Keys.Where(name => name.EndsWith(".index", StringComparison.Ordinal)).Max()!;
        files.Remove(newest);
        var disk = Logs.Disk(files);
        disk.CapacityBytes = files.Values.Sum(bytes => (long)bytes.Length) + 64;
        await using (var log = await Logs.OpenAsync(disk))
        {
            Assert.Equal(60, log.All(feed: 1).Count);
            Assert.DoesNotContain(newest, disk.List());
        }
        disk.CapacityBytes = long.MaxValue;
        await using var again = await Logs.OpenAsync(disk);
        Assert.Contains(newest, disk.List());
    }

    [Fact]
    public async Task An_older_one_that_cannot_be_built_for_lack_of_space_is_said()
    {
        var files = (await FilledAsync()).Image();
        files.Remove("00000001.index");
        var disk = Logs.Disk(files);
        disk.CapacityBytes = files.Values.Sum(bytes => (long)bytes.Length) + 64;
        var error = await Assert.ThrowsAsync<DiskFullException>(() => Logs.OpenAsync(disk));
        Assert.Contains("00000001.index", error.Message, StringComparison.Ordinal);
        disk.CapacityBytes = long.MaxValue;
        await OpensWholeAsync(disk, files);
    }
}
