using System.Globalization;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Edges.OpenIM.Rest;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>Notices about groups.</summary>
/// <param name="versionId">Under which clients keep list versions.</param>
sealed class GroupTips(string versionId, string administratorId)
{
    /// <summary>Members in the notice of a new group; clients read the list of members then anyway.</summary>
    const int MaxFirstMembers = 500;
    const int ForApplicant = 0;
    const int ForLeaders = 1;

    /// <summary>Null for an event this protocol has no word for.</summary>
    public Notification? Write(GroupNotice notice, long time)
    {
        var type = TypeOf(notice.Event);
        return type == 0 ? null : Notification.ToGroup(type, notice.By?.UserId ?? administratorId, notice.Group.Id, Tips(notice, MessageTranslation.Milliseconds(time)));
    }

    /// <param name="isForApplicant">Else for those who lead the group.</param>
    public Notification? Write(ApplicationNotice notice, bool isForApplicant)
    {
        var (application, group) = (notice.Application, notice.Group);
        var request = GroupObjects.Request(application, group, administratorId);
        return notice.Event switch
        {
            ApplicationEvent.Made => Notification.ToUser(NotificationTypes.ApplicationMade, application.User.Id, group.OwnerId, new
            {
                Group = request.GroupInfo,
                Applicant = request.UserInfo,
                request.ReqMsg,
                Uuid = IdOf(application, application.RequestedAt),
                Request = request,
            }),
            ApplicationEvent.Accepted => Answered(NotificationTypes.ApplicationAccepted),
            ApplicationEvent.Refused => Answered(NotificationTypes.ApplicationRefused),
            _ => null,
        };

        Notification Answered(int type) => Notification.ToUser(type, notice.By?.UserId ?? administratorId, application.User.Id, new
        {
            Group = request.GroupInfo,
            OpUser = GroupObjects.Operator(notice.By, group.Id, administratorId),
            request.HandleMsg,
            ReceiverAs = isForApplicant ? ForApplicant : ForLeaders,
            Uuid = IdOf(application, application.AnsweredAt),
            Request = request,
        });
    }

    /// <summary>Clients tell an application once per such id.</summary>
    static string IdOf(GroupApplication application, long time)
        => string.Create(CultureInfo.InvariantCulture, $"{application.GroupId}_{application.User.Id}_{time}");

    Dictionary<string, object> Tips(GroupNotice notice, long time)
    {
        var tips = new Dictionary<string, object> { ["group"] = GroupObjects.Group(notice.Group) };
        if (notice.Event is not (GroupEvent.MemberQuit or GroupEvent.MemberEntered)) tips["opUser"] = GroupObjects.Operator(notice.By, notice.Group.Id, administratorId);
        if (notice.Event is not (GroupEvent.DetailsChanged or GroupEvent.NameChanged or GroupEvent.AnnouncementChanged)) tips["operationTime"] = time;
        if (notice.Event == GroupEvent.Dismissed) return tips;

        var version = ListVersions.Of(notice.Group.MembersVersion);
        tips["groupMemberVersion"] = version;
        tips["groupMemberVersionID"] = versionId;
        var members = notice.Members.Select(GroupObjects.Member).ToArray();
        switch (notice.Event)
        {
            case GroupEvent.Created:
                tips["memberList"] = members.Take(MaxFirstMembers).ToArray();
                tips["groupOwnerUser"] = members.FirstOrDefault(member => member.UserID == notice.Group.OwnerId) ?? new GroupMember(notice.Group.Id, notice.Group.OwnerId);
                break;
            case GroupEvent.DetailsChanged: tips["muteTime"] = 0; break;
            case GroupEvent.MemberQuit: tips["quitUser"] = Only(members); break;
            case GroupEvent.MemberEntered: tips["entrantUser"] = Only(members); break;
            case GroupEvent.MembersRemoved: tips["kickedUserList"] = members; break;
            case GroupEvent.MembersInvited:
                tips["invitedUserList"] = members;
                tips["inviterUser"] = GroupObjects.Operator(notice.Inviter ?? notice.By, notice.Group.Id, administratorId);
                break;
            case GroupEvent.OwnerChanged:
                tips["newGroupOwner"] = Only(members);
                tips["oldGroupOwner"] = notice.PreviousOwner?.UserId ?? "";
                tips["oldGroupOwnerInfo"] = notice.PreviousOwner is { } previous ? GroupObjects.Member(previous) : new GroupMember(notice.Group.Id, "");
                break;
            case GroupEvent.MemberMuted:
                tips["mutedUser"] = Only(members);
                tips["mutedSeconds"] = notice.MuteSeconds;
                break;
            case GroupEvent.MemberUnmuted: tips["mutedUser"] = Only(members); break;
            case GroupEvent.MemberChanged:
                tips["changedUser"] = Only(members);
                tips["groupSortVersion"] = 0;
                break;
            case GroupEvent.MemberPromoted or GroupEvent.MemberDemoted:
                tips["changedUser"] = Only(members);
                // The order of members changed: clients read their ids anew.
                tips["groupSortVersion"] = version;
                break;
        }

        return tips;

        GroupMember Only(GroupMember[] members) => members.Length > 0 ? members[0] : new GroupMember(notice.Group.Id, "");
    }

    /// <summary>0 for an event this version has no type for.</summary>
    static int TypeOf(GroupEvent @event) => @event switch
    {
        GroupEvent.Created => NotificationTypes.GroupCreated,
        GroupEvent.DetailsChanged => NotificationTypes.GroupChanged,
        GroupEvent.NameChanged => NotificationTypes.NameChanged,
        GroupEvent.AnnouncementChanged => NotificationTypes.AnnouncementChanged,
        GroupEvent.Dismissed => NotificationTypes.GroupDismissed,
        GroupEvent.MembersInvited => NotificationTypes.MembersInvited,
        GroupEvent.MemberEntered => NotificationTypes.MemberEntered,
        GroupEvent.MemberQuit => NotificationTypes.MemberQuit,
        GroupEvent.MembersRemoved => NotificationTypes.MembersRemoved,
        GroupEvent.OwnerChanged => NotificationTypes.OwnerChanged,
        GroupEvent.MemberMuted => NotificationTypes.MemberMuted,
        GroupEvent.MemberUnmuted => NotificationTypes.MemberUnmuted,
        GroupEvent.Muted => NotificationTypes.GroupMuted,
        GroupEvent.Unmuted => NotificationTypes.GroupUnmuted,
        GroupEvent.MemberChanged => NotificationTypes.MemberChanged,
        GroupEvent.MemberPromoted => NotificationTypes.MemberPromoted,
        GroupEvent.MemberDemoted => NotificationTypes.MemberDemoted,
        _ => 0,
    };
}
