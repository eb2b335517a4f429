using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>What may be done to messages after they were sent.</summary>
sealed class OperationRules(CoreOptions options)
{
    const int MaxReactionBytes = 32;

    public void Decide(AppState app, RecallMessage recall, long now, Decision decision)
    {
        var target = recall.Target;
        var refusal = MayEnd(app, recall.Actor, recall.User, target, now);
        if (refusal == Refusal.None && IsGone(app, target)) refusal = Refusal.MessageGone;
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        // An administrator may act for a user: then it is that user who did it.
        var role = target.Conversation.Kind == ConversationKind.Group && recall.User != UserNumber.Administration
            ? app.Members.RoleOf(target.Conversation.Group, recall.User) : GroupRole.None;
        decision.Append(new MessageRecalled(target.Conversation, target.Sequence, recall.User, role, target.Sender, target.ClientId, target.SenderNickname, target.SentAt),
            FeedIds.Notices(target.Conversation));
    }

    public void Decide(AppState app, EditMessage edit, long now, Decision decision)
    {
        var target = edit.Target;
        var refusal = MayTouch(app, edit.Actor, edit.User, target.Conversation, target.Sequence, now);
        if (refusal == Refusal.None && !edit.Actor.MayManage && target.Sender != edit.User) refusal = Refusal.NotAllowed;
        if (refusal == Refusal.None && !edit.Actor.MayManage && IsPast(options.EditWindow, target, now)) refusal = Refusal.TooLate;
        if (refusal == Refusal.None && IsGone(app, target)) refusal = Refusal.MessageGone;
        if (refusal == Refusal.None && (edit.Body.IsEmpty || edit.Kind is ContentKind.None or ContentKind.Event or ContentKind.Typing)) refusal = Refusal.EmptyMessage;
        if (refusal == Refusal.None && edit.Body.Length > options.MaxMessageBytes) refusal = Refusal.TooLarge;
        if (refusal != Refusal.None) decision.Refuse(refusal);
        else decision.Append(new MessageEdited(target.Conversation, target.Sequence, edit.User, edit.Kind, edit.Body), FeedIds.Notices(target.Conversation));
    }

    public void Decide(AppState app, DeleteMessages delete, long now, Decision decision)
    {
        if (delete.Targets.Count == 0) return;
        var conversation = delete.Targets[0].Conversation;
        var refusal = delete.Targets.Count > options.MaxMessagesPerCommand ? Refusal.TooMany
            : delete.Targets.Any(target => target.Conversation != conversation) ? Refusal.UnknownConversation
            : delete.Targets.Select(target => MayEnd(app, delete.Actor, delete.User, target, now)).FirstOrDefault(fault => fault != Refusal.None);
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        var there = delete.Targets.Where(target => app.Operations.Of(conversation, target.Sequence).Fate != MessageFate.Deleted).Select(target => target.Sequence).Distinct().Order().ToArray();
        if (there.Length > 0) decision.Append(new MessagesRemoved(conversation, delete.User, there, IsForAll: true), FeedIds.Notices(conversation));
    }

    public void Decide(AppState app, HideMessages hide, Decision decision)
    {
        if (!app.Users.IsActive(hide.User)) decision.Refuse(Refusal.UnknownUser);
        else if (!hide.Actor.MayActFor(hide.User)) decision.Refuse(Refusal.NotAllowed);
        else if (hide.Sequences.Count > options.MaxMessagesPerCommand) decision.Refuse(Refusal.TooMany);
        else if (!app.Conversations.TryView(hide.Conversation, hide.User, out var view)) decision.Refuse(Refusal.UnknownConversation);
        else
        {
            var visible = hide.Sequences.Where(sequence => sequence >= view.Minimum && sequence <= view.Last && !app.Operations.IsHidden(view.Key, hide.User, sequence))
                .Distinct().Order().ToArray();
            if (visible.Length == 0) return;
            var record = new MessagesRemoved(view.Key, hide.User, visible, IsForAll: false);
            if (hide.TellsOwnDevices) decision.Append(record, FeedIds.Notices(hide.User));
            else decision.Append(record);
        }
    }

