using Parley.Core.Groups;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>What the actor of a command is in the group that it is about.</summary>
/// <param name="Role"><see cref="GroupRole.None"/> for who is no member.</param>
readonly record struct GroupStanding(GroupNumber Group, GroupRole Role, bool MayManage)
{
    public bool IsLeader => MayManage || Role >= GroupRole.Administrator;

    public bool IsOwner => MayManage || Role == GroupRole.Owner;

    /// <summary>Whether someone of that role is in the actor's charge: everyone in the owner's, ordinary members in an administrator's.</summary>
    public bool IsInChargeOf(GroupRole role) => IsOwner || (Role == GroupRole.Administrator && role == GroupRole.Member);

    /// <summary>Finds the group and what the actor is there, which is told of a dismissed group too. Such a group is only read.</summary>
    public static Refusal Find(AppState app, GroupCommand command, out GroupStanding standing)
    {
        standing = default;
        if (!IsKnown(app, command.Actor)) return Refusal.NotAllowed;
        if (!app.Groups.TryFind(command.GroupId, out var group)) return Refusal.UnknownGroup;
        standing = new GroupStanding(group, app.Members.RoleOf(group, command.Actor.User), command.Actor.MayManage);
        return app.Groups.Row(group).IsDismissed ? Refusal.GroupDismissed : Refusal.None;
    }

    /// <summary>The same, for what only members and administrators do.</summary>
    public static Refusal FindInside(AppState app, GroupCommand command, out GroupStanding standing)
        => Find(app, command, out standing) is var refusal && refusal != Refusal.None ? refusal
            : standing.MayManage || standing.Role != GroupRole.None ? Refusal.None
            : Refusal.NotAMember;

    /// <summary>Whether the actor is someone. An administrator may act in the name of a user, but not of one who does not exist.</summary>
    public static bool IsKnown(AppState app, Actor actor)
        => actor.Kind == ActorKind.User ? app.Users.Contains(actor.User)
            : actor.MayManage && (actor.User == UserNumber.Administration || app.Users.Contains(actor.User));
}
