using System.Diagnostics;
using Parley.Benchmarks.Limits;
using Parley.Benchmarks.Reporting;
using Parley.Core;
using Parley.Core.Snapshots;
using Parley.Store;

namespace Parley.Benchmarks.Records;

/// <summary>How long a message waits for its answer while nothing else happens, while segments are sealed and indexed, and while snapshots of the state are made on top.</summary>
sealed class SnapshotRow(string directory, TimeSpan time)
{
    const int Users = 200_000, BodyBytes = DiskProbe.RecordBytes;

    public async Task RunAsync(Report report)
    {
        report.Open("snapshot", $"answers to one sender, one message at a time, beside snapshots of a state of {Users:N0} users made one after the other", "msg/s", "p50 µs", "p99 µs", "p99.9 µs", "max µs", "snapshots");
        var path = Path.Combine(directory, "snapshot");
        // Room for one message at a time to fill a segment within the row.
        var logOptions = new LogOptions { SegmentBytes = 512 << 10, PrepareBytes = 256 << 10, MaxBatchBytes = 256 << 10, SnapshotEverySegments = 1 };
        var coreOptions = new CoreOptions { MessageRate = 0 };
        await using (var core = await CoreInProcess.OpenAsync(path, logOptions, coreOptions))
        {
            await core.RegisterAsync(Users);
            await MeasureAsync(core, "without", 0, () => 0, report);
            using var thread = new OwnThread("snapshots");
            using var stopping = new CancellationTokenSource();
            var made = 0;
            var snapshots = thread.Run(() => new Snapshotter(core.Log, logOptions, coreOptions, TimeProvider.System).RunAsync(_ => Interlocked.Increment(ref made), stopping.Token));
            await MeasureAsync(core, "with", 1 << 24, () => Volatile.Read(ref made), report);
            await stopping.CancelAsync();
            await snapshots;
        }

        Directory.Delete(path, recursive: true);
    }

    async Task MeasureAsync(CoreInProcess core, string name, int firstId, Func<int> made, Report report)
    {
        var (latencies, body, longest, sent) = (new LatencyHistogram(), new byte[BodyBytes], 0.0, 0);
        var (before, started) = (made(), Stopwatch.GetTimestamp());
        for (; Stopwatch.GetElapsedTime(started) < time; sent++)
        {
            var asked = Stopwatch.GetTimestamp();
            if (await core.Sequencer.SubmitAsync(CoreInProcess.Message(1, 2, firstId + sent, body)) is { IsAccepted: false } outcome) throw new InvalidDataException($"Refused: {outcome.Refusal}.");
            var took = Stopwatch.GetElapsedTime(asked);
            latencies.Record((long)took.TotalNanoseconds);
            longest = Math.Max(longest, took.TotalMicroseconds);
        }

        report.Add(name, Cell.Count(sent / Stopwatch.GetElapsedTime(started).TotalSeconds), Cell.Of(latencies.Microseconds(50)), Cell.Of(latencies.Microseconds(99)), Cell.Of(latencies.Microseconds(99.9)),
            Cell.Of(longest, 0), Cell.Count(made() - before));
    }
}
