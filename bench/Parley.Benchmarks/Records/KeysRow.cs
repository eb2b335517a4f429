using System.Buffers.Binary;
using System.Diagnostics;
using Parley.Benchmarks.Reporting;
using Parley.Store;
using Parley.Store.Disks;
using Parley.Store.Feeds;
using Parley.Store.Keys;

namespace Parley.Benchmarks.Records;

/// <summary>What a search by key costs over many segments: that of a message which may be older than memory's dedupe window.</summary>
sealed class KeysRow(string directory)
{
    const int Segments = 1_000;
    const int BodyBytes = 150;
    const int PerBatch = 256;
    const int Searches = 300;
    const ulong Odd = 0x9E3779B97F4A7C15;
    static readonly RecordKeys ByBody = new(1, static (_, _, _, _, body) => BinaryPrimitives.ReadUInt64LittleEndian(body));

    public async Task RunAsync(Report report)
    {
        report.Open("keys", $"a search by key over {Segments} segments of 512 KiB, files in the page cache", "µs a search", "cpu µs a search");
        var path = Path.Combine(directory, "keys");
        var log = await Log.OpenAsync(new PosixDisk(path), new LogOptions { SegmentBytes = 512 << 10, PrepareBytes = 512 << 10, MaxBatchBytes = 256 << 10, Durability = Durability.System }, TimeProvider.System);
        log.UseKeys(ByBody);
        var count = await FillAsync(log);
        await MeasureAsync(report, log, "the first, which builds all keys", _ => 2, expected: 0, searches: 1);
        await MeasureAsync(report, log, "of a key that is not there", i => ((ulong)i * Odd) & ~1UL, expected: 0);
        await MeasureAsync(report, log, "of one that is there once", i => KeyOf((i * 7_919) % count), expected: 1);
        await log.DisposeAsync();
        Directory.Delete(path, recursive: true);
    }

    /// <summary>Odd for what is there.</summary>
    static ulong KeyOf(long number) => ((ulong)number * Odd) | 1;

    static async Task<long> FillAsync(Log log)
    {
        var (body, filings) = (new byte[BodyBytes], new Filing[1]);
        while (log.SealedPast(0) < Segments)
        {
            var batch = await log.BeginAsync(default) ?? throw new InvalidDataException("The disk is full.");
            for (var i = 0; i < PerBatch && batch.HasRoomFor(1, 1, BodyBytes); i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(body, KeyOf(log.CommittedPosition + i));
                batch.Add(1, 0, log.LastTime + 1 + i, [new FeedId(1)], body, filings);
            }

            await log.CommitAsync(batch);
        }

        return log.CommittedPosition;
    }

    static async Task MeasureAsync(Report report, Log log, string what, Func<long, ulong> key, int expected, int searches = Searches)
    {
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        for (var i = 1L; i <= searches; i++)
            if (await FindAsync(log, key(i)) is var found && found != expected) throw new InvalidDataException($"{found} records found where {expected} should be.");
        report.Add(what, Cell.Of(watch.Elapsed.TotalMicroseconds / searches), Cell.Of((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / searches));
    }

    static async Task<int> FindAsync(Log log, ulong key)
    {
        var found = 0;
        await foreach (var _ in log.FindByKeyAsync(key, 0)) found++;
        return found;
    }
}
