using System.Diagnostics;
using System.Globalization;

namespace Parley.Simulation;

/// <summary>Many seeds, two at a time, each on one thread from beginning to end.</summary>
static class Campaign
{
    const int Workers = 2;
    const int SeedsAtOnce = 2_000;

    /// <summary>Runs seeds until one fails.</summary>
    /// <returns>The failing seed with its schedule and what happened; null when all kept their promises.</returns>
    public static string? FirstFailure(int firstSeed, int count, Plant plant = Plant.None, Tally? reached = null)
    {
        var next = firstSeed - 1;
        var failed = int.MaxValue;
        var workers = Enumerable.Range(0, Workers).Select(_ => new Thread(() =>
        {
            for (var seed = Interlocked.Increment(ref next); seed < firstSeed + count && seed < Volatile.Read(ref failed); seed = Interlocked.Increment(ref next))
                if (Failure(seed, plant, reached: reached) is not null) Lower(ref failed, seed);
        })).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return failed == int.MaxValue ? null : Describe(failed, plant);
    }

    /// <summary>Runs seeds from a random one on until the time is over or one fails, and tells how far it is and, in the end, what the runs came by.</summary>
    public static string? FirstFailure(TimeSpan time, Action<string> tell)
    {
        var (started, reached) = (Stopwatch.StartNew(), new Tally());
        var first = Random.Shared.Next(int.MaxValue / 2);
        for (var seed = first; ; seed += SeedsAtOnce)
        {
            if (FirstFailure(seed, SeedsAtOnce, reached: reached) is { } failure) return failure;
            tell(string.Create(CultureInfo.InvariantCulture, $"{started.Elapsed:hh\\:mm\\:ss} seeds {first} to {seed + SeedsAtOnce - 1}: {seed + SeedsAtOnce - first} schedules kept every promise"));
            if (started.Elapsed < time) continue;
            tell(reached.ToString());
            return null;
        }
    }

    /// <summary>Runs one seed again and tells what it did.</summary>
    public static string Describe(int seed, Plant plant = Plant.None)
    {
        var journal = new List<string>();
        var failure = Failure(seed, plant, journal);
        return $"""
            PARLEY_SEED={seed.ToString(CultureInfo.InvariantCulture)}: {failure?.Message ?? "kept every promise"}
            {new Schedule(seed)}
            {string.Join('\n', journal)}
            {failure}
            """;
    }

    public static Exception? Failure(int seed, Plant plant = Plant.None, List<string>? journal = null, Tally? reached = null)
    {
        try
        {
            var own = reached is null ? null : new Tally();
            World.Run(seed, plant, journal, own);
            if (own is not null) lock (reached!) reached.Add(own);
            return null;
        }
#pragma warning disable CA1031 // Whatever comes out of a run is what the seed found.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    static void Lower(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value < seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
