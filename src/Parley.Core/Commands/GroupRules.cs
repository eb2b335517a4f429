using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Groups as a whole.</summary>
sealed class GroupRules(CoreOptions options)
{
    readonly GroupEvents _events = new(options);

    public void Decide(AppState app, GroupCommand command, long now, Decision decision)
    {
        switch (command)
        {
            case CreateGroup create: Decide(app, create, now, decision); break;
            case ChangeGroup change: Decide(app, change, now, decision); break;
            case DismissGroup dismiss: Decide(app, dismiss, now, decision); break;
            case TransferGroup transfer: Decide(app, transfer, now, decision); break;
            case MuteGroup mute: Decide(app, mute, now, decision); break;
            case MakeSuperGroup make: Decide(app, make, decision); break;
        }
    }

    void Decide(AppState app, CreateGroup create, long now, Decision decision)
    {
        var refusal = Judge(app, create, out var members);
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        var (group, by) = (new GroupNumber(app.Groups.NextNumber), create.Actor.User);
        decision.Append(new GroupCreated(group, by, create.GroupId, create.Kind, members[0].User, GroupDetails.None.With(create.Details)), FeedIds.Members(group));
        var source = by == UserNumber.Administration ? JoinSource.Administration : JoinSource.Invitation;
        MembershipRules.Enter(new MembersEntered(group, by, EntryCause.Founded, source, by, HidesHistory: false, members), decision);
        var users = members.ConvertAll(member => member.User);
        _events.Append(app, create, group, GroupEvent.Created, users, now, decision, create.Kind, users, text: create.Details.Name ?? "");
    }

    Refusal Judge(AppState app, CreateGroup create, out List<EnteringMember> members)
    {
        members = [];
        var count = 1 + create.AdministratorIds.Count + create.MemberIds.Count;
        var isKnown = app.Users.TryFind(create.OwnerId, out var owner);
        if (!GroupStanding.IsKnown(app, create.Actor) || (isKnown ? !create.Actor.MayActFor(owner) : !create.Actor.MayManage)) return Refusal.NotAllowed;
        if (!isKnown) return Refusal.UnknownUser;
        if (create.Kind is not (GroupKind.Normal or GroupKind.Super)) return Refusal.NotAllowed;
        if (JudgeId(app, create.GroupId) is var unfit && unfit != Refusal.None) return unfit;
        if (Judge(create.Details) is var fault && fault != Refusal.None) return fault;
        if (count - 1 > options.MaxUsersPerCommand || app.Groups.NextNumber >= GroupNumber.Limit) return Refusal.TooMany;
        if (count > MembershipRules.MaxMembers(options, create.Kind)) return Refusal.GroupFull;

        var seen = new HashSet<UserNumber> { owner };
        members.Add(new EnteringMember(owner, GroupRole.Owner));
        foreach (var (id, role) in create.AdministratorIds.Select(id => (id, GroupRole.Administrator)).Concat(create.MemberIds.Select(id => (id, GroupRole.Member))))
        {
            if (!app.Users.TryFind(id, out var user)) return Refusal.UnknownUser;
            if (!seen.Add(user)) return Refusal.AlreadyMember;
            members.Add(new EnteringMember(user, role));
        }

        return seen.Any(user => app.Members.MembershipCount(user) >= options.MaxGroupsPerUser) ? Refusal.TooMany : Refusal.None;
    }

    static Refusal JudgeId(AppState app, string id)
        => UserIds.Judge(id) is var refusal && refusal != Refusal.None ? refusal
            : app.Groups.TryFind(id, out _) ? Refusal.GroupExists
            : GroupTable.ReadsAsUsers(id, user => app.Users.TryFind(user, out _)) ? Refusal.AmbiguousId
            : Refusal.None;

    void Decide(AppState app, ChangeGroup change, long now, Decision decision)
    {
        var refusal = GroupStanding.FindInside(app, change, out var standing);
        if (refusal == Refusal.None && !standing.IsLeader) refusal = Refusal.NotAllowed;
        if (refusal == Refusal.None) refusal = Judge(change.Changes);
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        var news = change.Changes.Without(app.Groups.Row(standing.Group).Details);
        if (news == GroupDetails.None) return;
        Append(new GroupChanged(standing.Group, change.Actor.User, news), decision);
        if (news.Announcement is { } announcement) _events.Append(app, change, standing.Group, GroupEvent.AnnouncementChanged, [], now, decision, text: announcement);
        if (news.Name is { } name) _events.Append(app, change, standing.Group, GroupEvent.NameChanged, [], now, decision, ordinal: 1, text: name);
    }

