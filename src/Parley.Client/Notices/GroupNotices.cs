using System.Text.Json;
using Parley.Client.Api;
using Parley.Client.Groups;
using Parley.Client.Lists;
using Parley.Wire.OpenIM;

namespace Parley.Client.Notices;

/// <summary>Groups and who is in them.</summary>
sealed class GroupNotices(ListSyncer lists, ListEvents listEvents, string userId)
{
    public ParleyEvent? Apply(int type, JsonElement tips)
    {
        switch (type)
        {
            case NotificationTypes.ApplicationMade:
                return new ParleyEvent.GroupApplicationMade(GroupApplication.Read(tips.Part("request")));
            case NotificationTypes.ApplicationAccepted or NotificationTypes.ApplicationRefused:
                var answer = type == NotificationTypes.ApplicationAccepted ? RequestAnswer.Accepted : RequestAnswer.Refused;
                return new ParleyEvent.GroupApplicationAnswered(GroupApplication.Read(tips.Part("request")) with { Answer = answer });
        }

        var group = tips.Part("group");
        var groupId = group.Text("groupID");
        if (groupId.Length == 0) return null;
        var by = tips.Part("opUser").Text("userID");
        switch (type)
        {
            case NotificationTypes.GroupCreated:
                RequestOwn();
                return null;
            case NotificationTypes.GroupDismissed:
                Take(group, groupId, isOwn: true);
                return new ParleyEvent.GroupDismissed(groupId, by);
            case NotificationTypes.MemberEntered:
                return Joined(group, groupId, [Member.Read(tips.Part("entrantUser"))], "");
            case NotificationTypes.MembersInvited:
                return Joined(group, groupId, [.. tips.Items("invitedUserList").Select(Member.Read)], by);
            case NotificationTypes.MemberQuit:
                return Left(group, groupId, [tips.Part("quitUser").Text("userID")], "");
            case NotificationTypes.MembersRemoved:
                return Left(group, groupId, [.. tips.Items("kickedUserList").Select(member => member.Text("userID"))], by);
            case NotificationTypes.OwnerChanged:
                return Changed(group, groupId, tips.Part("newGroupOwner"));
            case NotificationTypes.MemberMuted or NotificationTypes.MemberUnmuted:
                return Changed(group, groupId, tips.Part("mutedUser"));
            case NotificationTypes.MemberChanged or NotificationTypes.MemberPromoted or NotificationTypes.MemberDemoted:
                return Changed(group, groupId, tips.Part("changedUser"));
            default:
                listEvents.TellGroup(VersionedList.GroupEntry(group));
                return null;
        }
    }

    ParleyEvent.MembersJoined Joined(JsonElement group, string groupId, IReadOnlyList<Member> members, string by)
    {
        Take(group, groupId, members.Any(member => member.UserId == userId));
        return new ParleyEvent.MembersJoined(groupId, members, by);
    }

    ParleyEvent.MembersLeft Left(JsonElement group, string groupId, IReadOnlyList<string> userIds, string by)
    {
        Take(group, groupId, userIds.Contains(userId));
        return new ParleyEvent.MembersLeft(groupId, userIds, by);
    }

    ParleyEvent.MemberChanged Changed(JsonElement group, string groupId, JsonElement member)
    {
        Take(group, groupId, isOwn: false);
        return new ParleyEvent.MemberChanged(Member.Read(member));
    }

    /// <param name="isOwn">Whether this user came or left.</param>
    void Take(JsonElement group, string groupId, bool isOwn)
    {
        listEvents.TellGroup(VersionedList.GroupEntry(group));
        if (isOwn) RequestOwn();
        lists.RequestMembers(groupId);
    }

    void RequestOwn() => lists.Request(VersionedList.Groups, VersionedList.Conversations);
}
