namespace Parley.Testing;

/// <summary>A clock that only <see cref="Advance"/> moves. Safe for any thread; timers fire on the thread that advances, in the order they are due.</summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    readonly Lock _turn = new();
    readonly List<ManualTimer> _timers = [];
    readonly List<(TimeSpan In, TaskCompletionSource Seen)> _watchers = [];
    DateTimeOffset _now = start;
    long _created;

    public ManualTime() : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_turn) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        DateTimeOffset end;
        lock (_turn) end = _now + by;
        while (NextDue(end) is { } timer) timer.Fire();
        lock (_turn) _now = end;
    }

    /// <summary>Completes as soon as a timer is set that is due exactly so far from now: the moment to advance.</summary>
    public Task WhenWaitingAsync(TimeSpan due)
    {
        lock (_turn)
        {
            if (_timers.Exists(timer => timer.Due == _now + due)) return Task.CompletedTask;
            var watcher = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((due, watcher));
            return watcher.Task;
        }
    }

    ManualTimer? NextDue(DateTimeOffset end)
    {
        lock (_turn)
        {
            var next = _timers.Where(timer => timer.Due <= end).OrderBy(timer => timer.Due).ThenBy(timer => timer.Order).FirstOrDefault();
            if (next is null) return null;
            if (next.Due > _now) _now = next.Due;
            next.Reschedule();
            return next;
        }
    }

    sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; }

        public long Order { get; private set; }

        public void Fire() => callback(state);

        public void Reschedule()
        {
            if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero) time._timers.Remove(this);
            else Due += _period;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._turn)
            {
                time._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                (Due, Order) = (time._now + dueTime, ++time._created);
                time._timers.Add(this);
                foreach (var (_, seen) in time._watchers.Where(watcher => watcher.In == dueTime)) seen.TrySetResult();
                time._watchers.RemoveAll(watcher => watcher.In == dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._turn) time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
