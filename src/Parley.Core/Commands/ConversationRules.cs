using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Marks and settings: what is a user's own in a conversation.</summary>
sealed class ConversationRules(CoreOptions options)
{
    public static void Decide(AppState app, MoveMark move, Decision decision)
    {
        if (!TryView(app, move, move.User, move.Conversation, decision, out var view)) return;
        var (current, largest) = move.Kind == MarkKind.Read ? (view.Read, view.Last) : (view.Minimum, view.Last + 1);
        var sequence = Math.Min(move.Sequence, largest);
        if (sequence > current) decision.Marks.Add(new MovedMark(move.User, move.Conversation, move.Kind, sequence, current));
    }

    public static void Decide(AppState app, ClearConversation clear, Decision decision)
    {
        if (!TryView(app, clear, clear.User, clear.Conversation, decision, out var view)) return;
        if (view.Last > view.Read) decision.Marks.Add(MovedMark.Untold(clear.User, clear.Conversation, MarkKind.Read, view.Last));
        if (view.Last >= view.Minimum) decision.Marks.Add(new MovedMark(clear.User, clear.Conversation, MarkKind.Minimum, view.Last + 1, view.Minimum));
        if (clear.TellsOwnDevices) decision.Tell(clear.User, new ConversationNotice(ConversationEvent.Cleared, app.Users.IdOf(clear.User), [view.Name]));
    }

    static bool TryView(AppState app, Command command, UserNumber user, ConversationKey conversation, Decision decision, out ConversationView view)
    {
        view = default;
        if (!command.Actor.MayActFor(user)) decision.Refuse(Refusal.NotAllowed);
        else if (!app.Users.IsActive(user)) decision.Refuse(Refusal.UnknownUser);
        else if (!app.Conversations.TryView(conversation, user, out view)) decision.Refuse(Refusal.UnknownConversation);
        else return true;
        return false;
    }

    public void Decide(AppState app, ChangeConversation change, long now, Decision decision)
    {
        var (key, user) = (change.Conversation, change.User);
        var isPart = key.Kind == ConversationKind.Group ? app.Conversations.TryView(key, user, out _)
            : key.IsPeerOf(user) && app.Users.Contains(key.First) && app.Users.Contains(key.Second);
        if (!change.Actor.MayActFor(user)) decision.Refuse(Refusal.NotAllowed);
        else if (!app.Users.IsActive(user)) decision.Refuse(Refusal.UnknownUser);
        else if (!isPart) decision.Refuse(Refusal.UnknownConversation);
        else if (IsTooLong(change.Change.Attached) || IsTooLong(change.Change.Extra)) decision.Refuse(Refusal.TooLarge);
        else
        {
            Set(app, user, key, change.Change, decision);
            if (key.Kind == ConversationKind.Peer && change.Change.IsPrivate is { } isPrivate) SetPrivate(app, user, key, isPrivate, now, decision);
        }
    }

    /// <summary>Whether messages burn is one thing for both: the other side gets it too, and both are told.</summary>
    void SetPrivate(AppState app, UserNumber user, ConversationKey key, bool isPrivate, long now, Decision decision)
    {
        var peer = key.PeerOf(user);
        var isNews = app.Conversations.SettingsOf(key, user).IsPrivate != isPrivate;
        if (peer != user) Set(app, peer, key, new ConversationChange { IsPrivate = isPrivate }, decision);
        if (!isNews) return;
        var notice = new ConversationNotice(ConversationEvent.PrivateChanged, app.Users.IdOf(user), [app.Conversations.NameOf(key)], isPrivate);
        decision.Tell(user, notice);
        if (peer != user) decision.Tell(peer, notice);
        if (options.ShowsGroupEvents && app.Conversations.LastSequence(key) > 0)
            decision.Append(new MessageSent(EventMessages.Write(app, user, nameof(ConversationEvent.PrivateChanged), [peer], now, isOn: isPrivate)), MessageRules.FeedsOf(app, key, user));
    }

    static void Set(AppState app, UserNumber user, ConversationKey key, ConversationChange change, Decision decision)
    {
        var settings = app.Conversations.SettingsOf(key, user);
        var changed = change.On(settings, app.Conversations.LastSequence(key));
        if (changed != settings) decision.Append(new ConversationChanged(user, key, changed), FeedIds.Conversations(user));
    }

    bool IsTooLong(string? text) => text is not null && Encoding.UTF8.GetByteCount(text) > options.MaxProfileTextBytes;
}
