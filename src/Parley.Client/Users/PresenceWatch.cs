using Parley.Client.Connection;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Users;

/// <summary>Whose presence is watched, and what was told of it. The server forgets subscriptions with the connection, so each new one repeats them. Safe for any thread.</summary>
sealed class PresenceWatch(Questions questions, EventQueue events, int maxWatched)
{
    readonly Lock _turn = new();

    // Null until something was told.
    readonly Dictionary<string, Presence?> _watched = new(StringComparer.Ordinal);

    public Presence? Of(string userId)
    {
        lock (_turn) return _watched.GetValueOrDefault(userId);
    }

    public async Task WatchAsync(IReadOnlyList<string> userIds, CancellationToken ct)
    {
        lock (_turn)
        {
            if (_watched.Keys.Union(userIds).Count() > maxWatched)
                throw new ArgumentException($"{_watched.Count} users are watched already; {maxWatched} are allowed (MaxWatchedUsers).", nameof(userIds));
            foreach (var userId in userIds) _watched.TryAdd(userId, null);
        }
        await SubscribeAsync(userIds, [], ct);
    }

    public async Task UnwatchAsync(IReadOnlyList<string> userIds, CancellationToken ct)
    {
        lock (_turn) foreach (var userId in userIds) _watched.Remove(userId);
        await SubscribeAsync([], userIds, ct);
    }

    /// <summary>After each connection. Never fails: what could not be asked is asked with the next one.</summary>
    public async Task RepeatAsync(CancellationToken ct)
    {
        string[] userIds;
        lock (_turn)
        {
            userIds = [.. _watched.Keys];
            // What was told over the connection before may be over.
            foreach (var userId in userIds) _watched[userId] = null;
        }
        try { if (userIds.Length > 0) await SubscribeAsync(userIds, [], ct); }
        catch (ParleyException) { }
    }

    public void Tell(SubUserOnlineStatusTips tips)
    {
        foreach (var one in tips.Subscribers)
        {
            var presence = new Presence(one.UserID, [.. one.OnlinePlatformIDs]);
            lock (_turn)
            {
                if (!_watched.TryGetValue(one.UserID, out var known)) continue;
                if (known is not null && known.Platforms.SequenceEqual(presence.Platforms)) continue;
                _watched[one.UserID] = presence;
            }
            events.Tell(new ParleyEvent.PresenceChanged(presence));
        }
    }

    async Task SubscribeAsync(IReadOnlyList<string> add, IReadOnlyList<string> remove, CancellationToken ct)
    {
        try { Tell(await questions.SubscribeAsync(add, remove, ct)); }
        // The next connection repeats it; nobody is told of who is no longer watched.
        catch (ParleyException e) when (e.Code == ParleyException.NotConnected) { }
    }
}
