using System.Text;
using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Who comes into a group, leaves it, and what they are there.</summary>
sealed class MembershipRules(CoreOptions options)
{
    readonly GroupEvents _events = new(options);

    public static int MaxMembers(CoreOptions options, GroupKind kind)
        => kind == GroupKind.Normal ? Math.Min(options.MaxNormalGroupMembers, options.MaxGroupMembers) : options.MaxGroupMembers;

    /// <summary>Appends an entry of any number of members, in as many records as that takes.</summary>
    public static void Enter(MembersEntered entered, Decision decision)
    {
        var chunks = entered.Members.Chunk(MemberFeeds.MaxMembers).ToArray();
        for (var i = 0; i < chunks.Length; i++)
        {
            var cause = entered.Cause == EntryCause.Founded && i < chunks.Length - 1 ? EntryCause.Founding : entered.Cause;
            decision.Append(entered with { Cause = cause, Members = chunks[i] }, MemberFeeds.Of(entered.Group, chunks[i].Select(member => member.User)));
        }
    }

    public static void Leave(MembersLeft left, Decision decision)
    {
        foreach (var chunk in left.Members.Chunk(MemberFeeds.MaxMembers)) decision.Append(left with { Members = chunk }, MemberFeeds.Of(left.Group, chunk));
    }

    public void Decide(AppState app, GroupCommand command, long now, Decision decision)
    {
        var refusal = command switch
        {
            JoinGroup join => Decide(app, join, now, decision),
            InviteMembers invite => Decide(app, invite, now, decision),
            AnswerApplication answer => Decide(app, answer, now, decision),
            QuitGroup quit => Decide(app, quit, now, decision),
            RemoveMembers remove => Decide(app, remove, now, decision),
            ChangeMember change => Decide(app, change, decision),
            MuteMember mute => Decide(app, mute, now, decision),
            _ => Refusal.NotAllowed,
        };
        if (refusal != Refusal.None) decision.Refuse(refusal);
    }

    Refusal Decide(AppState app, JoinGroup join, long now, Decision decision)
    {
        if (FindSelf(app, join, join.UserId, out var standing, out var user) is var refusal && refusal != Refusal.None) return refusal;
        if (app.Members.IsMember(standing.Group, user)) return Refusal.AlreadyMember;
        if (IsTooLong(join.Message) || IsTooLong(join.Extra)) return Refusal.TooLarge;
        // Both are the client's word: nobody makes themselves look brought in by who is not there, or by the administration.
        var inviter = app.Users.TryFindActive(join.InviterId, out var found) && app.Members.IsMember(standing.Group, found) ? found : default;
        var source = join.Source is JoinSource.Invitation or JoinSource.Search or JoinSource.QrCode ? join.Source : JoinSource.None;
        if (app.Groups.Row(standing.Group).Details.JoinRule != JoinRule.Open)
            return Apply(app, standing.Group, [user], new ApplicationMade(standing.Group, join.Actor.User, user, join.Message, join.Extra, source, inviter), decision);
        return Enter(app, join, standing.Group, [user], EntryCause.Joined, source, inviter, "", now, decision);
    }

    Refusal Decide(AppState app, InviteMembers invite, long now, Decision decision)
    {
        if (GroupStanding.FindInside(app, invite, out var standing) is var refusal && refusal != Refusal.None) return refusal;
        if (invite.UserIds.Count > options.MaxUsersPerCommand) return Refusal.TooMany;
        if (IsTooLong(invite.Reason)) return Refusal.TooLarge;
        if (!TryFind(app, invite.UserIds, out var users)) return Refusal.UnknownUser;
        users.RemoveAll(user => app.Members.IsMember(standing.Group, user));
        if (users.Count == 0) return Refusal.None;

        var (by, source) = (invite.Actor.User, invite.Actor.User == UserNumber.Administration ? JoinSource.Administration : JoinSource.Invitation);
        if (app.Groups.Row(standing.Group).Details.JoinRule == JoinRule.Approval && !standing.IsLeader)
            return Apply(app, standing.Group, users, new ApplicationMade(standing.Group, by, default, invite.Reason, "", source, by), decision);
        return Enter(app, invite, standing.Group, users, EntryCause.Invited, source, by, invite.Reason, now, decision);
    }

