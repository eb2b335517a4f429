using System.Security.Cryptography;
using Parley.Store.Backups;
using Parley.Store.Checks;
using Parley.Store.Disks;
using Parley.Store.Erasing;
using Parley.Store.Feeds;
using Parley.Store.Keys;
using Parley.Store.Reads;
using Parley.Store.Recovery;
using Parley.Store.Replication;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store;

/// <summary>The append-only log: batches are its atomic unit, a record is written once and filed under one or more feeds.</summary>
/// <remarks>One writer (<see cref="BeginAsync"/>, <see cref="Batch"/>, <see cref="CommitAsync"/>) and any number of readers on any thread.
/// Readers never see anything past <see cref="CommittedPosition"/>.</remarks>
public sealed class Log : IAsyncDisposable
{
    readonly IDisk _disk;
    readonly IDisposable _lock;
    readonly LogOptions _options;
    readonly TimeProvider _time;
    readonly LogState _state;
    EpochFile _epoch;
    readonly LogReader _reader;
    readonly Upkeep _upkeep;
    readonly Batch _batch;
    readonly CommitWaiters _waiters = new();
    readonly CommitWaiters _sealWaiters = new();
    readonly Failure _failure;
    readonly SnapshotSet _snapshots;
    readonly BatchAppender _appender;
    readonly Overwriter _overwriter;
    readonly SegmentKeys _keys;
    readonly Dropper _dropper;

    Log(IDisk disk, IDisposable @lock, LogOptions options, TimeProvider time, LogState state, EpochFile epoch, Space space,
        IEnumerable<(string Name, SnapshotHeader Header)> snapshots)
    {
        (_disk, _lock, _options, _time, _state, _epoch) = (disk, @lock, options, time, state, epoch);
        _failure = new Failure();
        _reader = new LogReader(state);
        _batch = new Batch(state.Feeds, options.MaxBatchBytes);
        _keys = new SegmentKeys(disk, epoch.Log, state, _reader, _failure);
        _upkeep = new Upkeep(disk, options, epoch.Log, time, state, space, _failure, _sealWaiters, _keys);
        _snapshots = new SnapshotSet(disk, epoch.Log, state, _reader, _upkeep, snapshots);
        _appender = new BatchAppender(state, _upkeep, _failure, options, epoch.Log, RaiseEpochToAsync, Published);
        _overwriter = new Overwriter(disk, epoch.Log, state, _reader, _upkeep, _failure);
        _dropper = new Dropper(disk, epoch.Log, state, _snapshots, _failure);
        foreach (var segment in state.Segments)
        {
            if (segment.Index is { } index) (index.Rebuild, index.OnRebuilt) = (() => Rebuild(segment), _upkeep.Rebuilt);
        }
        _waiters.Release(state.Committed);
        _sealWaiters.Release(state.Sealed);
    }

    /// <summary>Opens or creates the log in <paramref name="disk"/>, recovers its tail and raises the epoch.</summary>
    /// <exception cref="DirectoryInUseException">Another process holds the directory.</exception>
    /// <exception cref="CorruptLogException">Something that was durable is missing or changed; nothing was written.</exception>
    /// <exception cref="ReplicaException">The directory is a replica's, which only copies until it is promoted.</exception>
    public static ValueTask<Log> OpenAsync(IDisk disk, LogOptions options, TimeProvider time)
        => OpenAsync(disk, options, time, newLogId: null);

