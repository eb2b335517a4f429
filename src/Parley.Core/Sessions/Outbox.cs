using System.Threading.Tasks.Sources;

namespace Parley.Core.Sessions;

/// <summary>
/// The bounded queue between Core and the owner of a session. Anyone adds; one owner takes. An outbox that would pass a bound drops everything it holds and is
/// <see cref="IsClosed"/> for good: delivery is a hint, the feed is the promise, so the owner closes the session and the client syncs.
/// </summary>
public sealed class Outbox(int maxItems, int maxBytes) : IValueTaskSource
{
    readonly Lock _gate = new();
    ManualResetValueTaskSourceCore<bool> _waiter = new() { RunContinuationsAsynchronously = true };
    Queue<Outgoing>? _items;
    long _bytes;
    bool _isWaiting;

    /// <summary>No more items come or are taken: the owner closed it, or it overflowed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>It was closed because its owner did not take fast enough.</summary>
    public bool HasOverflowed { get; private set; }

    /// <summary>Adds and wakes the owner.</summary>
    /// <returns>False when the outbox is closed, or is closed by this very item.</returns>
    public bool TryAdd(Outgoing item)
    {
        var added = TryAddQuietly(item);
        Wake();
        return added;
    }

    /// <summary>Adds without waking the owner, who then finds all of a batch in one go after <see cref="Wake"/>.</summary>
    internal bool TryAddQuietly(Outgoing item)
    {
        lock (_gate)
        {
            if (IsClosed) return false;
            _items ??= new Queue<Outgoing>();
            if (_items.Count < maxItems && _bytes + item.Size <= maxBytes)
            {
                _items.Enqueue(item);
                _bytes += item.Size;
                return true;
            }

            (IsClosed, HasOverflowed, _items) = (true, true, null);
            return false;
        }
    }

    internal void Wake()
    {
        lock (_gate)
        {
            if (!_isWaiting || (_items is not { Count: > 0 } && !IsClosed)) return;
            _isWaiting = false;
        }

        _waiter.SetResult(true);
    }

    public bool TryTake(out Outgoing? item)
    {
        lock (_gate)
        {
            item = null;
            if (_items is null || !_items.TryDequeue(out item)) return false;
            _bytes -= item.Size;
            // An idle session keeps no array: there may be a hundred thousand of them.
            if (_items.Count == 0 && _items.Capacity > 64) _items = null;
            return true;
        }
    }

    /// <summary>Waits until there is something to take or the outbox is closed. One waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (IsClosed || _items is { Count: > 0 }) return ValueTask.CompletedTask;
            _waiter.Reset();
            _isWaiting = true;
            return new ValueTask(this, _waiter.Version);
        }
    }

    /// <summary>Ends the outbox and drops what it holds.</summary>
    public void Close()
    {
        lock (_gate) (IsClosed, _items) = (true, null);
        Wake();
    }

    void IValueTaskSource.GetResult(short token) => _waiter.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _waiter.OnCompleted(continuation, state, token, flags);
}
