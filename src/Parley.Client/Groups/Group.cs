using System.Text.Json;
using Parley.Client.Api;

namespace Parley.Client.Groups;

/// <summary>The protocol's numbers.</summary>
public enum GroupStatus
{
    Normal = 0,
    Banned = 1,
    Dismissed = 2,

    /// <summary>Only the owner and administrators may write.</summary>
    Muted = 3,
}

/// <summary>Who gets into a group without being approved; the protocol's numbers.</summary>
public enum JoinRule
{
    /// <summary>Whoever is invited by a member.</summary>
    Invited = 0,

    /// <summary>Whoever is invited by the owner or an administrator.</summary>
    InvitedByLeaders = 1,

    /// <summary>Everyone.</summary>
    Open = 2,
}

/// <summary>A group as the server describes it.</summary>
/// <param name="Announcement">The protocol's <c>notification</c>.</param>
/// <param name="HidesMembers">Members are not to look at each other's profiles; for the application to honour.</param>
/// <param name="ForbidsFriendRequests">Members are not to be added as friends from here; for the application to honour.</param>
/// <param name="Extra">The application's text.</param>
public sealed record Group(
    string Id, string Name, string Announcement, string Introduction, string FaceUrl, string OwnerId, string CreatorId, int MemberCount, GroupStatus Status,
    JoinRule JoinRule, bool HidesMembers, bool ForbidsFriendRequests, DateTimeOffset? CreatedAt, string Extra)
{
    internal static Group Read(JsonElement from) => new(
        from.Text("groupID"), from.Text("groupName"), from.Text("notification"), from.Text("introduction"), from.Text("faceURL"), from.Text("ownerUserID"),
        from.Text("creatorUserID"), from.Small("memberCount"), (GroupStatus)from.Small("status"), (JoinRule)from.Small("needVerification"),
        from.Small("lookMemberInfo") != 0, from.Small("applyMemberFriend") != 0, from.Time("createTime"), from.Text("ex"));
}