    public void Decide(AppState app, React react, long now, Decision decision)
    {
        var target = react.Target;
        var refusal = MayTouch(app, react.Actor, react.User, target.Conversation, target.Sequence, now);
        if (refusal == Refusal.None && react.User == UserNumber.Administration) refusal = Refusal.UnknownUser;
        if (refusal == Refusal.None && IsGone(app, target)) refusal = Refusal.MessageGone;
        if (refusal == Refusal.None && (react.Reaction.Length == 0 || Encoding.UTF8.GetByteCount(react.Reaction) > MaxReactionBytes)) refusal = Refusal.InvalidId;
        var isThere = refusal == Refusal.None && app.Reactions.Contains(target.Conversation, target.Sequence, react.User, react.Reaction);
        if (refusal == Refusal.None && !react.IsRemoved && !isThere && app.Reactions.Count(target.Conversation, target.Sequence) >= options.MaxReactionsPerMessage)
            refusal = Refusal.TooMany;
        if (refusal != Refusal.None) decision.Refuse(refusal);
        else if (isThere == react.IsRemoved)
            decision.Append(new Reacted(target.Conversation, target.Sequence, react.User, react.Reaction, react.IsRemoved), FeedIds.Notices(target.Conversation));
    }

    public void Decide(AppState app, PinMessage pin, long now, Decision decision)
    {
        var target = pin.Target;
        var refusal = MayTouch(app, pin.Actor, pin.User, target.Conversation, target.Sequence, now);
        if (refusal == Refusal.None && !pin.Actor.MayManage && target.Conversation.Kind == ConversationKind.Group && app.Members.RoleOf(target.Conversation.Group, pin.User) < GroupRole.Administrator)
            refusal = Refusal.NotAllowed;
        if (refusal == Refusal.None && IsGone(app, target)) refusal = Refusal.MessageGone;
        var isThere = app.Pins.Contains(target.Conversation, target.Sequence);
        if (refusal == Refusal.None && pin.IsPinned && !isThere && app.Pins.Count(target.Conversation) >= options.MaxPinnedMessages) refusal = Refusal.TooMany;
        if (refusal != Refusal.None) decision.Refuse(refusal);
        else if (isThere != pin.IsPinned) decision.Append(new MessagePinned(target.Conversation, target.Sequence, pin.User, pin.IsPinned), FeedIds.Notices(target.Conversation));
    }

    /// <summary>Whether a message may be taken from everyone: by its sender in time, by who leads the group, by administrators.</summary>
    Refusal MayEnd(AppState app, Actor actor, UserNumber user, MessageTarget target, long now)
    {
        if (MayTouch(app, actor, user, target.Conversation, target.Sequence, now) is var refusal && refusal is not (Refusal.None or Refusal.Muted or Refusal.GroupMuted)) return refusal;
        if (actor.MayManage) return Refusal.None;
        if (target.Sender == user) return IsPast(options.RecallWindow, target, now) ? Refusal.TooLate : Refusal.None;
        if (target.Conversation.Kind != ConversationKind.Group || !options.LeadersMayRecall) return Refusal.NotAllowed;
        var (own, senders) = (app.Members.RoleOf(target.Conversation.Group, user), app.Members.RoleOf(target.Conversation.Group, target.Sender));
        return own >= GroupRole.Administrator && own > senders ? Refusal.None : Refusal.NotAllowed;
    }

    /// <summary>Whether a user takes part in a conversation now and sees the message.</summary>
    static Refusal MayTouch(AppState app, Actor actor, UserNumber user, ConversationKey conversation, long sequence, long now)
    {
        if (!actor.MayActFor(user)) return Refusal.NotAllowed;
        if (user == UserNumber.Administration) return sequence > app.Conversations.FloorOf(conversation) ? Refusal.None : Refusal.UnknownMessage;
        if (!app.Users.IsActive(user)) return Refusal.UnknownUser;
        if (!app.Conversations.TryView(conversation, user, out var view)) return Refusal.UnknownConversation;
        if (sequence < view.Minimum || sequence > view.Last || app.Operations.IsHidden(conversation, user, sequence)) return Refusal.UnknownMessage;
        if (actor.MayManage) return Refusal.None;
        return conversation.Kind == ConversationKind.Group ? MessageRules.ToGroup(app, user, conversation.Group, now)
            : app.Contacts.IsBlocked(conversation.PeerOf(user), user) ? Refusal.Blocked : Refusal.None;
    }

    static bool IsGone(AppState app, MessageTarget target) => app.Operations.Of(target.Conversation, target.Sequence).Fate is MessageFate.Recalled or MessageFate.Deleted;

    static bool IsPast(TimeSpan window, MessageTarget target, long now) => window > TimeSpan.Zero && now - target.SentAt > window.TotalMicroseconds;
}
