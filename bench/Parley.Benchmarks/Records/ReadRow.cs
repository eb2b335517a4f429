using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Parley.Benchmarks.Reporting;
using Parley.Store;
using Parley.Store.Disks;
using Parley.Store.Feeds;

namespace Parley.Benchmarks.Records;

/// <summary>Pages of 50 from a log of many conversations whose messages lie mixed: from the page cache, and from the disk after it was emptied of the log.</summary>
sealed partial class ReadRow(string directory, TimeSpan time, double scale)
{
    const int FullScale = 10_000_000, MessagesPerConversation = 1_000, PageSize = 50, BodyBytes = 200, BatchRecords = 16;
    const int ColdPages = 400, PagesPerEviction = 20;
    const double AimColdMicroseconds = 5_000;

    public async Task RunAsync(Report report)
    {
        var messages = Math.Max(100_000, (int)(FullScale * scale));
        var conversations = messages / MessagesPerConversation;
        report.Open("read", $"the last {PageSize} of a random conversation, one thread; {messages:N0} messages of {BodyBytes} B, mixed over {conversations:N0} conversations", "pages/s", "p50 µs", "p99 µs", "aim");
        var path = Path.Combine(directory, "read");
        await using (var log = await Log.OpenAsync(new PosixDisk(path), new LogOptions(), TimeProvider.System))
        {
            await FillAsync(log, messages, conversations);
            MeasureCached(log, conversations, report);
            MeasureCold(log, path, conversations, report);
        }

        Directory.Delete(path, recursive: true);
    }

    static async Task FillAsync(Log log, int messages, int conversations)
    {
        using var upkeepThread = new OwnThread("upkeep");
        using var stopping = new CancellationTokenSource();
        var upkeep = upkeepThread.Run(() => log.MaintainAsync(stopping.Token));
        var (random, body) = (new Random(1), new byte[BodyBytes]);
        for (var written = 0; written < messages;)
        {
            var batch = (await log.BeginAsync(default))!;
            Add(batch, Math.Min(BatchRecords, messages - written));
            written += batch.Count;
            await log.CommitAsync(batch);
        }

        // The segment that is being filled has its index in memory; all others must be read as they are after a start.
        while (log.SealedPosition < messages - ((long)new LogOptions().SegmentBytes / BodyBytes)) await log.WaitSealedPastAsync(log.SealedPosition, default);
        await stopping.CancelAsync();
        await upkeep;

        void Add(Parley.Store.Segments.Batch batch, int count)
        {
            Span<Filing> filings = stackalloc Filing[1];
            for (var i = 0; i < count && batch.HasRoomFor(1, 1, BodyBytes); i++)
            {
                random.NextBytes(body);
                batch.Add(type: 1, app: 0, log.CommittedPosition + i + 1, [new FeedId((ulong)random.Next(conversations) + 1)], body, filings);
            }
        }
    }

    void MeasureCached(Log log, int conversations, Report report)
    {
        // As many as a busy server is asked for; each is read once before.
        var warm = Math.Min(conversations, 1_000);
        for (var i = 0; i < warm; i++) ReadPage(log, i);
        var (latencies, random, pages) = (new LatencyHistogram(), new Random(2), 0L);
        var started = Stopwatch.GetTimestamp();
        for (; Stopwatch.GetElapsedTime(started) < time; pages++)
        {
            var before = Stopwatch.GetTimestamp();
            ReadPage(log, random.Next(warm));
            latencies.Record((long)Stopwatch.GetElapsedTime(before).TotalNanoseconds);
        }

        report.Add("cached", Cell.Count(pages / Stopwatch.GetElapsedTime(started).TotalSeconds), Cell.Of(latencies.Microseconds(50)), Cell.Of(latencies.Microseconds(99)), "≥ 100,000/s");
    }

    static void MeasureCold(Log log, string path, int conversations, Report report)
    {
        var (latencies, random) = (new LatencyHistogram(), new Random(3));
        for (var i = 0; i < ColdPages; i++)
        {
            if (i % PagesPerEviction == 0) Evict(path);
            var before = Stopwatch.GetTimestamp();
            ReadPage(log, random.Next(conversations));
            latencies.Record((long)Stopwatch.GetElapsedTime(before).TotalNanoseconds);
        }

        report.Add("from the disk", "", Cell.Of(latencies.Microseconds(50)), Cell.Of(latencies.Microseconds(99)), $"≤ {AimColdMicroseconds:N0} µs");
    }

    static void ReadPage(Log log, int conversation)
    {
        var page = log.ReadLast(new FeedKey(0, new FeedId((ulong)conversation + 1)), PageSize, int.MaxValue);
        if (page.Count != PageSize) throw new InvalidDataException($"A page has {page.Count} messages.");
    }

    /// <summary>Asks the kernel to forget what it holds of the files; all of it is synced.</summary>
    static void Evict(string path)
    {
        const int dontNeed = 4;
        foreach (var file in Directory.GetFiles(path, "*.segment").Concat(Directory.GetFiles(path, "*.index")))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (Advise(handle, 0, 0, dontNeed) is var error && error != 0) throw new IOException($"posix_fadvise failed with {error}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
