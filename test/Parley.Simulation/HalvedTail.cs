using Parley.Store;
using Parley.Store.Feeds;
using Parley.Testing.Disks;

namespace Parley.Simulation;

/// <summary>What a recovery that does not know where batches end could leave: of the records behind the last committed one, the first few.</summary>
static class HalvedTail
{
    public static CrashingDisk Of(CrashingDisk disk, long committed, World world)
    {
        var task = CopyAsync(disk, committed, world);
        while (!task.IsCompleted) world.Scheduler.Step();
        world.Scheduler.Drop();
        return task.GetAwaiter().GetResult();
    }

    static async Task<CrashingDisk> CopyAsync(CrashingDisk disk, long committed, World world)
    {
        // Opening changes the disk, so it is a copy that is opened.
        var found = await OpenAsync(disk.AfterProcessCrash(), world);
        if (found.CommittedPosition <= committed + 1) return disk;

        var kept = committed + 1 + world.Random.NextInt64(found.CommittedPosition - committed - 1);
        world.Note($"kept {kept} of {found.CommittedPosition}, committed {committed}");
        var copy = new CrashingDisk(world.Schedule.Seed);
        var target = await OpenAsync(copy, world);
        foreach (var record in found.ReadFrom(1, (int)kept, int.MaxValue))
        {
            var batch = await target.BeginAsync(CancellationToken.None);
            batch!.Add(record.Type, record.App, record.Time, [.. record.Filings.Select(filing => filing.Feed)], record.Body.Span, new Filing[record.Filings.Length]);
            await target.CommitAsync(batch);
        }

        await target.DisposeAsync();
        return copy.AfterProcessCrash();
    }

    static ValueTask<Log> OpenAsync(CrashingDisk disk, World world)
        => Log.OpenAsync(disk, world.Schedule.Log, world.Scheduler.Time, newLogId: (ulong)world.Schedule.Seed);
}