    /// <param name="newLogId">The id a new log gets; random when null.</param>
    /// <param name="isReplica">The epoch stays, and what its end lost is no damage: it is copied again.</param>
    internal static async ValueTask<Log> OpenAsync(IDisk disk, LogOptions options, TimeProvider time, ulong? newLogId, bool isReplica = false)
    {
        if (options.MaxBatchBytes > options.SegmentBytes - SegmentHeader.Bytes)
            throw new ArgumentException($"A batch of {options.MaxBatchBytes} bytes does not fit into a segment of {options.SegmentBytes}.", nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PrepareBytes, SegmentHeader.Bytes * 2, nameof(options));
        var @lock = disk.Lock();
        LogState? state = null;
        try
        {
            if (!isReplica && disk.List().Contains(ReplicaLog.MarkerName)) throw new ReplicaException("the directory is a replica's; promote it before it is written to");
            await PendingErasures.CompleteAsync(disk);
            using var survey = new Survey(disk, isReplica);
            state = survey.Run();
            var next = survey.Epoch is { } last
                ? last with { Epoch = last.Epoch + (isReplica ? 0UL : 1UL) }
                : new EpochFile(newLogId ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))), 1);
            var space = new Space(disk, options, next.Log, time, state);
            if (survey.Epoch is null)
            {
                await space.PrepareAsync();
                space.Roll();
                await next.WriteAsync(disk);
            }
            else
            {
                await new Restoration(disk, state, options, survey).RunAsync(next);
                survey.Ahead.ForEach(space.Add);
            }
            survey.HandOver();
            return new Log(disk, @lock, options, time, state, next, space, survey.Snapshots);
        }
        catch
        {
            foreach (var segment in state?.Segments ?? []) segment.Dispose();
            @lock.Dispose();
            throw;
        }
    }

    byte[]? Rebuild(Segment segment) => IndexRebuild.Build(_epoch.Log, segment, [.. _state.Segments.TakeWhile(one => one != segment)], BeginningFile.Heads(_disk));

    public long LogId => (long)_epoch.Log;
    public long Epoch => (long)_epoch.Epoch;

    /// <summary>Epoch of the last batch; 0 when the log is empty.</summary>
    public long LastEpoch
    {
        get
        {
            lock (_state.Gate) return (long)_state.LastEpoch;
        }
    }

    public long CommittedPosition => _state.Committed;

    /// <summary>Time of the last committed record in µs; 0 when the log is empty.</summary>
    public long LastTime => _state.LastTime;

    /// <summary>Segments past a position that take no more batches and have their index.</summary>
    public int SealedPast(long position) => _state.Segments.Count(segment => segment.Last > position && segment.Last <= _state.Sealed);

    /// <summary>Set by the first failed write or sync and never cleared: only a restart recovers.</summary>
    public bool IsReadOnly => _failure.IsSet;

    /// <summary>Waits until there is prepared space for a batch and opens one. Only one batch may be open.</summary>
    /// <returns>Null when the disk is full: nothing was numbered, reads go on, ask again later.</returns>
    /// <exception cref="LogReadOnlyException">An earlier write or sync failed.</exception>
    public async ValueTask<Batch?> BeginAsync(CancellationToken cancellation)
    {
        if (_batch.Target is not null) throw new InvalidOperationException("A batch is open; commit it before beginning another.");
        while (true)
        {
            _failure.ThrowIfSet();
            cancellation.ThrowIfCancellationRequested();
            if (_upkeep.Place() is { } segment)
            {
                _batch.Open(segment, _state.Committed + 1, _state.LastTime);
                return _batch;
            }
            if (!await _upkeep.MakeRoomAsync(cancellation)) return null;
        }
    }

    /// <summary>Writes the batch and waits until it would survive a power cut. An empty batch costs nothing.</summary>
    /// <exception cref="LogReadOnlyException">The write or sync failed: the batch is neither known to be kept nor known to be lost, and the log is read-only from now on.</exception>
    public async ValueTask CommitAsync(Batch batch)
    {
        if (batch != _batch || batch.Target is not { } segment) throw new InvalidOperationException("The batch is not open.");
        try
        {
            if (batch.Count > 0) await WriteAsync(batch, segment);
        }
        finally
        {
            batch.Close();
        }
    }

    async ValueTask WriteAsync(Batch batch, Segment segment)
    {
        _failure.ThrowIfSet();
        var last = batch.NextPosition - 1;
        int size;
        try
        {
            size = Write(batch, segment);
            if (_upkeep.MustSyncNow) await _upkeep.SyncAsync(segment, last);
        }
        catch (IOException e)
        {
            _failure.Set($"writing positions {batch.First} to {last} to {segment.Name} failed", e);
            throw new LogReadOnlyException(_failure.Reason, e);
        }
        // Upkeep may have seen a sync fail meanwhile, and with it this batch's pages.
        _failure.ThrowIfSet();
        Publish(batch, segment, size);
    }

    int Write(Batch batch, Segment segment)
    {
        var bytes = batch.Seal(_epoch.Log, _epoch.Epoch, _state.LastEpoch, _upkeep.Synced);
        segment.File.Write(bytes, segment.End);
        return bytes.Length;
    }

    void Publish(Batch batch, Segment segment, int size)
    {
        lock (_state.Gate)
        {
            if (segment != _state.Current) _upkeep.Roll();
            _state.Publish(batch.First, _epoch.Epoch, batch.RecordHeaders, size, batch.Filed);
        }
        Published();
    }

    void Published()
    {
        _waiters.Release(_state.Committed);
        _upkeep.Committed();
    }

    /// <summary>See <see cref="ReplicaLog.AppendAsync"/>.</summary>
    internal ValueTask<bool> AppendBatchesAsync(ReadOnlyMemory<byte> batches, CancellationToken cancellation) => _appender.AppendAsync(batches, cancellation);

    internal ValueTask RaiseEpochAsync(ulong by) => RaiseEpochToAsync(_epoch.Epoch + by);

    async ValueTask RaiseEpochToAsync(ulong epoch)
    {
        if (epoch <= _epoch.Epoch) return;
        var next = _epoch with { Epoch = epoch };
        await next.WriteAsync(_disk);
        _epoch = next;
    }

    /// <summary>Replaces bodies in place and waits until the old ones would not come back after a power cut: after a crash on the way the next start completes it, or nothing has changed.</summary>
    /// <remarks>Beside the writer and any reader; calls wait for one another. A reader meanwhile gets the old body or the new one. A scan or a read that began before may show the old ones later still, and so may older snapshots and backups.</remarks>
    /// <param name="replacements">At most <see cref="Replacement.MaxCount"/>, of different positions, with at most <see cref="Replacement.MaxBytesTogether"/>; borrowed until the task completes.</param>
    /// <param name="cancellation">Heeded until the first byte is changed.</param>
    /// <exception cref="ArgumentException">A bound is broken, a position is not committed, or a body is too short or not as long as the one it replaces. Nothing was changed.</exception>
    /// <exception cref="IOException">Nothing was changed; try again later.</exception>
    /// <exception cref="LogReadOnlyException">A write or sync failed; a restart completes it.</exception>
    public ValueTask OverwriteAsync(IReadOnlyList<Replacement> replacements, CancellationToken cancellation)
        => _overwriter.RunAsync(replacements, cancellation);

    /// <summary>Position of the first record that was not dropped: 1 in a log that has everything, one past the last in an empty one.</summary>
    public long FirstPosition => _state.Beginning.First;

    /// <summary>Where a drop has to stop so that it keeps every record of a time and after: the first position of the first segment that ends there or later.</summary>
    /// <param name="time">µs.</param>
    public long SegmentSince(long time)
    {
        foreach (var segment in _state.Segments)
        {
            if (segment.Tail is not null || segment.LastTime >= time) return segment.First;
        }
        return CommittedPosition + 1;
    }

    /// <summary>Deletes whole segments that take no more batches and hold nothing at or behind a position, the oldest first. What they said is from then on in snapshots alone, and reads begin behind it.</summary>
    /// <remarks>Crash-safe at every step. Beside the writer and any reader: one that began before may show the dropped records until the next call. Calls wait for one another.</remarks>
    /// <returns>Segments dropped. None while two snapshots, read to their last byte, do not hold all that would go, and while a check or a backup runs.</returns>
    /// <exception cref="IOException">Reads are as before or begin later; files may be left over, which the next call or start deletes.</exception>
    public ValueTask<int> DropBeforeAsync(long position, CancellationToken cancellation) => _dropper.RunAsync(position, cancellation);

    /// <summary>The committed ends of a feed.</summary>
    public FeedHead Head(FeedKey feed) => _reader.Head(feed);

    /// <summary>Records <paramref name="from"/>..<paramref name="to"/> of a feed, ascending, clamped to what is committed and readable; stops early at either bound (but returns at least one record).</summary>
    /// <param name="maxBytes">Bound on the bodies' bytes together.</param>
    /// <exception cref="CorruptRecordException">A record on the way fails its checksum.</exception>
    public IReadOnlyList<LogRecord> ReadFeed(FeedKey feed, long from, long to, int maxCount, int maxBytes)
        => _reader.ReadFeed(feed, from, to, maxCount, maxBytes);

    /// <summary>The last <paramref name="count"/> committed records of a feed, ascending; the newest are kept when <paramref name="maxBytes"/> cuts.</summary>
    /// <exception cref="CorruptRecordException">A record on the way fails its checksum.</exception>
    public IReadOnlyList<LogRecord> ReadLast(FeedKey feed, int count, int maxBytes) => _reader.ReadLast(feed, count, maxBytes);

    /// <summary>Committed records from a position on, or from <see cref="FirstPosition"/> when that is later, ascending; stops early at either bound (but returns at least one record if there is one).</summary>
    /// <exception cref="CorruptRecordException">A record on the way fails its checksum.</exception>
    public IReadOnlyList<LogRecord> ReadFrom(long position, int maxCount, int maxBytes) => _reader.ReadFrom(position, maxCount, maxBytes);

    /// <summary>Committed batches as they lie in the log, whole ones, as many as fit.</summary>
    /// <param name="from">Position of the first record of a batch.</param>
    /// <param name="last">Position of the last record copied.</param>
    /// <returns>Bytes copied; 0 when nothing from there on is committed, or the buffer is smaller than <see cref="LogOptions.MaxBatchBytes"/> and the next batch does not fit.</returns>
    /// <exception cref="ReplicaException">No batch begins there, or it was dropped.</exception>
    public int ReadBatches(long from, Span<byte> buffer, out long last) => _reader.ReadBatches(from, buffer, out last);

    /// <summary>Lets records be found by key from now on. Always the same; before <see cref="FindByKeyAsync"/>; a log that nobody told has no keys and writes none.</summary>
    public void UseKeys(RecordKeys keys) => _keys.Use(keys);

    /// <summary>Committed records that have, or had before they were overwritten, a key; the newest first. The caller looks whether each is what it meant.</summary>
    /// <param name="key">Not 0.</param>
    /// <param name="sinceTime">µs: older ones are left out. Of each segment that reaches past it 64 bytes are read, seldom more.</param>
    /// <remarks>Where a full segment has no keys, as after an update, a restore or damage, the first who asks reads it wholly and writes them; others wait for that.</remarks>
    /// <exception cref="IOException">Something could not be read: whether there are more is not known.</exception>
    public IAsyncEnumerable<LogRecord> FindByKeyAsync(ulong key, long sinceTime, CancellationToken cancellation = default) => _keys.FindAsync(key, sinceTime, cancellation);

    /// <summary>Records <paramref name="from"/>..<paramref name="to"/>, clamped to what is there and committed now, one after the other: the quickest way through many.</summary>
    public LogScan Scan(long from, long to) => _reader.Scan(from, to);

    /// <summary>Completes once <see cref="CommittedPosition"/> is greater than <paramref name="position"/>.</summary>
    public ValueTask WaitPastAsync(long position, CancellationToken cancellation) => _waiters.WaitPastAsync(position, cancellation);

    /// <summary>Position of the newest complete snapshot; 0 without.</summary>
    public long SnapshotPosition => _snapshots.Position;

    /// <summary>Last position of the newest segment that takes no more batches and has its index; 0 without.</summary>
    public long SealedPosition => _state.Sealed;

    /// <summary>Completes once <see cref="SealedPosition"/> is greater than <paramref name="position"/>.</summary>
    public ValueTask WaitSealedPastAsync(long position, CancellationToken cancellation) => _sealWaiters.WaitPastAsync(position, cancellation);

    /// <summary>Opens the newest whole snapshot of this log that stands before a position; null without.</summary>
    /// <param name="before">After a <see cref="CorruptSnapshotException"/>: the position of the one that was damaged.</param>
    public SnapshotReader? OpenSnapshot(long before = long.MaxValue) => _snapshots.Open(before);

    /// <summary>Deletes the snapshots older than a complete one: their bodies may hold what was erased since. Returns once they would not come back after a power cut.</summary>
    /// <param name="position">That of the complete one, as <see cref="SnapshotPosition"/> says.</param>
    /// <exception cref="ArgumentException">There is none at this position. Nothing was deleted.</exception>
    public void DropSnapshotsBefore(long position) => _snapshots.DropBefore(position);

    /// <summary>Begins a snapshot at <see cref="SealedPosition"/>, an earlier segment's end, or <see cref="CommittedPosition"/>. One at a time; not on the writer's path.</summary>
    /// <exception cref="ArgumentException">The position is none of these.</exception>
    public SnapshotWriter BeginSnapshot(long position) => _snapshots.Begin(_state.PointAt(position)
        ?? throw new ArgumentException($"Position {position} is neither the end of a sealed segment nor the committed one.", nameof(position)));

    /// <summary>Prepares space ahead of the writer and writes the indexes of sealed segments until cancelled. The host runs it beside the writer, on a scheduler that may block.</summary>
    /// <remarks>Without it <see cref="BeginAsync"/> does the same itself when it must.</remarks>
    public Task MaintainAsync(CancellationToken stopping) => _upkeep.RunAsync(stopping);

    /// <summary>Verifies everything committed, as <see cref="LogCheck"/> does on a directory at rest. Reads the whole log on the caller's thread.</summary>
    public LogReport Check()
    {
        using var held = Hold();
        return LogCheck.Run(_disk, _state.Committed, _snapshots.OpenAll(), _state.Overwriting);
    }

    /// <summary>Until disposed no segment is dropped.</summary>
    internal IDisposable Hold() => _dropper.Hold();

    internal IDisk Disk => _disk;

    internal IReadOnlyList<(string Name, SnapshotFile? File)> OpenSnapshots() => _snapshots.OpenAll();

    /// <summary>What is committed now, as parts of files in which nothing but an overwritten body changes any more.</summary>
    internal (IReadOnlyList<BackupSegment> Segments, Beginning Beginning, LogPoint At) Freeze()
    {
        lock (_state.Gate)
        {
            return ([.. _state.Segments.Select(one => new BackupSegment(one.Ordinal, one.File, one.End, one.Index is not null))],
                _state.Beginning,
                new LogPoint(_state.Committed, _state.LastEpoch, _state.LastTime));
        }
    }

    /// <summary>Stop the writer, <see cref="MaintainAsync"/>, <see cref="OverwriteAsync"/> and <see cref="DropBeforeAsync"/> before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _upkeep.DisposeAsync();
        _overwriter.Dispose();
        _keys.Dispose();
        _dropper.Dispose();
        _waiters.Close();
        _sealWaiters.Close();
        foreach (var segment in _state.Segments) segment.Dispose();
        _lock.Dispose();
    }
}
