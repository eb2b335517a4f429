using Parley.Testing.Disks;

namespace Parley.Store.Tests.Snapshots;

/// <summary>A crash at every call to the disk while a snapshot is written, and while a start uses one.</summary>
public sealed class SnapshotCrashTests
{
    const int Seeds = 3;

    /// <summary>Two snapshots, then more records, one at the committed position.</summary>
    static async Task<(Dictionary<string, byte[]> Files, long[] Snapshots, long Committed)> PreparedAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        var snapshots = new List<long>();
        for (var i = 0; i < 2; i++)
        {
            await log.FillAsync(new Random(i), 30);
            snapshots.Add(log.SealedPosition);
            await log.SnapshotAsync(log.SealedPosition);
        }
        await log.FillAsync(new Random(9), 30);
        return (disk.Image(), [.. snapshots], log.CommittedPosition);
    }

    static IEnumerable<CrashingDisk> AfterCrash(CrashingDisk disk, int seed)
    {
        yield return disk.AfterProcessCrash();
        yield return disk.AfterPowerLoss(new Random(seed));
        yield return disk.AfterProcessCrash().AfterPowerLoss(new Random(seed));
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task While_one_is_written_the_older_ones_stay_usable(bool isAtSealedEnd)
    {
        var (files, snapshots, committed) = await PreparedAsync();
        for (var seed = 0; seed < Seeds; seed++)
        {
            for (var call = 1; ; call++)
            {
                var disk = Logs.Disk(files);
                var log = await Logs.OpenAsync(disk);
                var position = isAtSealedEnd ? log.SealedPosition : log.CommittedPosition;
                disk.CrashAt(disk.Calls + call);
                var isComplete = false;
                try
                {
                    await log.SnapshotAsync(position);
                    isComplete = true;
                }
                catch (SimulatedCrashException)
                {
                }
                foreach (var after in AfterCrash(disk, seed))
                {
                    var what = $"seed {seed}, call {call}";
                    var again = await Logs.OpenAsync(after);
                    Assert.True(again.CommittedPosition == committed, what);
                    var newest = again.NewestReadable(what);
                    Assert.True(isComplete ? newest == position : newest == position || newest == snapshots[1], $"{what}: {newest}");
                    Assert.True(again.SnapshotPosition == newest, what);
                    Assert.DoesNotContain(after.List(), name => name.EndsWith(".new", StringComparison.Ordinal));
                    // The next one completes, whatever this one left.
                    await again.FillAsync(new Random(call), 2);
                    await again.SnapshotAsync(again.CommittedPosition);
                    Assert.True(again.NewestReadable(what) == again.CommittedPosition, what);
                    await again.DisposeAsync();
                    await SnapshotLogs.SameWithoutAsync(after, Logs.Small, what);
                }
                if (!disk.HasCrashed)
                {
                    Assert.True(call > 8);
                    break;
                }
            }
        }
    }

    [Fact]
    public async Task While_a_start_uses_one_nothing_is_lost()
    {
        var (files, snapshots, committed) = await PreparedAsync();
        for (var seed = 0; seed < Seeds; seed++)
        {
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
                foreach (var after in AfterCrash(disk, seed))
                {
                    var what = $"seed {seed}, call {call}";
                    await using (var again = await Logs.OpenAsync(after))
                    {
                        Assert.True(again.CommittedPosition == committed, what);
                        Assert.True(again.NewestReadable(what) == snapshots[1], what);
                    }
                    await SnapshotLogs.SameWithoutAsync(after, Logs.Small, what);
                }
                if (!disk.HasCrashed)
                {
                    Assert.True(call > 5);
                    break;
                }
            }
        }
    }

    [Theory]
    [InlineData(Durability.Commit), InlineData(Durability.System)]
    public void Schedules_of_appends_snapshots_and_crashes_keep_every_promise(Durability durability)
    {
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            new SeededContext(random).Run(() => RunAsync(random, durability, $"seed {seed} {durability}"));
        }
    }

    static async Task RunAsync(Random random, Durability durability, string what)
    {
        var options = Logs.Small;
        options.Durability = durability;
        var disk = new CrashingDisk(random.Next(), static async () => await Task.Yield());
        for (var round = 0; round < 4; round++)
        {
            disk.CrashAt(disk.Calls + random.Next(20, 300));
            try
            {
                var log = await Logs.OpenAsync(disk, options);
                using var stopping = new CancellationTokenSource();
                var upkeep = log.MaintainAsync(stopping.Token);
                var snapshots = SnapshotsAsync(log, random, stopping.Token);
                try
                {
                    await log.FillAsync(random, random.Next(100));
                }
                finally
                {
                    stopping.Cancel();
                    await upkeep;
                    await snapshots;
                }
                if (random.Next(3) > 0) await log.SnapshotAsync(log.CommittedPosition);
                await log.DisposeAsync();
            }
            catch (Exception e) when (e is SimulatedCrashException or LogReadOnlyException or ArgumentException)
            {
                // An empty log has no position to stand at; all others are the crash.
            }
            disk = random.Next(2) == 0 ? disk.AfterProcessCrash() : disk.AfterPowerLoss(random);
            var copy = Logs.Disk(disk.Image());
            await SnapshotLogs.SameWithoutAsync(copy, options, $"{what}, round {round}");
            await using var again = await Logs.OpenAsync(copy, options);
            again.NewestReadable(what);
        }
    }

    /// <summary>What a host does beside the writer.</summary>
    static async Task SnapshotsAsync(Log log, Random random, CancellationToken stopping)
    {
        try
        {
            for (var at = 0L; ;)
            {
                await log.WaitSealedPastAsync(at, stopping);
                at = log.SealedPosition;
                if (random.Next(3) > 0) await log.SnapshotAsync(at);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }
}
