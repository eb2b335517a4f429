using Parley.Core.Groups;

namespace Parley.Core.Commands;

/// <summary>A command about a group. A user's command is that user's own doing: what they may depends on their role.</summary>
public abstract record GroupCommand(long App, Actor Actor, string GroupId) : Command(App, Actor)
{
    public override bool IsRated => true;

    /// <summary>Whether the conversation shows that it happened; null as <see cref="CoreOptions.ShowsGroupEvents"/> says.</summary>
    public bool? IsShown { get; init; }
}

/// <summary>Makes a group. A user makes it for themselves as owner; an administrator for anyone.</summary>
/// <param name="GroupId">1–64 bytes, chosen by the caller; one that is taken is refused.</param>
/// <param name="AdministratorIds">Likewise <paramref name="MemberIds"/>: without the owner, nobody twice, all registered; together at most <see cref="CoreOptions.MaxUsersPerCommand"/>.</param>
public sealed record CreateGroup(long App, Actor Actor, string GroupId, GroupKind Kind, GroupDetails Details, string OwnerId, IReadOnlyList<string> AdministratorIds,
    IReadOnlyList<string> MemberIds) : GroupCommand(App, Actor, GroupId);

/// <summary>The owner, group administrators and administrators may.</summary>
public sealed record ChangeGroup(long App, Actor Actor, string GroupId, GroupDetails Changes) : GroupCommand(App, Actor, GroupId);

/// <summary>Ends a group for good; its history stays readable. The owner and administrators may.</summary>
/// <param name="RemovesMembers">Members leave as well and the group is no longer in their lists: <see cref="MaxLeaving"/> by one command, more by repeating it, the owner last.</param>
public sealed record DismissGroup(long App, Actor Actor, string GroupId, bool RemovesMembers) : GroupCommand(App, Actor, GroupId)
{
    /// <summary>Each leaves a record's feed entry behind, and what one command writes must fit into a batch.</summary>
    public const int MaxLeaving = 10_000;
}

/// <summary>Enters the group or applies to, as its <see cref="JoinRule"/> says.</summary>
/// <param name="InviterId">Who told the user of the group; may be empty.</param>
public sealed record JoinGroup(long App, Actor Actor, string GroupId, string UserId, string Message, string Extra, JoinSource Source, string InviterId) : GroupCommand(App, Actor, GroupId);

/// <summary>Brings users in, or applies for them, as the group's <see cref="JoinRule"/> and the inviter's role say. Members and administrators may. Who is in already is passed over.</summary>
public sealed record InviteMembers(long App, Actor Actor, string GroupId, IReadOnlyList<string> UserIds, string Reason) : GroupCommand(App, Actor, GroupId);

/// <summary>Answers who asked to be let in. The owner, group administrators and administrators may.</summary>
public sealed record AnswerApplication(long App, Actor Actor, string GroupId, string UserId, bool IsAccepted, string Message) : GroupCommand(App, Actor, GroupId);

/// <summary>Leaves. Everyone but the owner may.</summary>
public sealed record QuitGroup(long App, Actor Actor, string GroupId, string UserId) : GroupCommand(App, Actor, GroupId);

/// <summary>The owner removes anyone else, group administrators remove ordinary members, administrators anyone but the owner.</summary>
public sealed record RemoveMembers(long App, Actor Actor, string GroupId, IReadOnlyList<string> UserIds, string Reason) : GroupCommand(App, Actor, GroupId);

/// <summary>The owner and administrators may. Who owned it becomes an ordinary member.</summary>
public sealed record TransferGroup(long App, Actor Actor, string GroupId, string NewOwnerId) : GroupCommand(App, Actor, GroupId);

/// <summary>Changes how a member appears, or their role; null leaves it. Members change themselves; the owner anyone; group administrators ordinary members; roles only the owner and administrators.</summary>
public sealed record ChangeMember(long App, Actor Actor, string GroupId, string UserId, string? Nickname, string? FaceUrl, string? Extra, GroupRole? Role) : GroupCommand(App, Actor, GroupId);

/// <summary>Keeps a member from sending for a while; 0 s lets them again. The owner anyone, group administrators ordinary members, administrators anyone.</summary>
public sealed record MuteMember(long App, Actor Actor, string GroupId, string UserId, long Seconds) : GroupCommand(App, Actor, GroupId);

/// <summary>While a group is muted only its owner and administrators send. They may mute it, and administrators.</summary>
public sealed record MuteGroup(long App, Actor Actor, string GroupId, bool IsMuted) : GroupCommand(App, Actor, GroupId);

/// <summary>Makes a normal group a super group, for good. The owner and administrators may.</summary>
public sealed record MakeSuperGroup(long App, Actor Actor, string GroupId) : GroupCommand(App, Actor, GroupId);
