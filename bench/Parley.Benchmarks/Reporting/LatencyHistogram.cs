using System.Numerics;

namespace Parley.Benchmarks.Reporting;

/// <summary>Counts of durations in buckets 3 % wide, from a nanosecond to an hour; recording allocates nothing. One thread.</summary>
sealed class LatencyHistogram
{
    const int SubBits = 5;
    const int SubBuckets = 1 << SubBits;

    readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];

    public long Count { get; private set; }

    public void Record(long nanoseconds)
    {
        _counts[IndexOf(Math.Max(0, nanoseconds))]++;
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    /// <returns>Middle of the bucket that holds the percentile, in µs; 0 when nothing was recorded.</returns>
    public double Microseconds(double percentile)
    {
        var rank = (long)Math.Ceiling(Count * percentile / 100);
        for (var (i, seen) = (0, 0L); i < _counts.Length; i++)
            if ((seen += _counts[i]) >= rank && Count > 0) return (LowestOf(i) + LowestOf(i + 1)) / 2.0 / 1000;
        return 0;
    }

    static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift * SubBuckets) + (int)(value >> shift);
    }

    // Below two rounds of sub-buckets a bucket is one value; above, round r starts at SubBuckets << (r - 1).
    static long LowestOf(int index)
    {
        if (index < 2 * SubBuckets) return index;
        var shift = (index / SubBuckets) - 1;
        return (long)(index - (shift * SubBuckets)) << shift;
    }
}
