namespace Parley.Simulation;

/// <summary>
/// Runs everything that awaits on one thread, one step at a time; the seed picks which of the ready steps comes next. When nothing is ready the clock jumps to the
/// next timer. A step is what runs between two awaits, so stopping between two steps is a crash at an await.
/// </summary>
sealed class SeededScheduler : SynchronizationContext
{
    readonly Random _random;
    readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    readonly Thread _owner = Thread.CurrentThread;
    volatile string? _escape;

    public SeededScheduler(Random random, DateTimeOffset start)
    {
        _random = random;
        Time = new VirtualTime(start);
    }

    public VirtualTime Time { get; }

    /// <summary>Only timers are left.</summary>
    public bool IsIdle => _ready.Count == 0;

    public long Steps { get; private set; }

    /// <summary>A hash over every choice made and everything noted: two runs with the same trace were the same run.</summary>
    public ulong Trace { get; private set; } = 14_695_981_039_346_656_037;

    public void Note(long value) => Trace = (Trace ^ (ulong)value) * 1_099_511_628_211;

    public void Note(string text)
    {
        foreach (var c in text) Note(c);
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        AssertOwned();
        // Somewhere else a thread would have thrown into nowhere; here the next step reports it.
        if (Thread.CurrentThread == _owner) _ready.Add((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing here may block for another step.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Remembers that something ran outside of the simulation: then a seed would not decide the run.</summary>
    public void AssertOwned()
    {
        if (Thread.CurrentThread != _owner) _escape ??= Environment.StackTrace;
    }

    /// <summary>An await that lets others go first.</summary>
    public async ValueTask YieldAsync() => await Task.Yield();

    /// <summary>Runs one step, or lets the clock jump to the next timer.</summary>
    /// <returns>False when nothing is ready and no timer is set.</returns>
    public bool Step()
    {
        if (_escape is not null) throw new InvalidOperationException($"Something escaped to another thread:\n{_escape}");
        Steps++;
        if (_ready.Count == 0) return Time.JumpToNextTimer();

        var picked = _random.Next(_ready.Count);
        var (callback, state) = _ready[picked];
        _ready[picked] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Note((_ready.Count << 8) ^ picked);
        Time.Pass(_random.Next(40));
        callback(state);
        return true;
    }

    /// <summary>The process is gone: nothing that waited goes on.</summary>
    public void Drop()
    {
        _ready.Clear();
        Time.Drop();
    }

    /// <summary>Makes the scheduler the one that awaits on this thread come back to, until disposed.</summary>
    public IDisposable Enter()
    {
        var before = Current;
        SetSynchronizationContext(this);
        return new Leave(before);
    }

    sealed class Leave(SynchronizationContext? before) : IDisposable
    {
        public void Dispose() => SetSynchronizationContext(before);
    }
}
