using Parley.Store.Disks;
using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store;

/// <summary>The append-only log: batches are its atomic unit, a record is written once and filed under one or more feeds.</summary>
/// <remarks>One writer (<see cref="BeginAsync"/>, <see cref="Batch"/>, <see cref="CommitAsync"/>) and any number of readers on any thread.
/// Readers never see anything past <see cref="CommittedPosition"/>.</remarks>
public sealed class Log : IAsyncDisposable
{
    /// <summary>Opens or creates the log in <paramref name="disk"/>, recovers its tail and raises the epoch.</summary>
    public static ValueTask<Log> OpenAsync(IDisk disk, LogOptions options, TimeProvider time) => throw new NotImplementedException();

    public long LogId => throw new NotImplementedException();
    public long Epoch => throw new NotImplementedException();
    public long CommittedPosition => throw new NotImplementedException();

    /// <summary>Time of the last committed record in µs; 0 when the log is empty.</summary>
    public long LastTime => throw new NotImplementedException();

    /// <summary>Set by the first failed write or sync and never cleared: only a restart recovers.</summary>
    public bool IsReadOnly => throw new NotImplementedException();

    /// <summary>Waits until there is prepared space for a batch and opens one. Only one batch may be open.</summary>
    /// <returns>Null when the disk is full: nothing was numbered, reads go on, ask again later.</returns>
    /// <exception cref="LogReadOnlyException">An earlier write or sync failed.</exception>
    public ValueTask<Batch?> BeginAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Writes the batch and waits until it would survive a power cut. An empty batch costs nothing.</summary>
    /// <exception cref="LogReadOnlyException">The write or sync failed: the batch is neither known to be kept nor known to be lost, and the log is read-only from now on.</exception>
    public ValueTask CommitAsync(Batch batch) => throw new NotImplementedException();

    /// <summary>The committed ends of a feed.</summary>
    public FeedHead Head(FeedKey feed) => throw new NotImplementedException();

    /// <summary>Records <paramref name="from"/>..<paramref name="to"/> of a feed, ascending, clamped to what is committed and readable; stops early at either bound (but returns at least one record).</summary>
    public IReadOnlyList<LogRecord> ReadFeed(FeedKey feed, long from, long to, int maxCount, int maxBytes) => throw new NotImplementedException();

    /// <summary>The last <paramref name="count"/> committed records of a feed, ascending; the newest are kept when <paramref name="maxBytes"/> cuts.</summary>
    public IReadOnlyList<LogRecord> ReadLast(FeedKey feed, int count, int maxBytes) => throw new NotImplementedException();

    /// <summary>Committed records from a position on, ascending; stops early at either bound (but returns at least one record if there is one).</summary>
    public IReadOnlyList<LogRecord> ReadFrom(long position, int maxCount, int maxBytes) => throw new NotImplementedException();

    /// <summary>Completes once <see cref="CommittedPosition"/> is greater than <paramref name="position"/>.</summary>
    public ValueTask WaitPastAsync(long position, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Prepares space ahead of the writer and writes the indexes of sealed segments until cancelled. The host runs it beside the writer, on a scheduler that may block.</summary>
    public Task MaintainAsync(CancellationToken stopping) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
