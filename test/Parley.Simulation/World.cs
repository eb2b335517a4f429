using Parley.Testing.Disks;

namespace Parley.Simulation;

/// <summary>One run: the lives of a server that its schedule says, and what outlives them: disk, clients, and the model of what they know.</summary>
sealed class World
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    World(Schedule schedule, Plant plant, List<string>? journal)
    {
        (Schedule, Plant, Journal) = (schedule, plant, journal);
        // What memory forgets, the log would find.
        if (plant is Plant.RepeatNumberedTwice or Plant.DedupeForgottenOnRestart or Plant.SnapshotForgetsDedupe or Plant.DedupeForgottenAfterWindow) schedule.Core.Dedupe.KeptFor = TimeSpan.Zero;
        if (plant == Plant.RepeatNumberedTwice) schedule.Core.Dedupe.Window = TimeSpan.Zero;
        Scheduler = new SeededScheduler(new Random(schedule.Seed ^ 0x5eed), Start);
        Random = new Random(schedule.Seed ^ 0xd15c);
        var cast = new Cast(new Random(schedule.Seed ^ 0xca57));
        for (var left = schedule.Users; left > 0;) left -= cast.NewRegistration(cast.Chance(25) ? 7 : 0, 1 + Random.Next(left)).Ids.Length;

        cast.Begin();
        var office = new Office(cast, Model);
        Devices = [.. from user in cast.Regulars
                      from _ in Enumerable.Range(0, schedule.DevicesPerUser)
                      select new Device(user, cast.NewPlatform(), cast, Model, office)];
    }

    public Schedule Schedule { get; }
    public Plant Plant { get; }
    public Model Model { get; } = new();
    public SeededScheduler Scheduler { get; }
    public Random Random { get; }
    public IReadOnlyList<Device> Devices { get; }
    public List<string>? Journal { get; }

    /// <param name="reached">Gets what the run came by.</param>
    /// <returns>The trace of the run: the same whenever the same seed runs.</returns>
    /// <exception cref="BrokenPromiseException">A promise was broken.</exception>
    public static ulong Run(int seed, Plant plant = Plant.None, List<string>? journal = null, Tally? reached = null)
    {
        var world = new World(new Schedule(seed), plant, journal);
        using var entered = world.Scheduler.Enter();
        var disk = new CrashingDisk(seed, world.SlowSyncAsync);
        foreach (var life in world.Schedule.Lives.Append(Life.Last)) disk = new Lifetime(world, life, disk).Run();
        reached?.Add(world.Model.Reached);
        return world.Scheduler.Trace;
    }

    public void Note(string what)
    {
        Scheduler.Note(what.Length);
        Journal?.Add($"{Scheduler.Steps,7} {what}");
    }

    async ValueTask SlowSyncAsync()
    {
        for (var i = Random.Next(Schedule.SlowSyncs + 1); i > 0; i--) await Scheduler.YieldAsync();
    }
}
