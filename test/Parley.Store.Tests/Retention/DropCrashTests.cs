using Parley.Testing.Disks;
using static Parley.Store.Tests.Retention.DropLogs;

namespace Parley.Store.Tests.Retention;

/// <summary>A crash at every call to the disk while segments are dropped, and while a start deletes what such a crash left.</summary>
public sealed class DropCrashTests
{
    const int Seeds = 2;

    static IEnumerable<CrashingDisk> AfterCrash(CrashingDisk disk, int seed)
    {
        yield return disk.AfterProcessCrash();
        yield return disk.AfterPowerLoss(new Random(seed));
        yield return disk.AfterProcessCrash().AfterPowerLoss(new Random(seed));
    }

    [Fact]
    public async Task The_log_begins_where_it_did_or_where_it_was_to_and_has_all_behind()
    {
        var prepared = new CrashingDisk();
        Told told;
        await using (var log = await FilledAsync(prepared, 1)) told = Told.Of(log);
        var files = prepared.Image();
        for (var seed = 0; seed < Seeds; seed++)
        {
            for (var call = 1; ; call++)
            {
                var disk = Logs.Disk(files);
                var log = await Logs.OpenAsync(disk);
                disk.CrashAt(disk.Calls + call);
                var dropped = 0;
                try
                {
                    dropped = await log.DropAsync();
                }
                catch (SimulatedCrashException)
                {
                }

                foreach (var after in AfterCrash(disk, seed))
                {
                    var what = $"seed {seed}, call {call}";
                    await BeginsAsync(after, told, dropped, what);
                }

                if (disk.HasCrashed) continue;
                Assert.True(call > 8);
                break;
            }
        }
    }

    [Fact]
    public async Task A_start_that_deletes_what_was_left_can_be_done_again()
    {
        var prepared = new CrashingDisk();
        await using (var log = await FilledAsync(prepared, 2)) { }
        var all = prepared.Image();
        Told told;
        await using (var log = await Logs.OpenAsync(prepared))
        {
            told = Told.Of(log);
            Assert.True(await log.DropAsync() > 1);
        }

        // All of the segments are still there.
        var files = prepared.Image();
        foreach (var (name, bytes) in all) files.TryAdd(name, bytes);
        for (var call = 1; ; call++)
        {
            var disk = Logs.Disk(files);
            disk.CrashAt(call);
            try
            {
                await Logs.OpenAsync(disk);
            }
            catch (SimulatedCrashException)
            {
            }

            foreach (var after in AfterCrash(disk, call)) await BeginsAsync(after, told, dropped: 1, $"call {call}");
            if (disk.HasCrashed) continue;
            Assert.True(call > 5);
            break;
        }
    }

    static async Task BeginsAsync(CrashingDisk disk, Told told, int dropped, string what)
    {
        await using (var again = await Logs.OpenAsync(disk))
        {
            Assert.True(again.CommittedPosition == told.Records[^1].Position, what);
            if (dropped > 0) Assert.True(again.FirstPosition > 1, what);
            again.Says(told, what);
            Assert.True(disk.SegmentNames()[0] == (again.FirstPosition == 1 ? "00000001.segment" : disk.SegmentNames()[0]) && !disk.List().Any(name => name.EndsWith(".new", StringComparison.Ordinal)), what);
            // The next one completes, whatever this one left.
            await again.DropAsync();
            Assert.True(again.FirstPosition > 1 && !disk.List().Contains("00000001.segment") && !disk.List().Contains("00000001.index"), what);
            again.Says(told, what);
            await again.GoesOnAsync(what);
        }

        Assert.True(Checks.LogCheck.Run(disk).IsSound, what);
    }
}
