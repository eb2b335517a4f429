namespace Parley.Client.Connection;

/// <summary>The waits between attempts: each step once, then the last one again and again, each a random share longer.</summary>
sealed class BackOff(IReadOnlyList<TimeSpan> steps, double jitter, Random random)
{
    int _failures;

    public TimeSpan Next()
    {
        var step = steps[Math.Min(_failures, steps.Count - 1)];
        _failures = Math.Min(_failures + 1, steps.Count);
        return step * (1 + jitter * random.NextDouble());
    }

    public void Reset() => _failures = 0;
}