    Refusal Judge(GroupDetails details)
    {
        string?[] texts = [details.Name, details.Announcement, details.Introduction, details.FaceUrl, details.Extra];
        if (texts.Any(text => text is not null && Encoding.UTF8.GetByteCount(text) > options.MaxProfileTextBytes)) return Refusal.TooLarge;
        return details.JoinRule is { } rule && !Enum.IsDefined(rule) ? Refusal.NotAllowed : Refusal.None;
    }

    void Decide(AppState app, DismissGroup dismiss, long now, Decision decision)
    {
        var refusal = GroupStanding.FindInside(app, dismiss, out var standing);
        // Whoever is left of a large group's members.
        var isRepeated = refusal == Refusal.GroupDismissed && dismiss.RemovesMembers && standing.IsOwner && app.Groups.Row(standing.Group).MemberCount > 0;
        if (isRepeated) refusal = Refusal.None;
        if (refusal == Refusal.None && !standing.IsOwner) refusal = Refusal.NotAllowed;
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        var (group, by) = (standing.Group, dismiss.Actor.User);
        if (!isRepeated)
        {
            decision.Append(new GroupDismissed(group, by), FeedIds.Members(group));
            // Shown while they are in: it is the last they see.
            _events.Append(app, dismiss, group, GroupEvent.Dismissed, [], now, decision);
        }

        // The last come first: who is at the end of the list leaves it at no cost.
        if (dismiss.RemovesMembers) MembershipRules.Leave(new MembersLeft(group, by, LeaveCause.Dismissed, [.. app.Members.Numbers(group).Reverse().Take(DismissGroup.MaxLeaving)]), decision);
    }

    void Decide(AppState app, TransferGroup transfer, long now, Decision decision)
    {
        var refusal = GroupStanding.FindInside(app, transfer, out var standing);
        if (refusal == Refusal.None && !standing.IsOwner) refusal = Refusal.NotAllowed;
        if (refusal != Refusal.None) decision.Refuse(refusal);
        else if (!app.Users.TryFind(transfer.NewOwnerId, out var user)) decision.Refuse(Refusal.UnknownUser);
        else if (!app.Members.IsMember(standing.Group, user)) decision.Refuse(Refusal.NotAMember);
        else if (app.Groups.Row(standing.Group).Owner is var owner && owner != user)
        {
            Append(new OwnerChanged(standing.Group, transfer.Actor.User, user, owner), decision);
            _events.Append(app, transfer, standing.Group, GroupEvent.OwnerChanged, [user], now, decision);
        }
    }

    void Decide(AppState app, MuteGroup mute, long now, Decision decision)
    {
        var refusal = GroupStanding.FindInside(app, mute, out var standing);
        if (refusal == Refusal.None && !standing.IsLeader) refusal = Refusal.NotAllowed;
        if (refusal != Refusal.None) decision.Refuse(refusal);
        else if (app.Groups.Row(standing.Group).IsMuted != mute.IsMuted)
        {
            Append(new GroupChanged(standing.Group, mute.Actor.User, GroupDetails.None, mute.IsMuted), decision);
            _events.Append(app, mute, standing.Group, mute.IsMuted ? GroupEvent.Muted : GroupEvent.Unmuted, [], now, decision);
        }
    }

    static void Decide(AppState app, MakeSuperGroup make, Decision decision)
    {
        var refusal = GroupStanding.FindInside(app, make, out var standing);
        if (refusal == Refusal.None && !standing.IsOwner) refusal = Refusal.NotAllowed;
        if (refusal != Refusal.None) decision.Refuse(refusal);
        else if (app.Groups.Row(standing.Group).Kind == GroupKind.Normal)
            Append(new GroupChanged(standing.Group, make.Actor.User, GroupDetails.None, Kind: GroupKind.Super), decision);
    }

    static void Append(GroupRecord record, Decision decision) => decision.Append(record, FeedIds.Members(record.Group));
}
