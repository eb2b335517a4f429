using Parley.Store.Disks;
using Parley.Store.Keys;
using Parley.Store.Segments;

namespace Parley.Store;

/// <summary>What happens beside the writer: space prepared ahead, index files of full segments, and the syncs of <see cref="Durability.Interval"/>.</summary>
sealed class Upkeep : IAsyncDisposable
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    readonly IDisk _disk;
    readonly LogOptions _options;
    readonly ulong _log;
    readonly TimeProvider _time;
    readonly LogState _state;
    readonly Space _space;
    readonly Failure _failure;
    readonly CommitWaiters _sealWaiters;
    readonly SegmentKeys _keys;
    readonly Signal _due = new();
    readonly Signal _progress = new();
    readonly SemaphoreSlim _one = new(1, 1);
    readonly ITimer _retry;
    readonly ITimer _syncTimer;
    volatile bool _isRunning;
    volatile bool _isFull;
    long _lastSync;
    long _synced;
    int _syncTimerIsSet;

    public Upkeep(IDisk disk, LogOptions options, ulong log, TimeProvider time, LogState state, Space space, Failure failure, CommitWaiters sealWaiters,
        SegmentKeys keys)
    {
        (_disk, _options, _log, _time, _state, _space, _failure) = (disk, options, log, time, state, space, failure);
        (_sealWaiters, _keys) = (sealWaiters, keys);
        // Recovery has synced what it kept.
        _synced = state.Committed;
        _lastSync = time.GetTimestamp();
        _retry = time.CreateTimer(static due => ((Signal)due!).Set(), _due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _syncTimer = time.CreateTimer(static due => ((Signal)due!).Set(), _due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Every position up to this one is known to survive a power cut.</summary>
    public long Synced => Volatile.Read(ref _synced);

    public Segment? Place() => _space.Place();

    public void Roll() => _space.Roll();

    /// <summary>Whether a batch is synced before it counts as committed.</summary>
    public bool MustSyncNow => _options.Durability switch
    {
        Durability.Commit => true,
        Durability.Interval => _time.GetElapsedTime(Volatile.Read(ref _lastSync)) >= _options.SyncInterval,
        _ => false,
    };

    /// <summary>Waits for upkeep to prepare space or, when it isn't running, prepares it.</summary>
    /// <returns>False when the disk is full.</returns>
    public async ValueTask<bool> MakeRoomAsync(CancellationToken cancellation)
    {
        if (!_isRunning) await TurnAsync();
        else if (!_isFull)
        {
            _due.Set();
            await _progress.WaitAsync(cancellation);
        }
        // Full may mean that there is room for the next batch, only not for as many as upkeep likes to have.
        return !_isFull || Place() is not null;
    }

    /// <summary>After a commit: is there anything to do?</summary>
    public void Committed()
    {
        if (_options.Durability == Durability.Interval && Synced < _state.Committed && Interlocked.Exchange(ref _syncTimerIsSet, 1) == 0)
            _syncTimer.Change(_options.SyncInterval, Timeout.InfiniteTimeSpan);
        if (_space.IsShort || FirstUnindexed() is not null) _due.Set();
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        _isRunning = true;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await TurnAsync();
                // Behind all that somebody waits for.
                await _keys.TendAsync(stopping);
                await _due.WaitAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        finally
        {
            _isRunning = false;
            // A writer that waits must not wait for somebody who has left.
            _progress.Set();
        }
    }

    async ValueTask TurnAsync()
    {
        await _one.WaitAsync();
        try
        {
            await PrepareAsync();
            await SyncIfDueAsync();
            await IndexAsync();
        }
        finally
        {
            _one.Release();
            _progress.Set();
        }
    }

    async ValueTask PrepareAsync()
    {
        while (!_failure.IsSet && _space.IsShort)
        {
            try
            {
                await _space.PrepareAsync();
                _isFull = false;
                _progress.Set();
            }
            catch (DiskFullException)
            {
                _isFull = true;
                _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
                return;
            }
            catch (IOException e)
            {
                _failure.Set("preparing space failed", e);
            }
        }
    }

    async ValueTask SyncIfDueAsync()
    {
        if (Interlocked.Exchange(ref _syncTimerIsSet, 0) == 0 || _failure.IsSet || Synced >= _state.Committed) return;
        if (!MustSyncNow)
        {
            _syncTimerIsSet = 1;
            _syncTimer.Change(_options.SyncInterval - _time.GetElapsedTime(_lastSync), Timeout.InfiniteTimeSpan);
            return;
        }
        await SyncCommittedAsync();
    }

    /// <summary>Returns once a committed position would survive a power cut, whatever <see cref="LogOptions.Durability"/> says.</summary>
    /// <exception cref="LogReadOnlyException">It can't be known any more.</exception>
    public async ValueTask SyncUpToAsync(long position)
    {
        await _one.WaitAsync();
        try
        {
            _failure.ThrowIfSet();
            if (Synced < position) await SyncCommittedAsync();
        }
        finally
        {
            _one.Release();
        }
        _failure.ThrowIfSet();
    }

    /// <summary>An index file turned out to be damaged and waits to be replaced.</summary>
    public void Rebuilt() => _due.Set();

    async ValueTask<bool> SyncCommittedAsync()
    {
        try
        {
            Segment current;
            long committed;
            lock (_state.Gate) (current, committed) = (_state.Current, _state.Committed);
            await SyncAsync(current, committed);
            return true;
        }
        catch (IOException e)
        {
            _failure.Set("a sync failed", e);
            return false;
        }
    }

    /// <summary>Syncs everything written up to a position that lies in <paramref name="newest"/>.</summary>
    public async ValueTask SyncAsync(Segment newest, long position)
    {
        foreach (var segment in _state.Segments)
        {
            if (segment.Ordinal < newest.Ordinal && segment.Last > Synced) await segment.File.SyncAsync();
        }
        await newest.File.SyncAsync();
        lock (_state.Gate) Volatile.Write(ref _synced, Math.Max(_synced, position));
        Volatile.Write(ref _lastSync, _time.GetTimestamp());
    }

    Segment? FirstUnindexed()
    {
        var segments = _state.Segments;
        // Full ones without index are the newest: walk back while there are any.
        Segment? found = null;
        for (var i = segments.Length - 2; i >= 0 && segments[i].Tail is not null; i--) found = segments[i];
        return found;
    }

    async ValueTask IndexAsync()
    {
        while (!_failure.IsSet && FirstUnindexed() is { } segment)
        {
            // An index speaks for its segment at the next start, so it must not outlive it.
            if (segment.Last > Synced && !await SyncCommittedAsync()) return;
            try
            {
                var index = await SegmentIndexWriter.WriteAsync(_disk, _log, segment, _state.Feeds);
                lock (_state.Gate) segment.Seal(index);
                _sealWaiters.Release(segment.Last);
            }
            catch (IOException)
            {
                // The segment is served from memory as well, so a failed index file waits for the next round.
                _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        if (!_failure.IsSet) await ReplaceRebuiltAsync();
    }

    async ValueTask ReplaceRebuiltAsync()
    {
        foreach (var segment in _state.Segments)
        {
            if (segment.Index?.TakeRebuilt() is not { } bytes) continue;
            try
            {
                await SegmentIndexWriter.WriteAsync(_disk, segment.Ordinal, bytes);
            }
            catch (IOException)
            {
                // Until the next start its content is served from memory; then it is found damaged again.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _retry.DisposeAsync();
        await _syncTimer.DisposeAsync();
        if (!_failure.IsSet && Synced < _state.Committed) await SyncCommittedAsync();
        _one.Dispose();
        foreach (var segment in _space.Ahead) segment.Dispose();
    }
}
