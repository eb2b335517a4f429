using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Parley.Benchmarks.Reporting;

namespace Parley.Benchmarks.Limits;

/// <summary>What the disk does by itself: batches of records, each written by one pwrite and one fdatasync, on a file that was zero-filled and synced before.</summary>
sealed partial class DiskProbe(string directory, TimeSpan time)
{
    public const int RecordBytes = 200;
    const int FileBytes = 64 << 20;

    public static readonly int[] BatchSizes = [1, 64, 256];

    readonly Dictionary<int, double> _recordsPerSecond = [];

    /// <summary>The rate at the measured batch size nearest to, and not below, so many records at once.</summary>
    public double RecordsPerSecond(int records) => _recordsPerSecond[BatchSizes.FirstOrDefault(size => size >= records, BatchSizes[^1])];

    public void Run(Report report)
    {
        report.Open("disk", $"the limit: write + fdatasync of {RecordBytes} B records on a pre-written file, one thread", "records/s", "syncs/s", "p50 µs", "p99 µs");
        var path = Path.Combine(directory, "probe");
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite))
        {
            Prepare(file);
            foreach (var size in BatchSizes) Measure(file, size, report);
        }

        File.Delete(path);
    }

    void Measure(SafeFileHandle file, int size, Report report)
    {
        var batch = new byte[size * RecordBytes];
        Random.Shared.NextBytes(batch);
        var latencies = new LatencyHistogram();
        long syncs = 0, offset = 0;
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var before = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, batch, offset);
            Sync(file);
            latencies.Record((long)Stopwatch.GetElapsedTime(before).TotalNanoseconds);
            syncs++;
            offset = offset + (2 * batch.Length) <= FileBytes ? offset + batch.Length : 0;
        }

        var perSecond = syncs / Stopwatch.GetElapsedTime(started).TotalSeconds;
        _recordsPerSecond[size] = perSecond * size;
        report.Add($"batch of {size}", Cell.Count(perSecond * size), Cell.Count(perSecond), Cell.Of(latencies.Microseconds(50)), Cell.Of(latencies.Microseconds(99)));
    }

    static void Prepare(SafeFileHandle file)
    {
        var zeros = new byte[1 << 20];
        for (long offset = 0; offset < FileBytes; offset += zeros.Length) RandomAccess.Write(file, zeros, offset);
        RandomAccess.FlushToDisk(file);
    }

    static void Sync(SafeFileHandle file)
    {
        if (DataSync(file) != 0) throw new IOException($"fdatasync failed with errno {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);
}
