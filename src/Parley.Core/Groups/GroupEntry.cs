namespace Parley.Core.Groups;

/// <summary>What a written state holds of a group besides texts and members.</summary>
struct GroupEntry
{
    public long CreatedAt;
    public long AnnouncedAt;
    public long Last;
    public long LastTime;
    public long MembersVersion;
    public uint Owner;
    public uint Creator;
    public uint Announcer;
    public int MemberCount;
    public int AdministratorCount;
    public GroupKind Kind;
    public JoinRule JoinRule;
    public GroupFlags Flags;

    public static GroupEntry Of(ref GroupRow row) => new()
    {
        CreatedAt = row.CreatedAt,
        AnnouncedAt = row.AnnouncedAt,
        Last = row.Last,
        LastTime = row.LastTime,
        MembersVersion = row.MembersVersion,
        Owner = row.Owner.Value,
        Creator = row.Creator.Value,
        Announcer = row.Announcer.Value,
        MemberCount = row.MemberCount,
        AdministratorCount = row.AdministratorCount,
        Kind = row.Kind,
        JoinRule = row.Details.JoinRule ?? default,
        Flags = (row.IsDismissed ? GroupFlags.Dismissed : 0) | (row.IsMuted ? GroupFlags.Muted : 0) | (row.Details.JoinRule is null ? 0 : GroupFlags.HasJoinRule)
            | Said(row.Details.HidesMembers, GroupFlags.SaysHidesMembers, GroupFlags.HidesMembers)
            | Said(row.Details.ForbidsFriendRequests, GroupFlags.SaysForbidsFriendRequests, GroupFlags.ForbidsFriendRequests)
            | Said(row.Details.ShowsHistory, GroupFlags.SaysShowsHistory, GroupFlags.ShowsHistory),
    };

    public readonly GroupDetails ToDetails() => new()
    {
        JoinRule = Flags.HasFlag(GroupFlags.HasJoinRule) ? JoinRule : null,
        HidesMembers = Flags.HasFlag(GroupFlags.SaysHidesMembers) ? Flags.HasFlag(GroupFlags.HidesMembers) : null,
        ForbidsFriendRequests = Flags.HasFlag(GroupFlags.SaysForbidsFriendRequests) ? Flags.HasFlag(GroupFlags.ForbidsFriendRequests) : null,
        ShowsHistory = Flags.HasFlag(GroupFlags.SaysShowsHistory) ? Flags.HasFlag(GroupFlags.ShowsHistory) : null,
    };

    static GroupFlags Said(bool? what, GroupFlags said, GroupFlags value) => what is { } isSo ? said | (isSo ? value : 0) : 0;
}

[Flags]
enum GroupFlags : ushort
{
    None = 0,
    Dismissed = 1,
    Muted = 2,
    HasJoinRule = 4,
    SaysHidesMembers = 8,
    HidesMembers = 16,
    SaysForbidsFriendRequests = 32,
    ForbidsFriendRequests = 64,
    SaysShowsHistory = 128,
    ShowsHistory = 256,
}
