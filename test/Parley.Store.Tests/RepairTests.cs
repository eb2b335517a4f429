using Parley.Store.Checks;
using Parley.Store.Disks;
using Parley.Store.Tests.Snapshots;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

/// <summary>What a repair keeps, sets aside and says.</summary>
public sealed class RepairTests
{
    const string Folder = "damaged-20260101T000000Z";

    /// <summary>Four segments and more, all but the last with index; a snapshot in the middle and one at the end.</summary>
    static async Task<(Dictionary<string, byte[]> Files, IReadOnlyList<LogRecord> Records)> FilledAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        for (var i = 0; i < 43; i++)
        {
            await log.AppendAsync(Logs.Draft(1000, 1, (ulong)(2 + (i % 3))));
            if (i == 25) await log.SnapshotAsync(log.SealedPosition);
        }
        await log.SnapshotAsync(log.CommittedPosition);
        return (disk.Image(), log.All());
    }

    static Task<RepairReport> RepairAsync(CrashingDisk disk, bool apply = true) => LogRepair.RunAsync(disk, new ManualTime(), apply).AsTask();

    /// <summary>Every byte of every file that was there is still there, in place or in the folder.</summary>
    static void NothingIsDestroyed(Dictionary<string, byte[]> before, CrashingDisk disk)
    {
        foreach (var (name, bytes) in before)
        {
            var copies = new[] { name, $"{Folder}/{name}" }.Where(disk.List().Contains).Select(disk.Bytes);
            Assert.True(copies.Any(copy => copy.AsSpan().SequenceEqual(bytes)), name);
        }
    }

    static async Task OpensWithAsync(CrashingDisk disk, IReadOnlyList<LogRecord> expected)
    {
        Assert.Empty(LogCheck.Run(disk).Problems);
        Assert.False((await RepairAsync(disk, apply: false)).IsNeeded);
        await using (var log = await Logs.OpenAsync(disk))
        {
            Assert.Equal(expected.Select(record => (record.Position, record.Time)), log.All().Select(record => (record.Position, record.Time)));
            Assert.Equal(expected.Count, log.All(feed: 1).Count);
            Assert.True(log.NewestReadable("repaired") <= expected.Count);
            await log.AppendAsync(Logs.Draft(1000, 1));
        }
        await SnapshotLogs.SameWithoutAsync(disk, Logs.Small, "repaired");
    }

    [Fact]
    public async Task A_sound_log_needs_none()
    {
        var (files, records) = await FilledAsync();
        var disk = Logs.Disk(files);
        var report = await RepairAsync(disk);
        Assert.False(report.IsNeeded || report.IsApplied);
        Assert.Equal((records.Count, records[^1].Time, 0, 0), (report.KeptPosition, report.KeptTime, report.LostFrom, report.LostTo));
        Assert.All(files, file => Assert.Equal(file.Value, disk.Bytes(file.Key)));
        Assert.False((await RepairAsync(new CrashingDisk())).IsNeeded);
    }

    [Fact]
    public async Task A_torn_last_batch_needs_none()
    {
        var (files, _) = await FilledAsync();
        var last = files.Keys.Where(name => name.EndsWith(".segment", StringComparison.Ordinal)).Last(name => files[name].AsSpan(64).ContainsAnyExcept((byte)0));
        var disk = Logs.Disk(files.Where(file => !file.Key.EndsWith(".snapshot", StringComparison.Ordinal)));
        disk.Flip(last, files[last].AsSpan().LastIndexOfAnyExcept((byte)0));
        Assert.False((await RepairAsync(disk)).IsNeeded);
    }

    [Fact]
    public async Task What_lies_behind_damage_goes_aside_and_is_reported()
    {
        var (files, records) = await FilledAsync();
        var disk = Logs.Disk(files);
        disk.Flip("00000002.segment", 5000);
        var before = disk.Image();

        var plan = await RepairAsync(disk, apply: false);
        Assert.True(plan.IsNeeded && !plan.IsApplied);
        Assert.All(before, file => Assert.Equal(file.Value, disk.Bytes(file.Key)));

        var report = await RepairAsync(disk);
        Assert.Equal(plan.Steps, report.Steps);
        Assert.True(report.IsApplied);
        var kept = (int)report.KeptPosition;
        Assert.InRange(kept, 13, 18);
        Assert.Equal((kept + 1, records.Count), (report.LostFrom, report.LostTo));
        Assert.Equal((records[kept - 1].Time, records[kept].Time, records[^1].Time), (report.KeptTime, report.LostFromTime, report.LostToTime));
        // The batch with the changed body has a whole header too.
        Assert.Equal(records.Count - kept, report.ReadableAside);
        NothingIsDestroyed(before, disk);
        await OpensWithAsync(disk, [.. records.Take(kept)]);
    }

    [Theory]
    [InlineData("00000001.segment", 0), InlineData("00000002.segment", 9), InlineData("00000003.segment", 20)]
    public async Task A_missing_segment_cuts_there(string name, int least)
    {
        var (files, records) = await FilledAsync();
        files.Remove(name);
        var disk = Logs.Disk(files);
        var report = await RepairAsync(disk);
        Assert.InRange(report.KeptPosition, least, least + 5);
        Assert.Equal(records.Count, report.LostTo);
        NothingIsDestroyed(files, disk);
        await OpensWithAsync(disk, [.. records.Take((int)report.KeptPosition)]);
    }

    [Theory]
    [InlineData("00000001.segment"), InlineData("00000002.segment"), InlineData("00000004.segment")]
    public async Task A_damaged_header_costs_no_record(string name)
    {
        var (files, records) = await FilledAsync();
        var disk = Logs.Disk(files);
        disk.Flip(name, 17);
        var before = disk.Image();
        Assert.Equal(0, (await RepairAsync(disk)).LostFrom);
        NothingIsDestroyed(before, disk);
        await OpensWithAsync(disk, records);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_lost_epoch_file_is_written_with_an_epoch_never_given_out(bool isMissing)
    {
        var (files, records) = await FilledAsync();
        var disk = Logs.Disk(files);
        if (isMissing) disk.Remove("epoch");
        else disk.Flip("epoch", 16);
        var before = disk.Image();
        Assert.True((await RepairAsync(disk)).IsApplied);
        NothingIsDestroyed(before, disk);
        await using (var log = await Logs.OpenAsync(disk)) Assert.True(log.Epoch > 1000 && (ulong)log.LogId == Logs.Id);
        await OpensWithAsync(disk, records);
    }

    [Fact]
    public async Task A_damaged_index_or_snapshot_goes_aside_alone()
    {
        var (files, records) = await FilledAsync();
        var snapshot = files.Keys.First(name => name.EndsWith(".snapshot", StringComparison.Ordinal));
        foreach (var name in new[] { "00000002.index", snapshot })
        {
            var disk = Logs.Disk(files);
            disk.Flip(name, 150);
            var before = disk.Image();
            var report = await RepairAsync(disk);
            Assert.Equal((name, "move"), (Assert.Single(report.Steps).File, report.Steps[0].Action));
            NothingIsDestroyed(before, disk);
            await OpensWithAsync(disk, records);
        }
    }

    [Fact]
    public async Task Interrupted_anywhere_it_can_be_done_again_and_keeps_the_same()
    {
        var (files, records) = await FilledAsync();
        for (var call = 1; ; call++)
        {
            var disk = Logs.Disk(files);
            disk.Flip("00000002.segment", 5000);
            disk.Flip("epoch", 16);
            disk.CrashAt(call);
            try
            {
                await RepairAsync(disk);
            }
            catch (SimulatedCrashException)
            {
            }
            foreach (var after in new[] { disk.AfterProcessCrash(), disk.AfterPowerLoss(new Random(call)) })
            {
                var again = await RepairAsync(after);
                Assert.InRange(again.KeptPosition, 13, 18);
                await OpensWithAsync(after, [.. records.Take((int)again.KeptPosition)]);
            }
            if (!disk.HasCrashed) break;
        }
    }

    [Fact]
    public async Task On_a_real_disk_the_folder_lies_in_the_directory()
    {
        var (files, _) = await FilledAsync();
        var directory = Directory.CreateTempSubdirectory("parley-repair-").FullName;
        try
        {
            foreach (var (name, bytes) in files) await File.WriteAllBytesAsync(Path.Combine(directory, name), bytes);
            File.Delete(Path.Combine(directory, "00000002.segment"));
            var disk = new PosixDisk(directory);
            Assert.True((await LogRepair.RunAsync(disk, new ManualTime(), apply: true)).IsApplied);
            Assert.Equal(files["00000003.segment"], await File.ReadAllBytesAsync(Path.Combine(directory, Folder, "00000003.segment")));
            Assert.DoesNotContain("00000003.segment", disk.List());
            Assert.Empty(LogCheck.Run(disk).Problems);
            await (await Log.OpenAsync(disk, Logs.Small, new ManualTime())).DisposeAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
