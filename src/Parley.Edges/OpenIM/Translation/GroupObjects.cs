using Parley.Core.Contacts;
using Parley.Core.Groups;
using Parley.Core.Users;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>OpenIM's objects about groups, as REST answers and notifications hold them.</summary>
static class GroupObjects
{
    /// <summary>The only kind of group there is for OpenIM's clients, whatever a group is here.</summary>
    public const int GroupType = 2;
    const int Dismissed = 2;
    const int Muted = 3;
    const int OwnerLevel = 100;
    const int AdministratorLevel = 60;
    const int MemberLevel = 20;

    /// <summary>Level of an account that manages the application.</summary>
    const int ManagerLevel = 2;

    public static GroupInfo Group(GroupView group) => new()
    {
        GroupID = group.Id,
        GroupName = group.Name,
        Notification = group.Details.Announcement ?? "",
        Introduction = group.Details.Introduction ?? "",
        FaceURL = group.Details.FaceUrl ?? "",
        OwnerUserID = group.OwnerId,
        CreateTime = MessageTranslation.Milliseconds(group.CreatedAt),
        MemberCount = (uint)group.MemberCount,
        Ex = group.Details.Extra ?? "",
        Status = group.IsDismissed ? Dismissed : group.IsMuted ? Muted : 0,
        CreatorUserID = group.CreatorId,
        GroupType = GroupType,
        NeedVerification = (int)(group.Details.JoinRule ?? JoinRule.ApprovalUnlessInvited),
        LookMemberInfo = group.Details.HidesMembers == true ? 1 : 0,
        ApplyMemberFriend = group.Details.ForbidsFriendRequests == true ? 1 : 0,
        NotificationUpdateTime = MessageTranslation.Milliseconds(group.AnnouncedAt),
        NotificationUserID = group.AnnouncerId,
    };

    public static GroupMember Member(MemberView member) => new(member.GroupId, member.UserId)
    {
        RoleLevel = LevelOf(member.Role),
        JoinTime = MessageTranslation.Milliseconds(member.JoinedAt),
        Nickname = member.Nickname,
        FaceURL = member.FaceUrl,
        JoinSource = (int)member.Source,
        OperatorUserID = member.OperatorId,
        Ex = member.Extra,
        MuteEndTime = MessageTranslation.Milliseconds(member.MutedUntil),
        InviterUserID = member.InviterId,
    };

    /// <summary>Who did something to a group: a member, or the administration under its own name.</summary>
    public static GroupMember Operator(MemberView? member, string groupId, string administratorId)
        => member is not null ? Member(member) : new GroupMember(groupId, administratorId) { RoleLevel = AdministratorLevel, AppMangerLevel = ManagerLevel };

    public static GroupRequest Request(GroupApplication application, GroupView group, string administratorId) => new(User(application.User), Group(group))
    {
        HandleResult = ResultOf(application.Answer),
        ReqMsg = application.Message,
        HandleMsg = application.AnswerMessage,
        ReqTime = MessageTranslation.Milliseconds(application.RequestedAt),
        HandleUserID = application.Answer != Answer.Open && application.AnswererId.Length == 0 ? administratorId : application.AnswererId,
        HandleTime = MessageTranslation.Milliseconds(application.AnsweredAt),
        Ex = application.Extra,
        JoinSource = (int)application.Source,
        InviterUserID = application.InviterId,
    };

    public static PublicUser User(UserProfile user) => new(user.Id, user.Nickname, user.FaceUrl, user.Extra);

    public static int ResultOf(Answer answer) => answer switch { Answer.Accepted => 1, Answer.Refused => -1, _ => 0 };

    /// <summary>Null for a level that a member can't be given.</summary>
    public static GroupRole? RoleOf(int level) => level switch { AdministratorLevel => GroupRole.Administrator, MemberLevel => GroupRole.Member, _ => null };

    /// <summary>Who has left appears as the ordinary member they were: clients know no other.</summary>
    public static int LevelOf(GroupRole role) => role switch { GroupRole.Owner => OwnerLevel, GroupRole.Administrator => AdministratorLevel, _ => MemberLevel };
}

/// <summary><c>GroupMemberFullInfo</c>.</summary>
sealed record GroupMember(string GroupID, string UserID)
{
    public int RoleLevel { get; init; }
    public long JoinTime { get; init; }
    public string Nickname { get; init; } = "";
    public string FaceURL { get; init; } = "";

    /// <summary>Spelled so in the protocol.</summary>
    public int AppMangerLevel { get; init; }
    public int JoinSource { get; init; }
    public string OperatorUserID { get; init; } = "";
    public string Ex { get; init; } = "";
    public long MuteEndTime { get; init; }
    public string InviterUserID { get; init; } = "";
}

/// <summary><c>PublicUserInfo</c>.</summary>
sealed record PublicUser(string UserID, string Nickname = "", string FaceURL = "", string Ex = "");

/// <summary><c>GroupRequest</c>.</summary>
sealed record GroupRequest(PublicUser UserInfo, GroupInfo GroupInfo)
{
    public int HandleResult { get; init; }
    public string ReqMsg { get; init; } = "";
    public string HandleMsg { get; init; } = "";
    public long ReqTime { get; init; }
    public string HandleUserID { get; init; } = "";
    public long HandleTime { get; init; }
    public string Ex { get; init; } = "";
    public int JoinSource { get; init; }
    public string InviterUserID { get; init; } = "";
}
