namespace Parley.Store.Tests;

/// <summary>Runs everything on one thread, in an order that a seed decides.</summary>
sealed class SeededContext(Random random) : SynchronizationContext
{
    readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_ready) _ready.Add((d, state));
    }

    public void Run(Func<Task> main)
    {
        var previous = Current;
        SetSynchronizationContext(this);
        try
        {
            var task = main();
            while (!task.IsCompleted) RunOne();
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }

    void RunOne()
    {
        SendOrPostCallback callback;
        object? state;
        lock (_ready)
        {
            if (_ready.Count == 0) throw new InvalidOperationException("Everybody waits, and nobody is left to wake anyone.");
            var index = random.Next(_ready.Count);
            (callback, state) = _ready[index];
            _ready.RemoveAt(index);
        }
        callback(state);
    }
}