    Refusal Decide(AppState app, AnswerApplication answer, long now, Decision decision)
    {
        if (GroupStanding.FindInside(app, answer, out var standing) is var refusal && refusal != Refusal.None) return refusal;
        if (!standing.IsLeader) return Refusal.NotAllowed;
        if (!app.Users.TryFindActive(answer.UserId, out var user)) return Refusal.UnknownUser;
        if (!app.Applications.TryFind(standing.Group, user, out var application)) return Refusal.UnknownRequest;
        if (application!.Answer != Answer.Open) return Refusal.RequestAnswered;
        if (IsTooLong(answer.Message)) return Refusal.TooLarge;

        decision.Append(new ApplicationAnswered(standing.Group, answer.Actor.User, user, answer.IsAccepted ? Answer.Accepted : Answer.Refused, answer.Message));
        // They may have been brought in since they asked.
        if (!answer.IsAccepted || app.Members.IsMember(standing.Group, user)) return Refusal.None;
        var inviter = app.Users.TryFindActive(application.InviterId, out var found) ? found : default;
        var cause = application.Source == JoinSource.Invitation && inviter != default ? EntryCause.Invited : EntryCause.Joined;
        return Enter(app, answer, standing.Group, [user], cause, application.Source, inviter, "", now, decision);
    }

    Refusal Decide(AppState app, QuitGroup quit, long now, Decision decision)
    {
        if (FindSelf(app, quit, quit.UserId, out var standing, out var user) is var refusal && refusal != Refusal.None) return refusal;
        var role = app.Members.RoleOf(standing.Group, user);
        if (role == GroupRole.None) return Refusal.NotAMember;
        if (role == GroupRole.Owner) return Refusal.NotAllowed;
        Leave(app, quit, standing.Group, LeaveCause.Quit, [user], "", now, decision);
        return Refusal.None;
    }

    Refusal Decide(AppState app, RemoveMembers remove, long now, Decision decision)
    {
        if (GroupStanding.FindInside(app, remove, out var standing) is var refusal && refusal != Refusal.None) return refusal;
        if (!standing.IsLeader) return Refusal.NotAllowed;
        if (remove.UserIds.Count > options.MaxUsersPerCommand) return Refusal.TooMany;
        if (IsTooLong(remove.Reason)) return Refusal.TooLarge;
        if (!TryFind(app, remove.UserIds, out var users)) return Refusal.UnknownUser;
        // Who is gone already needs no removing: a repeat is no fault.
        users.RemoveAll(user => !app.Members.IsMember(standing.Group, user));
        if (users.Select(user => app.Members.RoleOf(standing.Group, user)).Any(role => role == GroupRole.Owner || !standing.IsInChargeOf(role))) return Refusal.NotAllowed;
        if (users.Count > 0) Leave(app, remove, standing.Group, LeaveCause.Removed, users, remove.Reason, now, decision);
        return Refusal.None;
    }

    Refusal Decide(AppState app, ChangeMember change, Decision decision)
    {
        if (FindMember(app, change, change.UserId, out var standing, out var user) is var refusal && refusal != Refusal.None) return refusal;
        var role = app.Members.RoleOf(standing.Group, user);
        if (!standing.IsInChargeOf(role) && change.Actor != Actor.Of(user)) return Refusal.NotAllowed;
        var newRole = change.Role == role ? null : change.Role;
        if (newRole is not null && (!standing.IsOwner || role == GroupRole.Owner || newRole is not (GroupRole.Administrator or GroupRole.Member))) return Refusal.NotAllowed;
        if (IsTooLong(change.Nickname) || IsTooLong(change.FaceUrl) || IsTooLong(change.Extra)) return Refusal.TooLarge;

        var present = app.Members.Extras(app.Members.Find(standing.Group, user));
        var changed = new MemberChanged(standing.Group, change.Actor.User, user, News(change.Nickname, present.Nickname), News(change.FaceUrl, present.FaceUrl),
            News(change.Extra, present.Extra), newRole);
        if (changed != new MemberChanged(standing.Group, change.Actor.User, user)) decision.Append(changed, FeedIds.Members(standing.Group));
        return Refusal.None;
    }

    Refusal Decide(AppState app, MuteMember mute, long now, Decision decision)
    {
        if (FindMember(app, mute, mute.UserId, out var standing, out var user) is var refusal && refusal != Refusal.None) return refusal;
        if (!standing.IsInChargeOf(app.Members.RoleOf(standing.Group, user))) return Refusal.NotAllowed;
        // Beyond 136 years is for ever; the sum stays far from its end.
        var seconds = Math.Clamp(mute.Seconds, 0, uint.MaxValue);
        var isMuted = app.Members.Extras(app.Members.Find(standing.Group, user)).MutedUntil > 0;
        if (seconds == 0 && !isMuted) return Refusal.None;
        decision.Append(new MemberChanged(standing.Group, mute.Actor.User, user, MutedUntil: seconds == 0 ? 0 : now + (seconds * 1_000_000)), FeedIds.Members(standing.Group));
        _events.Append(app, mute, standing.Group, seconds == 0 ? GroupEvent.MemberUnmuted : GroupEvent.MemberMuted, [user], now, decision, seconds: seconds);
        return Refusal.None;
    }

