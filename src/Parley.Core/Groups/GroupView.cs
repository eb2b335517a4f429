using Parley.Core.Users;

namespace Parley.Core.Groups;

/// <summary>What an edge may show of a group.</summary>
/// <param name="CreatedAt">Record time, µs. Likewise <paramref name="AnnouncedAt"/>, 0 when nothing was announced.</param>
/// <param name="MembersVersion">Version of the list of members: the last sequence of <see cref="Conversations.FeedIds.Members"/>.</param>
public sealed record GroupView(GroupNumber Number, string Id, GroupKind Kind, GroupDetails Details, string OwnerId, string CreatorId, int MemberCount,
    long CreatedAt, long AnnouncedAt, string AnnouncerId, bool IsDismissed, bool IsMuted, long MembersVersion)
{
    public string Name => Details.Name ?? "";
}

/// <summary>What can be changed about a group; null leaves it as it is.</summary>
public sealed record GroupDetails
{
    public static readonly GroupDetails None = new();

    public string? Name { get; init; }
    public string? Announcement { get; init; }
    public string? Introduction { get; init; }
    public string? FaceUrl { get; init; }
    public string? Extra { get; init; }
    public JoinRule? JoinRule { get; init; }

    /// <summary>Whether members can't look at each other's profiles through the group.</summary>
    public bool? HidesMembers { get; init; }

    /// <summary>Whether members can't ask each other to become friends through the group.</summary>
    public bool? ForbidsFriendRequests { get; init; }

    /// <summary>Whether who joins sees what was said before.</summary>
    public bool? ShowsHistory { get; init; }

    /// <summary>What of these is not so already.</summary>
    internal GroupDetails Without(GroupDetails present) => new()
    {
        Name = News(Name, present.Name),
        Announcement = News(Announcement, present.Announcement),
        Introduction = News(Introduction, present.Introduction),
        FaceUrl = News(FaceUrl, present.FaceUrl),
        Extra = News(Extra, present.Extra),
        JoinRule = JoinRule == (present.JoinRule ?? default) ? null : JoinRule,
        HidesMembers = HidesMembers == (present.HidesMembers ?? false) ? null : HidesMembers,
        ForbidsFriendRequests = ForbidsFriendRequests == (present.ForbidsFriendRequests ?? false) ? null : ForbidsFriendRequests,
        // A group that says nothing follows the options, which may change: saying it is news.
        ShowsHistory = ShowsHistory == present.ShowsHistory ? null : ShowsHistory,
    };

    static string? News(string? text, string? present) => text == (present ?? "") ? null : text;

    internal GroupDetails With(GroupDetails changes) => new()
    {
        Name = changes.Name ?? Name,
        Announcement = changes.Announcement ?? Announcement,
        Introduction = changes.Introduction ?? Introduction,
        FaceUrl = changes.FaceUrl ?? FaceUrl,
        Extra = changes.Extra ?? Extra,
        JoinRule = changes.JoinRule ?? JoinRule,
        HidesMembers = changes.HidesMembers ?? HidesMembers,
        ForbidsFriendRequests = changes.ForbidsFriendRequests ?? ForbidsFriendRequests,
        ShowsHistory = changes.ShowsHistory ?? ShowsHistory,
    };
}

/// <summary>A member as edges show them. Also made of someone who has left: <see cref="Role"/> is then <see cref="GroupRole.None"/>.</summary>
/// <param name="Nickname">In this group; the user's own where they have none here. Likewise <paramref name="FaceUrl"/>.</param>
/// <param name="JoinedAt">µs, to the second.</param>
/// <param name="MutedUntil">µs; 0 when not muted.</param>
/// <param name="InviterId">Empty when nobody invited them. Likewise <paramref name="OperatorId"/>: who let them in.</param>
public sealed record MemberView(GroupNumber Group, string GroupId, UserNumber User, string UserId, GroupRole Role, string Nickname, string FaceUrl, string Extra,
    long JoinedAt, JoinSource Source, string InviterId, string OperatorId, long MutedUntil);
