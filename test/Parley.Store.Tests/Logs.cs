using Parley.Store.Feeds;
using Parley.Store.Segments;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

/// <summary>One record as a test wants it.</summary>
sealed record Draft(byte[] Body, params ulong[] Feeds);

/// <summary>Small logs, and appending to them in one line.</summary>
static class Logs
{
    public const ulong Id = 0x1122334455667788;
    public const long App = 7;

    public static LogOptions Small => new() { SegmentBytes = 16 << 10, PrepareBytes = 4 << 10, MaxBatchBytes = 4 << 10 };

    public static Task<Log> OpenAsync(CrashingDisk disk, LogOptions? options = null, TimeProvider? time = null)
        => Log.OpenAsync(disk, options ?? Small, time ?? new ManualTime(), Id).AsTask();

    public static FeedKey Feed(ulong feed) => new(App, new FeedId(feed));

    public static Draft Draft(int bodyBytes, params ulong[] feeds) => new(new byte[bodyBytes], feeds);

    /// <returns>The filings of the last record.</returns>
    public static async Task<Filing[]> AppendAsync(this Log log, params Draft[] drafts)
    {
        var batch = await log.BeginAsync(default) ?? throw new InvalidOperationException("The disk is full.");
        var filings = batch.AddAll(drafts, log.LastTime);
        await log.CommitAsync(batch);
        return filings;
    }

    public static Filing[] AddAll(this Batch batch, IEnumerable<Draft> drafts, long lastTime)
    {
        Filing[] filings = [];
        foreach (var draft in drafts)
        {
            filings = new Filing[draft.Feeds.Length];
            batch.Add(1, App, ++lastTime, [.. draft.Feeds.Select(feed => new FeedId(feed))], draft.Body, filings);
        }
        return filings;
    }

    public static IReadOnlyList<LogRecord> All(this Log log) => log.ReadFrom(1, int.MaxValue, int.MaxValue);

    public static IReadOnlyList<LogRecord> All(this Log log, ulong feed) => log.ReadFeed(Feed(feed), 1, long.MaxValue, int.MaxValue, int.MaxValue);

    public static Dictionary<string, byte[]> Image(this CrashingDisk disk) => disk.List().ToDictionary(name => name, disk.Bytes);

    /// <summary>A new disk with these files, all durable.</summary>
    public static CrashingDisk Disk(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var disk = new CrashingDisk();
        foreach (var (name, bytes) in files) disk.Put(name, bytes);
        return disk;
    }
}
