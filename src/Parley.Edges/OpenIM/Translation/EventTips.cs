using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>
/// Messages by which a conversation shows that something happened: what a notice says, once more, with as much as the message holds. They name no version, so clients never
/// take them for the change itself.
/// </summary>
static class EventTips
{
    const string FriendsMade = "FriendsMade";
    const string PrivateChanged = "PrivateChanged";

    /// <summary>Makes versions 0.</summary>
    const long NoVersion = -1;

    /// <param name="time">Record time, µs.</param>
    /// <returns>Null when a newer server wrote it and this one has no word for it.</returns>
    public static Notification? Write(ReadOnlySpan<byte> body, ConversationName conversation, long time, string administratorId)
    {
        if (EventMessages.Read(body) is not { } said) return null;
        if (conversation.IsGroup)
            return Enum.TryParse<GroupEvent>(said.Event, out var @event) ? new GroupTips("", administratorId).Write(Notice(said, @event, conversation.First, time), time) : null;
        return said.Event switch
        {
            FriendsMade when said is { By: { } by, Members: [var asker, ..] } => new ContactTips(administratorId).Write(new ContactNotice(ContactEvent.Accepted, by.Id, asker.Id,
                new FriendRequest(Profile(asker), Profile(by), "", "", time, Answer.Accepted, said.Text, time), []), time),
            PrivateChanged => ConversationTips.Write(new ConversationNotice(ConversationEvent.PrivateChanged, said.By?.Id ?? conversation.First, [conversation], said.IsOn), administratorId),
            _ => null,
        };
    }

    static UserProfile Profile(EventUser user) => new(default, user.Id, user.Nickname, "", "", 0, UserLevel.Ordinary, ReceiveOption.Notify);

    static GroupNotice Notice(EventBody said, GroupEvent @event, string groupId, long time)
    {
        var ownerId = @event switch { GroupEvent.OwnerChanged when said.Members.Count > 0 => said.Members[0].Id, GroupEvent.Created => said.By?.Id ?? "", _ => "" };
        var details = new GroupDetails
        {
            Name = @event == GroupEvent.NameChanged ? said.Text : null,
            Announcement = @event == GroupEvent.AnnouncementChanged ? said.Text : null,
        };
        var group = new GroupView(default, groupId, GroupKind.Super, details, ownerId, "", @event == GroupEvent.Created ? said.MemberCount : 0, 0, 0, "",
            @event == GroupEvent.Dismissed, @event == GroupEvent.Muted, NoVersion);
        return new GroupNotice(@event, group, Member(said.By), [.. said.Members.Select(member => Member(member)!)])
        {
            MuteSeconds = said.Seconds,
            PreviousOwner = @event == GroupEvent.OwnerChanged ? Member(said.By) : null,
        };

        MemberView? Member(EventUser? user) => user is null ? null : new MemberView(default, groupId, default, user.Id, user.Id == ownerId ? GroupRole.Owner : GroupRole.Member,
            user.Nickname, "", "", 0, JoinSource.None, "", "", @event == GroupEvent.MemberMuted ? time + (said.Seconds * 1_000_000) : 0);
    }
}
