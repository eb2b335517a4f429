using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Records;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Commands;

/// <summary>Who may write to whom, and where the message is filed.</summary>
sealed class MessageRules(CoreOptions options, SessionTable sessions)
{
    const int MaxClientIdBytes = 64;
    const int MaxOriginBytes = 4 << 10;

    /// <summary>Members whose lists one message may be filed in.</summary>
    const int MaxMentioned = 200;

    /// <param name="past">The message, if the log has it already and memory may not.</param>
    public void Decide(AppState app, SendMessage send, long now, PastMessage? past, Decision decision)
    {
        var message = send.Message;
        if (!app.Users.IsActive(message.Sender)) decision.Refuse(Refusal.UnknownUser);
        else if (!send.Actor.MayActFor(message.Sender)) decision.Refuse(Refusal.NotAllowed);
        else if (message.Body.IsEmpty || message.Kind is ContentKind.None or ContentKind.Event or ContentKind.Raw) decision.Refuse(Refusal.EmptyMessage);
        else if (message.ClientId.Length == 0 || Encoding.UTF8.GetByteCount(message.ClientId) > MaxClientIdBytes) decision.Refuse(Refusal.InvalidId);
        else if (message.Size > options.MaxMessageBytes || message.Origin.Length > MaxOriginBytes) decision.Refuse(Refusal.TooLarge);
        else if (send.To.Kind == ConversationKind.Group) DecideGroup(app, send, now, past, decision);
        else DecidePeer(app, send, now, past, decision);
    }

