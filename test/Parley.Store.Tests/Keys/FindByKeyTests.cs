using System.Buffers.Binary;
using Parley.Store.Feeds;
using Parley.Store.Keys;
using Parley.Store.Replication;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Keys;

/// <summary>Searches of a log by keys that its bodies begin with.</summary>
public sealed class FindByKeyTests
{
    static readonly RecordKeys ByBody = new(1, KeyOf);

    static ulong KeyOf(long log, ushort type, long app, ReadOnlySpan<Filing> filings, ReadOnlySpan<byte> body)
        => body.Length < sizeof(ulong) ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(body);

    static Draft Draft(ulong key)
    {
        var body = new byte[300];
        BinaryPrimitives.WriteUInt64LittleEndian(body, key);
        return new Draft(body, 1);
    }

    static async Task<Log> OpenAsync(CrashingDisk disk, RecordKeys? keys = null)
    {
        var log = await Logs.OpenAsync(disk);
        log.UseKeys(keys ?? ByBody);
        return log;
    }

    /// <summary>Keys 1 to 40, again and again, in a few segments; then one that is there once and early.</summary>
    static async Task<CrashingDisk> FilledAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await OpenAsync(disk);
        await log.AppendAsync(Draft(777));
        for (var i = 0; i < 160; i++) await log.AppendAsync(Draft(1 + ((ulong)i % 40)), Draft(0));
        return disk;
    }

    static async Task<List<long>> FindAsync(Log log, ulong key, long sinceTime = 0)
    {
        var found = new List<long>();
        await foreach (var record in log.FindByKeyAsync(key, sinceTime)) found.Add(record.Position);
        return found;
    }

    static List<long> Expected(Log log, ulong key, long sinceTime = 0)
        => [.. log.All().Where(record => KeyOf(0, 0, 0, [], record.Body.Span) == key && record.Time >= sinceTime).Select(record => record.Position).OrderDescending()];

    static async Task AssertFindsAllAsync(Log log)
    {
        foreach (var key in (ulong[])[1, 7, 40, 41, 777])
        {
            Assert.Equal(Expected(log, key), await FindAsync(log, key));
            var since = log.LastTime / 2;
            Assert.Equal(Expected(log, key, since), await FindAsync(log, key, since));
        }
    }

    static string[] KeysOf(CrashingDisk disk) => [.. disk.List().Where(name => name.EndsWith(".keys", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Finds_in_full_segments_and_in_the_one_that_is_written_the_newest_first()
    {
        var disk = await FilledAsync();
        await using var log = await OpenAsync(disk);
        await AssertFindsAllAsync(log);
        await log.AppendAsync(Draft(7), Draft(777));
        await AssertFindsAllAsync(log);
        Assert.Equal(2, (await FindAsync(log, 777)).Count);
        Assert.True(KeysOf(disk).Length > 3);
        Assert.Empty(log.Check().Problems);
    }

    [Fact]
    public async Task Segments_that_end_before_are_not_looked_at()
    {
        var disk = await FilledAsync();
        await using var log = await OpenAsync(disk);
        await FindAsync(log, 777, log.LastTime);
        Assert.Empty(KeysOf(disk));
        Assert.Single(await FindAsync(log, 777));
        Assert.Contains("00000001.keys", KeysOf(disk));
    }

    [Fact]
    public async Task Upkeep_writes_the_keys_of_segments_as_they_become_full()
    {
        var disk = new CrashingDisk();
        await using var log = await OpenAsync(disk);
        for (var i = 0; i < 160; i++) await log.AppendAsync(Draft(1 + ((ulong)i % 40)));
        Assert.Empty(KeysOf(disk));
        using var stopping = new CancellationTokenSource();
        // A round of it is over when it waits for the next: this disk makes nobody wait.
        var upkeep = log.MaintainAsync(stopping.Token);
        var full = disk.List().Count(name => name.EndsWith(".index", StringComparison.Ordinal));
        Assert.Equal(full, KeysOf(disk).Length);
        Assert.True(full > 1);
        await AssertFindsAllAsync(log);
        await stopping.CancelAsync();
        await upkeep;
    }

    [Fact]
    public async Task A_log_without_keys_writes_none_and_keys_are_built_once_they_are_asked_for()
    {
        var disk = new CrashingDisk();
        await using (var log = await Logs.OpenAsync(disk))
        {
            for (var i = 0; i < 160; i++) await log.AppendAsync(Draft(1 + ((ulong)i % 40)));
        }

        Assert.Empty(KeysOf(disk));
        await using var again = await OpenAsync(disk);
        await AssertFindsAllAsync(again);
        Assert.NotEmpty(KeysOf(disk));
    }

    [Fact]
    public async Task Damaged_keys_are_built_anew_and_a_check_finds_them()
    {
        var disk = await FilledAsync();
        await using (var log = await OpenAsync(disk)) await AssertFindsAllAsync(log);
        var files = disk.Image();
        const string name = "00000002.keys";
        for (var at = 0; at < files[name].Length; at += 5)
        {
            var changed = Logs.Disk(files);
            changed.Flip(name, at, 0x08);
            Assert.Contains(Parley.Store.Checks.LogCheck.Run(changed).Problems, problem => problem.Segment == name);
            await using (var log = await OpenAsync(changed)) await AssertFindsAllAsync(log);
            if (at % 50 > 0) continue;
            var cut = Logs.Disk(files);
            cut.Put(name, files[name].AsSpan(0, at));
            await using (var log = await OpenAsync(cut)) await AssertFindsAllAsync(log);
            Assert.Equal(files[name], cut.Bytes(name));
        }
    }

    [Fact]
    public async Task Keys_of_another_version_or_another_segments_are_not_believed()
    {
        var disk = await FilledAsync();
        await using (var log = await OpenAsync(disk)) await AssertFindsAllAsync(log);
        var other = new RecordKeys(2, static (log, type, app, filings, body) => KeyOf(log, type, app, filings, body) == 0 ? 0UL : 5);
        await using (var log = await OpenAsync(Logs.Disk(disk.Image()), other)) Assert.Equal(161, (await FindAsync(log, 5)).Count);

        var mixed = Logs.Disk(disk.Image());
        mixed.Put("00000002.keys", disk.Bytes("00000003.keys"));
        await using (var log = await OpenAsync(mixed)) await AssertFindsAllAsync(log);
    }

    [Fact]
    public async Task Who_gives_many_records_the_same_key_gets_them_all()
    {
        var disk = await FilledAsync();
        await using var log = await OpenAsync(disk, new RecordKeys(9, static (_, _, _, _, _) => 1));
        Assert.Equal(log.All().Select(record => record.Position).Reverse(), await FindAsync(log, 1));
    }

    [Fact]
    public async Task A_crash_at_any_call_while_keys_are_written_leaves_a_log_that_finds_all()
    {
        var files = (await FilledAsync()).Image();
        for (var call = 1; ; call++)
        {
            var disk = Logs.Disk(files);
            var log = await OpenAsync(disk);
            disk.CrashAt(disk.Calls + call);
            try
            {
                await AssertFindsAllAsync(log);
            }
            catch (IOException)
            {
                // The crash.
            }

            if (!disk.HasCrashed) break;
            foreach (var left in (CrashingDisk[])[disk.AfterProcessCrash(), disk.AfterPowerLoss(new Random(call))])
            {
                Assert.True(Parley.Store.Checks.LogCheck.Run(left.AfterProcessCrash()).IsSound);
                await using var again = await OpenAsync(left);
                await AssertFindsAllAsync(again);
            }
        }
    }

    [Fact]
    public async Task A_segment_that_can_not_be_read_is_an_error_and_not_an_empty_answer()
    {
        var disk = await FilledAsync();
        disk.Flip("00000002.segment", 500, 0x01);
        await using var log = await OpenAsync(disk);
        await Assert.ThrowsAnyAsync<IOException>(() => FindAsync(log, 777));
    }

    [Fact]
    public async Task A_full_disk_is_an_error_as_long_as_it_lasts()
    {
        var disk = await FilledAsync();
        await using var log = await OpenAsync(disk);
        disk.CapacityBytes = 0;
        await Assert.ThrowsAnyAsync<IOException>(() => FindAsync(log, 777));
        disk.CapacityBytes = long.MaxValue;
        await AssertFindsAllAsync(log);
    }

    [Fact]
    public async Task Many_who_ask_at_once_find_the_same()
    {
        var disk = await FilledAsync();
        await using var log = await OpenAsync(disk);
        var expected = Expected(log, 7);
        var found = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => FindAsync(log, 7))));
        Assert.All(found, one => Assert.Equal(expected, one));
    }

    [Fact]
    public async Task Older_directories_get_their_keys()
    {
        foreach (var directory in Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "Formats")))
        {
            var disk = new CrashingDisk();
            foreach (var file in Directory.GetFiles(directory)) disk.Put(Path.GetFileName(file), File.ReadAllBytes(file));
            if (!disk.List().Contains("epoch") || disk.List().Contains(ReplicaLog.MarkerName)) continue;
            await using var log = await Log.OpenAsync(disk, Logs.Small, new ManualTime());
            log.UseKeys(ByBody);
            foreach (var record in log.All().Where(record => record.Body.Length >= 8).Take(50))
                Assert.Contains(record.Position, await FindAsync(log, KeyOf(0, 0, 0, [], record.Body.Span)));
        }
    }
}