    Refusal Enter(AppState app, GroupCommand command, GroupNumber group, List<UserNumber> users, EntryCause cause, JoinSource source, UserNumber inviter, string text, long now,
        Decision decision)
    {
        ref var row = ref app.Groups.Row(group);
        if (row.MemberCount + users.Count > MaxMembers(options, row.Kind)) return Refusal.GroupFull;
        // Who comes back takes up no more than they did.
        if (users.Any(user => app.Members.Find(group, user) < 0 && app.Members.MembershipCount(user) >= options.MaxGroupsPerUser)) return Refusal.TooMany;
        var hidesHistory = !(row.Details.ShowsHistory ?? options.ShowsHistory);
        Enter(new MembersEntered(group, command.Actor.User, cause, source, inviter, hidesHistory, users.ConvertAll(user => new EnteringMember(user))), decision);
        var @event = cause == EntryCause.Joined ? GroupEvent.MemberEntered : GroupEvent.MembersInvited;
        _events.Append(app, command, group, @event, users, now, decision, row.Kind, app.Members.Numbers(group).Concat(users), text: text);
        return Refusal.None;
    }

    void Leave(AppState app, GroupCommand command, GroupNumber group, LeaveCause cause, List<UserNumber> users, string text, long now, Decision decision)
    {
        Leave(new MembersLeft(group, command.Actor.User, cause, users), decision);
        var @event = cause == LeaveCause.Quit ? GroupEvent.MemberQuit : GroupEvent.MembersRemoved;
        _events.Append(app, command, group, @event, users, now, decision, app.Groups.Row(group).Kind, app.Members.Numbers(group).Except(users), text: text);
    }

    /// <summary>Appends one application per user. Where there are too many, answered ones make room, the oldest first.</summary>
    Refusal Apply(AppState app, GroupNumber group, List<UserNumber> users, ApplicationMade made, Decision decision)
    {
        var room = options.MaxOpenRequests - app.Applications.Count(group);
        using var answered = app.Applications.AnsweredTo(group).Except(users).GetEnumerator();
        foreach (var user in users)
        {
            var application = made with { User = user };
            if (!app.Applications.TryFind(group, user, out _))
            {
                if (room-- <= 0)
                {
                    if (!answered.MoveNext()) return Refusal.TooMany;
                    application = application with { ForgottenUser = answered.Current };
                }

                if (app.Applications.Count(user) >= options.MaxOpenRequests)
                {
                    var forgotten = app.Applications.AnsweredFrom(user).FirstOrDefault();
                    if (forgotten == default) return Refusal.TooMany;
                    application = application with { ForgottenGroup = forgotten };
                }
            }

            decision.Append(application);
        }

        return Refusal.None;
    }

    /// <summary>For what users do themselves: the user, and whether the actor may act for them.</summary>
    static Refusal FindSelf(AppState app, GroupCommand command, string userId, out GroupStanding standing, out UserNumber user)
    {
        user = default;
        if (GroupStanding.Find(app, command, out standing) is var refusal && refusal != Refusal.None) return refusal;
        var isKnown = app.Users.TryFindActive(userId, out user);
        if (isKnown ? !command.Actor.MayActFor(user) : !command.Actor.MayManage) return Refusal.NotAllowed;
        return isKnown ? Refusal.None : Refusal.UnknownUser;
    }

    /// <summary>For what is done to a member.</summary>
    static Refusal FindMember(AppState app, GroupCommand command, string userId, out GroupStanding standing, out UserNumber user)
    {
        user = default;
        if (GroupStanding.FindInside(app, command, out standing) is var refusal && refusal != Refusal.None) return refusal;
        if (!app.Users.TryFindActive(userId, out user)) return Refusal.UnknownUser;
        return app.Members.IsMember(standing.Group, user) ? Refusal.None : Refusal.NotAMember;
    }

    static bool TryFind(AppState app, IReadOnlyList<string> ids, out List<UserNumber> users)
    {
        var found = new HashSet<UserNumber>();
        foreach (var id in ids)
        {
            if (!app.Users.TryFindActive(id, out var user))
            {
                users = [];
                return false;
            }

            found.Add(user);
        }

        users = [.. found];
        return true;
    }

    static string? News(string? text, string present) => text == present ? null : text;

    bool IsTooLong(string? text) => text is not null && Encoding.UTF8.GetByteCount(text) > options.MaxProfileTextBytes;
}
