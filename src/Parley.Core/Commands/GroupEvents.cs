using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Commands;

/// <summary>Lets the group's conversation show what a command did, behind the records that did it.</summary>
sealed class GroupEvents(CoreOptions options)
{
    /// <summary>Adds the message, if it is to be shown.</summary>
    /// <param name="members">Whom it concerns.</param>
    /// <param name="ordinal">Tells the events of one command apart.</param>
    public void Append(AppState app, GroupCommand command, GroupNumber group, GroupEvent @event, IReadOnlyCollection<UserNumber> members, long now, Decision decision,
        int ordinal = 0, long seconds = 0, string text = "")
        => Append(app, command, group, @event, members, now, decision, app.Groups.Row(group).Kind, app.Members.Numbers(group), ordinal, seconds, text);

    /// <summary>The same, where the command changes who is in the group.</summary>
    /// <param name="present">Who is in it afterwards.</param>
    public void Append(AppState app, GroupCommand command, GroupNumber group, GroupEvent @event, IReadOnlyCollection<UserNumber> members, long now, Decision decision,
        GroupKind kind, IEnumerable<UserNumber> present, int ordinal = 0, long seconds = 0, string text = "")
    {
        var isNew = !app.Groups.Contains(group);
        // Members keep sequences in 32 bits.
        if (!(command.IsShown ?? options.ShowsGroupEvents) || (!isNew && app.Groups.Row(group).Last >= uint.MaxValue)) return;
        var message = EventMessages.Write(app, command.Actor.User, @event.ToString(), members, now, ordinal, seconds, text);
        // Who has gone would get a message that their history ends before.
        if (@event == GroupEvent.MemberQuit) message = message with { Traits = message.Traits | MessageTraits.NotToSender };
        var conversation = ConversationKey.Of(group).Feed;
        FeedId[] feeds = kind == GroupKind.Super ? [conversation] : [conversation, .. present.Select(FeedIds.Inbox)];
        decision.Append(new MessageSent(message), feeds);
    }
}
