using Parley.Core.Users;

namespace Parley.Core.Messages;

/// <summary>
/// Holds a user's messages to a rate with a burst (the generic cell rate algorithm: one number per user, the time at which the bucket would be empty again).
/// Waits before the queue, so that a flood slows its own connections and nobody else.
/// </summary>
sealed class MessageRate(CoreOptions options, TimeProvider time)
{
    readonly Lock _gate = new();
    readonly Dictionary<(long App, UserNumber User), long> _emptyAt = [];
    readonly long _interval = options.MessageRate == 0 ? 0 : time.TimestampFrequency / options.MessageRate;
    long _sweepAt;

    /// <summary>Waits for the user's turn.</summary>
    /// <returns>False when the turn is too far away: the message is to be refused.</returns>
    public ValueTask<bool> AdmitAsync(long app, UserNumber user, CancellationToken cancellation)
    {
        if (_interval == 0) return new(true);
        var now = time.GetTimestamp();
        long early;
        lock (_gate)
        {
            Sweep(now);
            var emptyAt = Math.Max(_emptyAt.GetValueOrDefault((app, user)), now);
            early = emptyAt - ((options.MessageBurst - 1) * _interval) - now;
            if (early > options.MaxRateDelay.TotalSeconds * time.TimestampFrequency) return new(false);
            _emptyAt[(app, user)] = emptyAt + _interval;
        }

        return early <= 0 ? new(true) : WaitAsync(TimeSpan.FromSeconds((double)early / time.TimestampFrequency), cancellation);
    }

    async ValueTask<bool> WaitAsync(TimeSpan delay, CancellationToken cancellation)
    {
        await Task.Delay(delay, time, cancellation);
        return true;
    }

    /// <summary>Once a minute, forgets who has a full burst again.</summary>
    void Sweep(long now)
    {
        if (now < _sweepAt) return;
        _sweepAt = now + (60 * time.TimestampFrequency);
        foreach (var (user, emptyAt) in _emptyAt)
            if (emptyAt <= now) _emptyAt.Remove(user);
    }
}
