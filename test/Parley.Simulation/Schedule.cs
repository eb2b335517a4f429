using Parley.Core;
using Parley.Core.Sessions;
using Parley.Store;

namespace Parley.Simulation;

enum Ending
{
    /// <summary>The server is stopped in order; nothing may be lost by it.</summary>
    Stop,
    ProcessCrash,
    PowerLoss,
}

enum Fault { None, FailedWrite, FailedSync, FullDisk }

/// <summary>One start of the server and its end.</summary>
/// <param name="CrashCall">The disk call that crashes; 0 for none.</param>
/// <param name="CrashStep">The step before which it crashes; 0 for none. Without either, or when all is done before, it ends when the clients are done.</param>
/// <param name="FaultStep">The step before which the fault strikes; 0 strikes before the log is opened.</param>
/// <param name="ReliefStep">The step before which a full disk has room again.</param>
/// <param name="ClockSetBy">How far the wall clock is set before the start.</param>
sealed record Life(int Operations, long CrashCall, long CrashStep, Ending Ending, Fault Fault, long FaultStep, long ReliefStep, int SpareBytes, TimeSpan ClockSetBy)
{
    /// <summary>As <see cref="CrashStep"/>: as soon as the log was opened and read, before anything else could sync what was kept.</summary>
    public const long OnceOpen = -1;

    /// <summary>Opens once more, so that the end of the life before is looked at too.</summary>
    public static readonly Life Last = new(1, 0, 0, Ending.Stop, Fault.None, 0, 0, 0, TimeSpan.Zero);
}

/// <summary>Everything the seed decides beforehand.</summary>
sealed class Schedule
{
    public Schedule(int seed)
    {
        Seed = seed;
        var random = new Random(seed);
        Log = new LogOptions
        {
            SegmentBytes = (16 << 10) << random.Next(3),
            PrepareBytes = 8 << 10,
            MaxBatchBytes = (4 << 10) << random.Next(2),
            Durability = random.Next(6) == 0 ? Durability.Interval : random.Next(8) == 0 ? Durability.System : Durability.Commit,
            SyncInterval = TimeSpan.FromMilliseconds(10),
        };
        Core = new CoreOptions
        {
            MessageRate = random.Next(4) == 0 ? 5 : 0,
            MessageBurst = 3,
            MaxRateDelay = TimeSpan.FromMilliseconds(300),
            MaxBatchCommands = 1 + random.Next(32),
            MaxQueuedCommands = 16 << random.Next(3),
            MaxTokensPerPlatform = random.Next(3) == 0 ? 1 + random.Next(2) : 30,
            LoginPolicy = random.Next(2) == 0 ? LoginPolicy.OnePerPlatform : LoginPolicy.All,
        };
        Users = 2 + random.Next(4);
        DevicesPerUser = 1 + random.Next(Users > 3 ? 2 : 3);
        SlowSyncs = random.Next(4);
        Log.SnapshotEverySegments = 1 + random.Next(2);
        SnapshotsAtStop = random.Next(3) > 0;
        // So short that messages are repeated after it: clocks are set and timers fire meanwhile. Drawn apart, so that older seeds stay what they were.
        var windows = new Random(seed ^ 0xdeda);
        if (windows.Next(2) == 0) Core.Dedupe.Window = TimeSpan.FromMilliseconds(1 << windows.Next(4, 16));
        Lives = [.. Enumerable.Range(0, 2 + random.Next(4)).Select(_ => NewLife(random, mayLosePower: Log.Durability == Durability.Commit))];
    }

    public int Seed { get; }
    public LogOptions Log { get; }
    public CoreOptions Core { get; }
    public int Users { get; }
    public int DevicesPerUser { get; }

    /// <summary>Steps that others get while a sync is under way, at most.</summary>
    public int SlowSyncs { get; }

    /// <summary>Whether a clean stop ends with a snapshot.</summary>
    public bool SnapshotsAtStop { get; }
    public IReadOnlyList<Life> Lives { get; }

    /// <param name="mayLosePower">The weaker kinds of durability promise nothing about a power cut.</param>
    static Life NewLife(Random random, bool mayLosePower)
    {
        var (call, step) = (0L, 0L);
        switch (random.Next(6))
        {
            // Half of them early: within recovery and the first batches.
            case 0 or 1: call = 1 + random.Next(random.Next(2) == 0 ? 40 : 300); break;
            case 2: step = Life.OnceOpen; break;
            case 3 or 4: step = 1 + random.Next(random.Next(2) == 0 ? 60 : 800); break;
        }

        var fault = random.Next(5) == 0 ? (Fault)(1 + random.Next(3)) : Fault.None;
        var faultStep = random.Next(4) == 0 ? 0 : random.Next(500);
        var ending = (Ending)random.Next(mayLosePower ? 3 : 2);
        return new Life(1 + random.Next(7), call, step, ending, fault, faultStep, faultStep + random.Next(600), random.Next(12 << 10),
            random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(-90, 90)) : TimeSpan.Zero);
    }

    public override string ToString()
        => $"seed {Seed}: {Users} users with {DevicesPerUser} devices, segments {Log.SegmentBytes}, {Log.Durability}, batches {Log.MaxBatchBytes} bytes and {Core.MaxBatchCommands} commands\n"
            + string.Join('\n', Lives.Select((life, i) => $"  life {i + 1}: {life}"));
}
