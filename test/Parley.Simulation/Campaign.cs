using System.Globalization;

namespace Parley.Simulation;

/// <summary>Many seeds, two at a time, each on one thread from beginning to end.</summary>
static class Campaign
{
    const int Workers = 2;

    /// <summary>Runs seeds until one fails.</summary>
    /// <returns>The failing seed with its schedule and what happened; null when all kept their promises.</returns>
    public static string? FirstFailure(int firstSeed, int count, Plant plant = Plant.None)
    {
        var next = firstSeed - 1;
        var failed = int.MaxValue;
        var workers = Enumerable.Range(0, Workers).Select(_ => new Thread(() =>
        {
            for (var seed = Interlocked.Increment(ref next); seed < firstSeed + count && seed < Volatile.Read(ref failed); seed = Interlocked.Increment(ref next))
                if (Failure(seed, plant) is not null) Lower(ref failed, seed);
        })).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return failed == int.MaxValue ? null : Describe(failed, plant);
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

    public static Exception? Failure(int seed, Plant plant = Plant.None, List<string>? journal = null)
    {
        try
        {
            World.Run(seed, plant, journal);
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