    public void Decide(AppState app, SendNotification send, Decision decision)
    {
        UserNumber sender = default, receiver = default;
        GroupNumber group = default;
        if (!send.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (send.SenderId.Length > 0 && !app.Users.TryFindActive(send.SenderId, out sender)) decision.Refuse(Refusal.UnknownUser);
        else if (send.To.Kind == ConversationKind.Group ? !app.Groups.TryFind(send.To.Id, out group) : !app.Users.TryFindActive(send.To.Id, out receiver))
            decision.Refuse(send.To.Kind == ConversationKind.Group ? Refusal.UnknownGroup : Refusal.UnknownUser);
        else if (send.Key.Length == 0) decision.Refuse(Refusal.EmptyMessage);
        else if (Encoding.UTF8.GetByteCount(send.Key) + Encoding.UTF8.GetByteCount(send.Data) > options.MaxMessageBytes) decision.Refuse(Refusal.TooLarge);
        else
        {
            var record = new NotificationSent(sender, receiver, group, send.Key, send.Data);
            if (send.IsKept) decision.Append(record, record.Feed);
            else if (group != default) decision.Tell(group, record.NoticeOf(app));
            else decision.Tell(receiver, record.NoticeOf(app));
        }
    }

    void DecidePeer(AppState app, SendMessage send, long now, PastMessage? past, Decision decision)
    {
        var sender = send.Message.Sender;
        if (!app.Users.TryFindActive(send.To.Id, out var receiver)) decision.Refuse(Refusal.UnknownUser);
        else if (receiver == sender && !send.AllowSelf) decision.Refuse(Refusal.ToSelf);
        else Send(app, send, ConversationKey.Peer(sender, receiver), ToPeer(app, sender, receiver), now, past, decision);
    }

    Refusal ToPeer(AppState app, UserNumber sender, UserNumber receiver)
    {
        if (receiver == sender || app.Users.Row(sender).Level.SpeaksForSystem()) return Refusal.None;
        if (app.Contacts.IsBlocked(receiver, sender)) return Refusal.Blocked;
        if (app.Users.Row(receiver).Receive == ReceiveOption.Refuse) return Refusal.ReceiverDeclines;
        return options.FriendsOnly && !app.Contacts.IsFriend(receiver, sender) ? Refusal.NotFriends : Refusal.None;
    }

    void DecideGroup(AppState app, SendMessage send, long now, PastMessage? past, Decision decision)
    {
        if (!app.Groups.TryFind(send.To.Id, out var group)) decision.Refuse(Refusal.UnknownGroup);
        else Send(app, send, ConversationKey.Of(group), ToGroup(app, send.Message.Sender, group, now), now, past, decision);
    }

    public static Refusal ToGroup(AppState app, UserNumber sender, GroupNumber group, long now)
    {
        ref var head = ref app.Groups.Row(group);
        if (head.IsDismissed) return Refusal.GroupDismissed;
        // Members keep sequences in 32 bits.
        if (head.Last >= uint.MaxValue) return Refusal.TooMany;
        if (app.Users.Row(sender).Level.SpeaksForSystem()) return Refusal.None;

        var index = app.Members.Find(group, sender);
        var role = index < 0 ? GroupRole.None : app.Members.Row(index).Role;
        return role switch
        {
            GroupRole.None => Refusal.NotAMember,
            GroupRole.Owner => Refusal.None,
            _ when app.Members.Extras(index).MutedUntil > now => Refusal.Muted,
            GroupRole.Member when head.IsMuted => Refusal.GroupMuted,
            _ => Refusal.None,
        };
    }

    /// <param name="refusal">Why the sender may not write there now. A repeat gets its first answer all the same: the message is there, whatever became of its sender since.</param>
    void Send(AppState app, SendMessage send, ConversationKey conversation, Refusal refusal, long now, PastMessage? past, Decision decision)
    {
        var message = send.Message;
        var record = new MessageSent(message);
        var isTransient = message.Traits.HasFlag(MessageTraits.Transient);
        if (!isTransient && Repeats.TryAnswer(app, MessageName.Of(message, conversation), RememberedMessages.FingerprintOf(message), now, past, decision)) return;
        if (refusal != Refusal.None) decision.Refuse(refusal);
        else if (isTransient) decision.Transient = record.DeliveryOf(app, conversation, 0, 0, now, send.Trace);
        else
        {
            decision.Append(record, [.. FeedsOf(app, conversation, message.Sender), .. ListsOf(app, conversation, record)]);
            TellRead(app, send.App, conversation, message.Sender, decision);
        }
    }

    /// <summary>Who writes has read what came before. The message moves the sender's mark by itself; this tells of it: the peer, who must not miss it, and the sender's other devices.</summary>
    void TellRead(AppState app, long appId, ConversationKey conversation, UserNumber sender, Decision decision)
    {
        var (read, last) = (app.Conversations.ReadMark(conversation, sender), app.Conversations.LastSequence(conversation));
        if (read >= last) return;
        if (conversation.Kind == ConversationKind.Peer) decision.Marks.Add(new MovedMark(sender, conversation, MarkKind.Read, last, read));
        else if (sessions.Of(appId, sender).Length > 1) decision.Tell(sender, new ReadNotice(app.Conversations.NameOf(conversation), app.Users.IdOf(sender), read, last));
    }

    /// <summary>The lists of conversations of those whom a message in a group mentions: they see there that they are meant. Of everyone only while the group is small.</summary>
    static IEnumerable<FeedId> ListsOf(AppState app, ConversationKey conversation, MessageSent sent)
    {
        if (conversation.Kind != ConversationKind.Group || sent.Message.Mentions.Count == 0) return [];
        var isForAll = sent.Message.Mentions.Contains(Message.Everyone) && app.Groups.Row(conversation.Group).MemberCount <= MaxMentioned;
        var mentioned = isForAll ? app.Members.Numbers(conversation.Group) : sent.MentionedIn(app, conversation);
        return mentioned.Where(user => user != sent.Message.Sender).Distinct().Take(MaxMentioned).Select(FeedIds.Conversations);
    }

    /// <summary>The conversation first; then the inboxes of those who sync by inbox; and the lists that a new conversation comes into.</summary>
    public static FeedId[] FeedsOf(AppState app, ConversationKey conversation, UserNumber sender)
    {
        if (conversation.Kind == ConversationKind.Group)
        {
            return app.Groups.Row(conversation.Group).Kind == GroupKind.Super ? [conversation.Feed]
                : [conversation.Feed, .. app.Members.Numbers(conversation.Group).Select(FeedIds.Inbox)];
        }

        var receiver = conversation.PeerOf(sender);
        var isNew = app.Conversations.LastSequence(conversation) == 0;
        if (receiver == sender) return isNew ? [conversation.Feed, FeedIds.Inbox(sender), FeedIds.Conversations(sender)] : [conversation.Feed, FeedIds.Inbox(sender)];
        return isNew
            ? [conversation.Feed, FeedIds.Inbox(sender), FeedIds.Inbox(receiver), FeedIds.Conversations(sender), FeedIds.Conversations(receiver)]
            : [conversation.Feed, FeedIds.Inbox(sender), FeedIds.Inbox(receiver)];
    }
}
