using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Snapshots;

/// <summary>Rot, truncation and confusion: whatever is wrong with snapshots and indexes, the log opens whole, and a damaged one is never served.</summary>
public sealed class SnapshotDamageTests
{
    static async Task<(Dictionary<string, byte[]> Files, string Older, string Newest)> TwoSnapshotsAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        for (var i = 0; i < 2; i++)
        {
            await log.FillAsync(new Random(i), 25);
            await log.SnapshotAsync(i == 0 ? log.SealedPosition : log.CommittedPosition);
        }
        await log.FillAsync(new Random(9), 25);
        var names = disk.SnapshotNames().ToList();
        return (disk.Image(), names[0], names[1]);
    }

    static long PositionOf(string name) => long.Parse(name.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    static async Task OpensWithAsync(Dictionary<string, byte[]> files, long newest, string what)
    {
        var disk = Logs.Disk(files);
        await using (var log = await Logs.OpenAsync(disk)) Assert.True(log.NewestReadable(what) == newest, what);
        await SnapshotLogs.SameWithoutAsync(disk, Logs.Small, what);
    }

    [Fact]
    public async Task Any_changed_byte_lets_the_older_one_serve()
    {
        var (files, older, newest) = await TwoSnapshotsAsync();
        var length = files[newest].Length;
        // Every byte of header, heads and the first block's header, and of the trailer; samples of the body between.
        for (var at = 0; at < length; at += at < 800 || at > length - 80 ? 1 : 97)
        {
            var changed = new Dictionary<string, byte[]>(files) { [newest] = [.. files[newest]] };
            changed[newest][at] ^= 0x20;
            await OpensWithAsync(changed, PositionOf(older), $"byte {at} of {length}");
        }
    }

    [Fact]
    public async Task One_that_was_cut_or_grew_lets_the_older_one_serve()
    {
        var (files, older, newest) = await TwoSnapshotsAsync();
        var length = files[newest].Length;
        for (var at = 0; at < length; at += at < 200 || at > length - 100 ? 1 : 211)
            await OpensWithAsync(new(files) { [newest] = files[newest][..at] }, PositionOf(older), $"cut at {at}");
        await OpensWithAsync(new(files) { [newest] = [.. files[newest], 0] }, PositionOf(older), "one more byte");
    }

    [Fact]
    public async Task With_none_left_the_whole_log_serves()
    {
        var (files, older, newest) = await TwoSnapshotsAsync();
        foreach (var at in new[] { 3, 130, 200, files[newest].Length - 1 })
        {
            var changed = new Dictionary<string, byte[]>(files);
            foreach (var name in new[] { older, newest })
            {
                changed[name] = [.. files[name]];
                changed[name][Math.Min(at, changed[name].Length - 1)] ^= 1;
            }
            await OpensWithAsync(changed, 0, $"byte {at} of both");
        }
    }

    [Fact]
    public async Task One_under_another_name_or_of_another_log_is_not_used()
    {
        var (files, older, newest) = await TwoSnapshotsAsync();
        var disk = Logs.Disk(files);
        disk.Put($"{PositionOf(newest) + 1:D20}.snapshot", files[newest]);
        disk.Put("1.snapshot", files[newest]);
        await using (var log = await Logs.OpenAsync(disk)) Assert.Equal(PositionOf(newest), log.NewestReadable("renamed"));

        // The same records in a log with another id.
        var other = new CrashingDisk();
        await using (var log = await Log.OpenAsync(other, Logs.Small, new ManualTime(), 99))
        {
            for (var i = 0; i < 2; i++) await log.FillAsync(new Random(i), 25);
            Assert.Equal(PositionOf(newest), log.CommittedPosition);
            await log.SnapshotAsync(log.CommittedPosition);
        }
        var foreign = Logs.Disk(new Dictionary<string, byte[]>(files) { [newest] = other.Bytes(newest) });
        await using var mixed = await Logs.OpenAsync(foreign);
        Assert.Equal(PositionOf(older), mixed.NewestReadable("of another log"));
    }

    [Fact]
    public async Task One_beyond_a_torn_tail_is_not_used_even_when_the_log_has_grown_past_it()
    {
        var disk = new CrashingDisk();
        var log = await Logs.OpenAsync(disk);
        await log.FillAsync(new Random(1), 25);
        var older = log.SealedPosition;
        await log.SnapshotAsync(older);
        await log.DisposeAsync();
        var before = disk.Image();
        log = await Logs.OpenAsync(disk);
        await log.AppendAsync(Logs.Draft(10, 1));
        await log.SnapshotAsync(log.CommittedPosition);
        var beyond = log.CommittedPosition;
        await log.DisposeAsync();

        // The tail is lost, and with it the record the snapshot stands at.
        var torn = Logs.Disk(before);
        torn.Put($"{beyond:D20}.snapshot", disk.Bytes($"{beyond:D20}.snapshot"));
        torn.Put("epoch", disk.Bytes("epoch"));
        log = await Logs.OpenAsync(torn);
        Assert.True(log.CommittedPosition < beyond);
        Assert.Equal(older, log.SnapshotPosition);
        Assert.Equal(older, log.NewestReadable("beyond the end"));
        // Another record now has its position, with the same time even.
        await log.AppendAsync(Logs.Draft(10, 2));
        Assert.Equal(beyond, log.CommittedPosition);
        await log.DisposeAsync();
        log = await Logs.OpenAsync(torn);
        Assert.Equal(older, log.NewestReadable("overgrown"));
        await log.AppendAsync(Logs.Draft(10, 2));
        await log.DisposeAsync();
        await SnapshotLogs.SameWithoutAsync(torn, Logs.Small, "overgrown");
    }

    [Fact]
    public async Task An_index_that_is_missing_stale_or_cut_is_built_anew_in_spite_of_the_snapshot()
    {
        var (files, _, newest) = await TwoSnapshotsAsync();
        var indexes = files.Keys.Where(name => name.EndsWith(".index", StringComparison.Ordinal)).ToList();
        Assert.True(indexes.Count > 3);
        foreach (var name in indexes)
        {
            var missing = new Dictionary<string, byte[]>(files);
            missing.Remove(name);
            await OpensWithAsync(missing, PositionOf(newest), $"{name} missing");
            foreach (var other in indexes) await OpensWithAsync(new(files) { [name] = files[other] }, PositionOf(newest), $"{name} is {other}");
            await OpensWithAsync(new(files) { [name] = files[name][..^1] }, PositionOf(newest), $"{name} cut");
            for (var at = 0; at < 96; at += 5)
            {
                var changed = new Dictionary<string, byte[]>(files) { [name] = [.. files[name]] };
                changed[name][at] ^= 4;
                await OpensWithAsync(changed, PositionOf(newest), $"{name} byte {at}");
            }
        }
    }

    [Fact]
    public async Task An_index_damaged_behind_its_header_never_misleads_and_is_built_anew_when_it_tries()
    {
        var (files, _, _) = await TwoSnapshotsAsync();
        var (replaced, unused) = (0, 0);
        foreach (var name in files.Keys.Where(name => name.EndsWith(".index", StringComparison.Ordinal)))
        {
            for (var at = 96; at < files[name].Length; at += 17)
            {
                var disk = Logs.Disk(files);
                disk.Flip(name, at, mask: 0x11);
                await SnapshotLogs.SameWithoutAsync(Logs.Disk(disk.Image()), Logs.Small, $"{name} byte {at}");

                // Once it contradicted a record, upkeep gives it the bytes it had.
                await using var log = await Logs.OpenAsync(disk);
                foreach (var feed in SnapshotLogs.Feeds) log.All(feed);
                for (var position = 1; position <= log.CommittedPosition; position++) log.ReadFrom(position, 1, int.MaxValue);
                using var stopping = new CancellationTokenSource();
                var upkeep = log.MaintainAsync(stopping.Token);
                await stopping.CancelAsync();
                await upkeep;
                if (disk.Bytes(name).AsSpan().SequenceEqual(files[name])) replaced++;
                else unused++;
            }
        }
        // What is never asked for can't mislead: positions of last records, numbers, paddings.
        Assert.True(replaced > unused, $"{replaced} replaced, {unused} not");
    }

    [Fact]
    public async Task Heads_that_went_bad_while_the_log_is_open_are_computed_from_older_ones()
    {
        var (files, _, newest) = await TwoSnapshotsAsync();
        var disk = Logs.Disk(files);
        await using (var log = await Logs.OpenAsync(disk))
        {
            disk.Flip(newest, 160);
            await log.SnapshotAsync(log.CommittedPosition);
            Assert.Equal(log.CommittedPosition, log.NewestReadable("after rot"));
            Assert.DoesNotContain(newest, disk.SnapshotNames());
        }
        await SnapshotLogs.SameWithoutAsync(disk, Logs.Small, "after rot");
    }
}
