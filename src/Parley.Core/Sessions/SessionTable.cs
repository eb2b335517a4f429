using Parley.Core.Users;

namespace Parley.Core.Sessions;

/// <summary>The sessions of this node. Not part of the fold: a restart begins without any. Used under the state's lock.</summary>
public sealed class SessionTable
{
    readonly Dictionary<(long App, UserNumber User), Session[]> _sessions = [];
    readonly Dictionary<(long App, UserNumber User), HashSet<Session>> _watchers = [];

    public int Count { get; private set; }

    /// <summary>The user's sessions; the array is never changed afterwards.</summary>
    public Session[] Of(long app, UserNumber user) => _sessions.GetValueOrDefault((app, user)) ?? [];

    /// <summary>The platforms a user is online with, each once.</summary>
    public IReadOnlyList<int> PlatformsOf(long app, UserNumber user) => [.. Of(app, user).Select(s => s.Platform).Distinct().Order()];

    internal IReadOnlyCollection<Session> WatchersOf(long app, UserNumber user)
        => _watchers.TryGetValue((app, user), out var watchers) ? [.. watchers] : [];

    internal void Add(Session session)
    {
        var key = (session.App, session.User);
        _sessions[key] = [.. Of(session.App, session.User), session];
        Count++;
    }

    internal bool Remove(Session session)
    {
        var key = (session.App, session.User);
        var before = Of(session.App, session.User);
        var after = before.Where(s => s != session).ToArray();
        if (after.Length == before.Length) return false;

        if (after.Length == 0) _sessions.Remove(key);
        else _sessions[key] = after;
        Count--;
        foreach (var user in session.Watched ?? []) Unwatch(session, user);
        return true;
    }

    internal bool Contains(Session session) => Of(session.App, session.User).Contains(session);

    internal void Watch(Session session, UserNumber user)
    {
        session.Watched ??= [];
        if (!session.Watched.Add(user)) return;
        var key = (session.App, user);
        if (!_watchers.TryGetValue(key, out var watchers)) _watchers[key] = watchers = [];
        watchers.Add(session);
    }

    internal void Unwatch(Session session, UserNumber user)
    {
        session.Watched?.Remove(user);
        if (!_watchers.TryGetValue((session.App, user), out var watchers) || !watchers.Remove(session)) return;
        if (watchers.Count == 0) _watchers.Remove((session.App, user));
    }
}
