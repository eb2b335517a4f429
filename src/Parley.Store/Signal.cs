namespace Parley.Store;

/// <summary>Wakes the one task that waits for it; set while none waits, it wakes the next at once.</summary>
/// <remarks>The waiter awaits the source itself: a wrapper such as <c>Task.WaitAsync</c> would hop over the thread pool, and no seed could decide the run.</remarks>
sealed class Signal
{
    readonly Lock _gate = new();
    TaskCompletionSource? _waiter;
    bool _isSet;

    public void Set()
    {
        lock (_gate)
        {
            // Completing runs no continuation here, so the gate may stay held. A waiter cancelled meanwhile takes no signal with it.
            if (_waiter is null || !_waiter.TrySetResult()) _isSet = true;
            _waiter = null;
        }
    }

    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return;
            }
            waiter = _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        using var registration = cancellation.UnsafeRegister(static (source, token) => ((TaskCompletionSource)source!).TrySetCanceled(token), waiter);
        await waiter.Task;
    }
}
