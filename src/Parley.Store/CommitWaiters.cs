namespace Parley.Store;

/// <summary>Tasks that wait for the committed position to pass theirs.</summary>
sealed class CommitWaiters
{
    sealed class Waiter(long position) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Position => position;
    }

    readonly Lock _gate = new();
    readonly List<Waiter> _waiters = [];
    long _committed;
    bool _isClosed;

    public async ValueTask WaitPastAsync(long position, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_committed > position) return;
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Log));
            _waiters.Add(waiter = new Waiter(position));
        }
        using var registration = cancellation.UnsafeRegister(static (source, token) => ((Waiter)source!).TrySetCanceled(token), waiter);
        try
        {
            await waiter.Task;
        }
        catch (OperationCanceledException)
        {
            lock (_gate) _waiters.Remove(waiter);
            throw;
        }
    }

    public void Release(long committed)
    {
        lock (_gate)
        {
            _committed = committed;
            // Completing runs no continuation here, so the gate may stay held.
            _waiters.RemoveAll(waiter => committed > waiter.Position && (waiter.TrySetResult() || true));
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var waiter in _waiters) waiter.TrySetException(new ObjectDisposedException(nameof(Log)));
            _waiters.Clear();
        }
    }
}
