using Parley.Core.Groups;
using Parley.Core.Users;

namespace Parley.Core.Sessions;

/// <summary>The sessions of this node. Not part of the fold: a restart begins without any. Used under the state's lock.</summary>
public sealed class SessionTable
{
    readonly Dictionary<(long App, UserNumber User), Session[]> _sessions = [];
    readonly Dictionary<(long App, UserNumber User), HashSet<Session>> _watchers = [];
    // Only groups with someone online are here, so that a message costs nothing for members who are not.
    readonly Dictionary<(long App, GroupNumber Group), HashSet<Session>> _present = [];

    public int Count { get; private set; }

    /// <summary>The user's sessions; the array is never changed afterwards.</summary>
    public Session[] Of(long app, UserNumber user) => _sessions.GetValueOrDefault((app, user)) ?? [];

    /// <summary>The platforms a user is online with, each once.</summary>
    public IReadOnlyList<int> PlatformsOf(long app, UserNumber user) => [.. Of(app, user).Select(s => s.Platform).Distinct().Order()];

    /// <summary>Whom the user's sessions watch, each once.</summary>
    public IReadOnlyCollection<UserNumber> WatchedBy(long app, UserNumber user) => [.. Of(app, user).SelectMany(session => session.Watched ?? []).Distinct()];

    internal IReadOnlyCollection<Session> WatchersOf(long app, UserNumber user)
        => _watchers.TryGetValue((app, user), out var watchers) ? [.. watchers] : [];

    /// <summary>The sessions that the group's members have; a copy.</summary>
    public Session[] Of(long app, GroupNumber group) => _present.TryGetValue((app, group), out var sessions) ? [.. sessions] : [];

    public bool HasAny(long app, GroupNumber group) => _present.ContainsKey((app, group));

    /// <param name="groups">The groups the session's user is in.</param>
    internal void Add(Session session, IEnumerable<GroupNumber> groups)
    {
        var key = (session.App, session.User);
        _sessions[key] = [.. Of(session.App, session.User), session];
        foreach (var group in groups) Enter(session, group);
        Count++;
    }

    /// <summary>The user became a member.</summary>
    internal void Enter(long app, UserNumber user, GroupNumber group)
    {
        foreach (var session in Of(app, user)) Enter(session, group);
    }

    /// <summary>The user is no member any more.</summary>
    internal void Leave(long app, UserNumber user, GroupNumber group)
    {
        foreach (var session in Of(app, user)) Leave(session, group);
    }

    /// <summary>Enters every session anew, for memberships that may have been unsaid.</summary>
    internal void Regroup(Func<Session, IEnumerable<GroupNumber>> groupsOf)
    {
        _present.Clear();
        foreach (var sessions in _sessions.Values)
            foreach (var session in sessions)
                foreach (var group in groupsOf(session)) Enter(session, group);
    }

    /// <param name="groups">The groups the session's user is in.</param>
    internal bool Remove(Session session, IEnumerable<GroupNumber> groups)
    {
        var key = (session.App, session.User);
        var before = Of(session.App, session.User);
        var after = before.Where(s => s != session).ToArray();
        if (after.Length == before.Length) return false;

        if (after.Length == 0) _sessions.Remove(key);
        else _sessions[key] = after;
        Count--;
        foreach (var user in session.Watched ?? []) Unwatch(session, user);
        foreach (var group in groups) Leave(session, group);
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

    void Enter(Session session, GroupNumber group)
    {
        var key = (session.App, group);
        if (!_present.TryGetValue(key, out var sessions)) _present[key] = sessions = [];
        sessions.Add(session);
    }

    void Leave(Session session, GroupNumber group)
    {
        if (!_present.TryGetValue((session.App, group), out var sessions) || !sessions.Remove(session)) return;
        if (sessions.Count == 0) _present.Remove((session.App, group));
    }
}
