using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Sequencing;

/// <summary>What a record, or a command without one, may say to those who are online: it knows the sessions and plans the deliveries. Valid during one call.</summary>
sealed class Announcer(Dispatcher dispatcher, SessionTable sessions)
{
    long _app;
    long _position;
    long _time;

    /// <summary>The name that the cause has for who caused it; may be empty.</summary>
    public string Trace { get; private set; } = "";

    /// <param name="position">0 for what becomes no record.</param>
    public Announcer For(long app, long position, long time, string trace)
    {
        (_app, _position, _time, Trace) = (app, position, time, trace);
        return this;
    }

    public bool HasAudience(ConversationKey key) => key.Kind == ConversationKind.Group
        ? sessions.HasAny(_app, key.Group)
        : sessions.Of(_app, key.First).Length + sessions.Of(_app, key.Second).Length > 0;

    /// <summary>To everyone in its conversation.</summary>
    public void Tell(MessageDelivery delivery)
    {
        var (key, sender) = (delivery.Conversation.Key, delivery.Message.Sender);
        var isForSender = !delivery.Message.Traits.HasFlag(Messages.MessageTraits.NotToSender);
        if (key.Kind == ConversationKind.Group)
        {
            var present = sessions.Of(_app, key.Group);
            // An account that speaks for the system need not be a member.
            var own = !isForSender || present.Any(session => session.User == sender) ? [] : sessions.Of(_app, sender);
            dispatcher.Plan(delivery, isForSender ? present : [.. present.Where(session => session.User != sender)], own);
            return;
        }

        var receiver = key.PeerOf(sender);
        dispatcher.Plan(delivery, isForSender ? sessions.Of(_app, sender) : [], receiver == sender ? [] : sessions.Of(_app, receiver));
    }

    /// <summary>To all devices of some users.</summary>
    /// <param name="notice">Made only when someone is there.</param>
    /// <param name="sequence">In the feed of notices where it is kept; 0 when it is kept in none.</param>
    public void Tell(Func<Notice> notice, long sequence, ReadOnlySpan<UserNumber> users)
    {
        var recipients = new List<Session>();
        for (var i = 0; i < users.Length; i++)
            if (!users[..i].Contains(users[i])) recipients.AddRange(sessions.Of(_app, users[i]));
        Plan(notice, sequence, [.. recipients]);
    }

    /// <summary>To all devices of a group's members, and of some users beside them.</summary>
    public void Tell(Func<Notice> notice, long sequence, GroupNumber group, params ReadOnlySpan<UserNumber> also)
    {
        var recipients = sessions.Of(_app, group);
        if (also.Length > 0)
        {
            var all = new HashSet<Session>(recipients);
            foreach (var user in also) all.UnionWith(sessions.Of(_app, user));
            recipients = [.. all];
        }

        Plan(notice, sequence, recipients);
    }

    /// <summary>To everyone in a conversation who can see a message of it.</summary>
    public void Tell(AppState app, Func<Notice> notice, long sequence, ConversationKey key, long message)
    {
        var recipients = key.Kind == ConversationKind.Group ? sessions.Of(_app, key.Group) : [.. sessions.Of(_app, key.First), .. key.First == key.Second ? [] : sessions.Of(_app, key.Second)];
        Plan(notice, sequence, [.. recipients.Where(session => app.Conversations.CanSee(key, session.User, message))]);
    }

    /// <summary>From now on the group's messages reach the user's devices.</summary>
    public void Enter(UserNumber user, GroupNumber group) => sessions.Enter(_app, user, group);

    public void Leave(UserNumber user, GroupNumber group) => sessions.Leave(_app, user, group);

    public void Kick(AppState app, UserNumber user, TokenKey key) => Kick(app, user, [.. sessions.Of(_app, user).Where(session => session.Token == key)]);

    /// <summary>All of a user's devices.</summary>
    public void Kick(AppState app, UserNumber user) => Kick(app, user, [.. sessions.Of(_app, user)]);

    void Kick(AppState app, UserNumber user, Session[] kicked)
    {
        if (kicked.Length == 0) return;
        foreach (var session in kicked) sessions.Remove(session, app.Members.GroupsOf(user));
        dispatcher.Plan(new KickedDelivery(), kicked, []);
        TellPresence(app, user);
    }

    public void TellPresence(AppState app, UserNumber user)
    {
        var watchers = sessions.WatchersOf(_app, user);
        if (watchers.Count > 0) dispatcher.Plan(new PresenceDelivery(user, app.Users.IdOf(user), sessions.PlatformsOf(_app, user)), [.. watchers], []);
    }

    void Plan(Func<Notice> notice, long sequence, Session[] recipients)
    {
        if (recipients.Length > 0) dispatcher.Plan(new NoticeDelivery(notice(), sequence, _position, _time, Trace), recipients, []);
    }
}
