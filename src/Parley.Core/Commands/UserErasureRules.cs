using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Commands;

/// <summary>What becomes of a user who is erased.</summary>
static class UserErasureRules
{
    /// <summary>Groups left by one command: three records of at most 160 bytes each.</summary>
    public const int MaxGroups = 50;

    /// <summary>Lists of others that one erasure is filed in: 16 bytes each. Whoever reads one beyond as a whole sees it there.</summary>
    const int MaxListsPerErasure = 5_000;

    public static void Decide(AppState app, EraseUser erase, Decision decision)
    {
        if (!erase.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (!app.Users.TryFind(erase.UserId, out var user)) decision.Refuse(Refusal.UnknownUser);
        // An older server let users have such ids.
        else if (app.Users.TryFind(UserIds.OfErased(user), out var other) && other != user) decision.Refuse(Refusal.UserExists);
        else
        {
            if (!app.Users.IsErased(user)) Erase(app, user, decision);
            foreach (var group in app.Members.GroupsOf(user).Take(MaxGroups)) Leave(app, group, user, decision);
        }
    }

    static void Erase(AppState app, UserNumber user, Decision decision)
    {
        var lists = app.Contacts.ListersOf(user).Select(FeedIds.Friends)
            .Concat(app.Contacts.Blocks.BlockersOf(user).Select(FeedIds.Blocks))
            .Concat(app.Conversations.PeersOf(user).Select(FeedIds.Conversations));
        FeedId[] first = [FeedIds.Erasures];
        foreach (var chunk in lists.Take(MaxListsPerErasure).Chunk(UserErased.MaxLists))
        {
            if (decision.Records.Count == 0) decision.Append(new UserErased(user, app.Users.IdOf(user)), [.. first, .. chunk]);
            else decision.Append(new UserErased(user, "", IsRepeated: true), chunk);
        }

        if (decision.Records.Count == 0) decision.Append(new UserErased(user, app.Users.IdOf(user)), first);
    }

    /// <summary>As by quitting; a group goes to who would be next in the list of its members, and ends with its last.</summary>
    static void Leave(AppState app, GroupNumber group, UserNumber user, Decision decision)
    {
        if (app.Members.RoleOf(group, user) == GroupRole.Owner && !app.Groups.Row(group).IsDismissed)
        {
            var heir = app.Members.Numbers(group).FirstOrDefault(member => member != user && app.Users.IsActive(member));
            decision.Append(heir == default ? new GroupDismissed(group, UserNumber.Administration) : new OwnerChanged(group, UserNumber.Administration, heir, user), FeedIds.Members(group));
        }

        MembershipRules.Leave(new MembersLeft(group, user, LeaveCause.Erased, [user]), decision);
    }
}
