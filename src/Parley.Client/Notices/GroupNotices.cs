using System.Text.Json;
using Parley.Client.Api;
using Parley.Client.Groups;
using Parley.Client.Lists;

namespace Parley.Client.Notices;

/// <summary>Groups and who is in them.</summary>
sealed class GroupNotices(ListSyncer lists, ListEvents listEvents, string userId)
{
    public ParleyEvent? Apply(int type, JsonElement tips)
    {
        switch (type)
        {
            case NoticeTypes.ApplicationMade:
                return new ParleyEvent.GroupApplicationMade(GroupApplication.Read(tips.Part("request")));
            case NoticeTypes.ApplicationAccepted or NoticeTypes.ApplicationRefused:
                var answer = type == NoticeTypes.ApplicationAccepted ? RequestAnswer.Accepted : RequestAnswer.Refused;
                return new ParleyEvent.GroupApplicationAnswered(GroupApplication.Read(tips.Part("request")) with { Answer = answer });
        }

        var group = tips.Part("group");
        var groupId = group.Text("groupID");
        if (groupId.Length == 0) return null;
        var by = tips.Part("opUser").Text("userID");
        switch (type)
        {
            case NoticeTypes.GroupCreated:
                RequestOwn();
                return null;
            case NoticeTypes.GroupDismissed:
                Take(group, groupId, isOwn: true);
                return new ParleyEvent.GroupDismissed(groupId, by);
            case NoticeTypes.MemberEntered:
                return Joined(group, groupId, [Member.Read(tips.Part("entrantUser"))], "");
            case NoticeTypes.MembersInvited:
                return Joined(group, groupId, [.. tips.Items("invitedUserList").Select(Member.Read)], by);
            case NoticeTypes.MemberQuit:
                return Left(group, groupId, [tips.Part("quitUser").Text("userID")], "");
            case NoticeTypes.MembersRemoved:
                return Left(group, groupId, [.. tips.Items("kickedUserList").Select(member => member.Text("userID"))], by);
            case NoticeTypes.OwnerChanged:
                return Changed(group, groupId, tips.Part("newGroupOwner"));
            case NoticeTypes.MemberMuted or NoticeTypes.MemberUnmuted:
                return Changed(group, groupId, tips.Part("mutedUser"));
            case NoticeTypes.MemberChanged or NoticeTypes.MemberPromoted or NoticeTypes.MemberDemoted:
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
