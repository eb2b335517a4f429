using System.Diagnostics;
using System.Threading.Channels;
using Parley.Benchmarks.Limits;
using Parley.Benchmarks.Reporting;
using Parley.Store;
using Parley.Store.Disks;
using Parley.Store.Feeds;

namespace Parley.Benchmarks.Records;

/// <summary>The log alone, driven as the sequencer drives it: what arrives during one sync is the next batch.</summary>
sealed class StoreRow(string directory, TimeSpan time, DiskProbe disk)
{
    const int BodyBytes = DiskProbe.RecordBytes;
    const ushort RecordType = 1;
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5);

    public async Task RunAsync(Report report)
    {
        report.Open("store", $"the log alone, {BodyBytes} B bodies filed under 3 feeds like a message, appenders in process; durability {new LogOptions().Durability}",
            "records/s", "syncs/s", "p50 µs", "p99 µs", "of disk");
        foreach (var appenders in DiskProbe.BatchSizes)
        {
            var path = Path.Combine(directory, $"store-{appenders}");
            await MeasureAsync(path, appenders, report);
            Directory.Delete(path, recursive: true);
        }
    }

    async Task MeasureAsync(string path, int appenders, Report report)
    {
        using var writerThread = new OwnThread("writer");
        using var upkeepThread = new OwnThread("upkeep");
        using var stopping = new CancellationTokenSource();
        await using var log = await Log.OpenAsync(new PosixDisk(path), new LogOptions(), TimeProvider.System);
        var writer = new Writer(log);
        var upkeep = upkeepThread.Run(() => log.MaintainAsync(stopping.Token));
        var writing = writerThread.Run(() => writer.RunAsync(stopping.Token));

        var latencies = Enumerable.Range(0, appenders).Select(_ => new LatencyHistogram()).ToArray();
        var appending = latencies.Select((histogram, i) => Task.Run(() => AppendAsync(writer, i, histogram, stopping.Token))).ToArray();
        await Task.Delay(WarmUp);
        var (before, started) = ((writer.Records, writer.Syncs), Stopwatch.GetTimestamp());
        await Task.Delay(time);
        var (after, elapsed) = ((writer.Records, writer.Syncs), Stopwatch.GetElapsedTime(started).TotalSeconds);
        await stopping.CancelAsync();
        await Task.WhenAll(appending);
        await Task.WhenAll(writing, upkeep);

        var acked = latencies.Sum(histogram => histogram.Count);
        if (acked != writer.Records || log.CommittedPosition != acked) throw new InvalidDataException($"{acked} acknowledged, {log.CommittedPosition} committed.");
        var all = new LatencyHistogram();
        foreach (var histogram in latencies) all.Add(histogram);
        var rate = (after.Records - before.Records) / elapsed;
        report.Add($"{appenders} appenders", Cell.Count(rate), Cell.Count((after.Syncs - before.Syncs) / elapsed), Cell.Of(all.Microseconds(50)), Cell.Of(all.Microseconds(99)),
            Cell.Ratio(rate / disk.RecordsPerSecond(appenders)));
    }

    static async Task AppendAsync(Writer writer, int appender, LatencyHistogram latencies, CancellationToken stopping)
    {
        var feeds = Enumerable.Range(0, 3).Select(i => new FeedId((ulong)((appender * 3) + i + 1))).ToArray();
        var body = new byte[BodyBytes];
        while (!stopping.IsCancellationRequested)
        {
            var before = Stopwatch.GetTimestamp();
            if (!await writer.AppendAsync(feeds, body)) return;
            latencies.Record((long)Stopwatch.GetElapsedTime(before).TotalNanoseconds);
        }
    }

    sealed class Writer(Log log)
    {
        readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
        readonly List<Waiting> _open = [];
        long _records, _syncs, _time;

        public long Records => Volatile.Read(ref _records);

        public long Syncs => Volatile.Read(ref _syncs);

        /// <returns>False when the writer has stopped.</returns>
        public Task<bool> AppendAsync(FeedId[] feeds, byte[] body)
        {
            var waiting = new Waiting(feeds, body);
            return _queue.Writer.TryWrite(waiting) ? waiting.Done.Task : Task.FromResult(false);
        }

        public async Task RunAsync(CancellationToken stopping)
        {
            try
            {
                while (await _queue.Reader.WaitToReadAsync(stopping)) await CommitAsync(stopping);
            }
            catch (OperationCanceledException)
            {
                // The row is over.
            }

            _queue.Writer.Complete();
            while (_queue.Reader.TryRead(out var waiting)) waiting.Done.SetResult(false);
        }

        async ValueTask CommitAsync(CancellationToken stopping)
        {
            var batch = (await log.BeginAsync(stopping))!;
            Add(batch);
            await log.CommitAsync(batch);
            Volatile.Write(ref _records, _records + _open.Count);
            Volatile.Write(ref _syncs, _syncs + 1);
            foreach (var waiting in _open) waiting.Done.SetResult(true);
            _open.Clear();
        }

        void Add(Parley.Store.Segments.Batch batch)
        {
            Span<Filing> filings = stackalloc Filing[3];
            while (batch.HasRoomFor(1, filings.Length, BodyBytes) && _queue.Reader.TryRead(out var waiting))
            {
                batch.Add(RecordType, app: 0, ++_time, waiting.Feeds, waiting.Body, filings);
                _open.Add(waiting);
            }
        }
    }

    sealed record Waiting(FeedId[] Feeds, byte[] Body)
    {
        // An appender goes on in the writer's thread: its next record is there before the next batch begins.
        public TaskCompletionSource<bool> Done { get; } = new();
    }
}
