namespace Parley.Simulation;

/// <summary>A clock that moves only when it is told to, and timers that fire only when nothing else is ready.</summary>
sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    readonly PriorityQueue<VirtualTimer, (long DueTicks, long Order)> _timers = new();
    long _elapsedTicks;
    long _wallOffsetTicks;
    long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsedTicks;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(_elapsedTicks + _wallOffsetTicks);

    public void Pass(long microseconds) => _elapsedTicks += microseconds * TimeSpan.TicksPerMicrosecond;

    /// <summary>Somebody sets the wall clock, forward or back; timers don't notice.</summary>
    public void SetWallClock(TimeSpan difference) => _wallOffsetTicks += difference.Ticks;

    public bool JumpToNextTimer()
    {
        while (_timers.TryDequeue(out var timer, out var due))
        {
            if (!timer.IsDueAt(due)) continue;
            _elapsedTicks = Math.Max(_elapsedTicks, due.DueTicks);
            timer.Fire();
            return true;
        }

        return false;
    }

    public void Drop() => _timers.Clear();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        (long DueTicks, long Order)? _next;
        TimeSpan _period;

        public bool IsDueAt((long DueTicks, long Order) due) => _next == due;

        public void Fire()
        {
            _next = null;
            if (_period > TimeSpan.Zero) Change(_period, _period);
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            _next = null;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            var next = (time._elapsedTicks + dueTime.Ticks, ++time._order);
            _next = next;
            time._timers.Enqueue(this, next);
            return true;
        }

        public void Dispose() => _next = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
