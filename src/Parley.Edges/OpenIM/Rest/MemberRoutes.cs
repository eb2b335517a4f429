using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Groups;
using Parley.Core.Sequencing;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/group</c>: who is in a group. Members are for members.</summary>
sealed class MemberRoutes(Sequencer sequencer, RestGroups groups, OpenIMOptions options)
{
    /// <summary>Members looked at in one query of a search.</summary>
    const int SearchSlice = 2_000;

    public void Map(RestRoutes routes)
    {
        routes.Map<JoinRequest>("/group/join_group", RestAccess.TokenHolder, JoinAsync);
        routes.Map<InviteRequest>("/group/invite_user_to_group", RestAccess.TokenHolder, (call, request)
            => SubmitAsync(new InviteMembers(call.App, call.Actor, request.GroupID ?? "", Ids(request.InvitedUserIDs), request.Reason ?? "") { IsShown = request.SendMessage, Trace = call.OperationId }));
        routes.Map<KickRequest>("/group/kick_group", RestAccess.TokenHolder, (call, request)
            => SubmitAsync(new RemoveMembers(call.App, call.Actor, request.GroupID ?? "", Ids(request.KickedUserIDs), request.Reason ?? "") { IsShown = request.SendMessage, Trace = call.OperationId }));
        routes.Map<MemberRequest>("/group/quit_group", RestAccess.TokenHolder, (call, request)
            => SubmitAsync(new QuitGroup(call.App, call.Actor, request.GroupID ?? "", string.IsNullOrEmpty(request.UserID) ? call.UserId : request.UserID) { Trace = call.OperationId }));
        routes.Map<MuteRequest>("/group/mute_group_member", RestAccess.TokenHolder, (call, request) => MuteAsync(call, request, request.MutedSeconds));
        routes.Map<MuteRequest>("/group/cancel_mute_group_member", RestAccess.TokenHolder, (call, request) => MuteAsync(call, request, 0));
        routes.Map<ChangeRequest>("/group/set_group_member_info", RestAccess.TokenHolder, ChangeAsync);
        routes.Map<ListRequest>("/group/get_group_member_list", RestAccess.TokenHolder, GetListAsync);
        routes.Map<SomeRequest>("/group/get_group_members_info", RestAccess.TokenHolder, GetSomeAsync);
    }

    async ValueTask<RestAnswer> JoinAsync(RestCall call, JoinRequest request)
    {
        if (request.JoinSource is < (int)JoinSource.None or > (int)JoinSource.QrCode) return RestAnswer.Error(ErrorCodes.Arguments, "unknown joinSource");
        var inviter = request.InviterUserID ?? "";
        // SDKs put the user themselves where the inviter belongs, and a back end has no other place to say who joins.
        var user = call.IsAdministrator ? inviter : call.UserId;
        return await SubmitAsync(new JoinGroup(call.App, call.Actor, request.GroupID ?? "", user, request.ReqMessage ?? "", request.Ex ?? "", (JoinSource)request.JoinSource,
            inviter == user ? "" : inviter)
        { Trace = call.OperationId });
    }

    ValueTask<RestAnswer> MuteAsync(RestCall call, MuteRequest request, long seconds)
        => SubmitAsync(new MuteMember(call.App, call.Actor, request.GroupID ?? "", request.UserID ?? "", seconds) { Trace = call.OperationId });

    async ValueTask<RestAnswer> ChangeAsync(RestCall call, ChangeRequest request)
    {
        if (request.Members is not { Length: > 0 } members || members.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many members");
        if (members.Any(member => member is null || (member.RoleLevel is { } level && GroupObjects.RoleOf(level) is null)))
            return RestAnswer.Error(ErrorCodes.Arguments, "a member is missing, or a roleLevel is none that can be given");
        foreach (var member in members)
        {
            var changed = await SubmitAsync(new ChangeMember(call.App, call.Actor, member!.GroupID ?? "", member.UserID ?? "", member.Nickname, member.FaceURL, member.Ex,
                member.RoleLevel is { } level ? GroupObjects.RoleOf(level) : null)
            { Trace = call.OperationId });
            if (changed.Code != ErrorCodes.None) return changed;
        }

        return RestAnswer.Done;
    }

    async ValueTask<RestAnswer> GetListAsync(RestCall call, ListRequest request)
    {
        if (request.Filter is < 0 or > MemberFilter.Last) return RestAnswer.Error(ErrorCodes.Arguments, "unknown filter");
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        if (request.Keyword is { Length: > 0 }) return await SearchAsync(call, request, start, count);

        var (refusal, found) = await groups.AskAsync(call, request.GroupID, GroupRole.Member, (app, group) =>
        {
            var (first, total) = MemberFilter.Range(app, group, request.Filter);
            var taken = (int)Math.Clamp((long)total - start, 0, count);
            return (Total: total, Members: taken == 0 ? [] : app.Members.Page(group, first + start, taken).ToArray());
        });
        return refusal == Refusal.None ? Of(found.Total, found.Members) : RestAnswer.Of(refusal);
    }

    async ValueTask<RestAnswer> SearchAsync(RestCall call, ListRequest request, int start, int count)
    {
        var (matches, page) = (0, new List<MemberView>());
        for (var (at, isLast) = (0, false); !isLast; at += SearchSlice)
        {
            var from = at;
            var (refusal, found) = await groups.AskAsync(call, request.GroupID, GroupRole.Member, (app, group) =>
            {
                var (first, total) = MemberFilter.Range(app, group, request.Filter);
                var taken = Math.Clamp(total - from, 0, SearchSlice);
                return (Members: app.Members.Page(group, first + from, taken).Where(request.Matches).ToArray(), IsLast: from + taken >= total);
            });
            if (refusal != Refusal.None) return RestAnswer.Of(refusal);
            page.AddRange(found.Members.Skip(Math.Max(0, start - matches)).Take(count - page.Count));
            matches += found.Members.Length;
            isLast = found.IsLast;
        }

        return Of(matches, page);
    }

    static RestAnswer Of(int total, IEnumerable<MemberView> members) => RestAnswer.Of(new { Total = total, Members = members.Select(GroupObjects.Member).ToArray().NullIfEmpty() });

    async ValueTask<RestAnswer> GetSomeAsync(RestCall call, SomeRequest request)
    {
        if (request.UserIDs is not { } ids || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        var (refusal, members) = await groups.AskAsync(call, request.GroupID, GroupRole.Member, (app, group) =>
        {
            var found = new List<MemberView>();
            foreach (var id in ids)
                if (id is not null && app.Users.TryFind(id, out var user) && app.Members.IsMember(group, user)) found.Add(app.Members.View(group, user));
            return found;
        });
        return refusal == Refusal.None ? RestAnswer.Of(new { Members = members!.Select(GroupObjects.Member).ToArray() }) : RestAnswer.Of(refusal);
    }

    async ValueTask<RestAnswer> SubmitAsync(GroupCommand command) => RestAnswer.Of((await sequencer.SubmitAsync(command)).Refusal);

    static string[] Ids(string?[]? ids) => [.. (ids ?? []).Select(id => id ?? "")];

    sealed record JoinRequest(string? GroupID, string? ReqMessage, int JoinSource, string? InviterUserID, string? Ex);

    sealed record InviteRequest(string? GroupID, string? Reason, string?[]? InvitedUserIDs, bool? SendMessage);

    sealed record KickRequest(string? GroupID, string?[]? KickedUserIDs, string? Reason, bool? SendMessage);

    sealed record MuteRequest(string? GroupID, string? UserID, uint MutedSeconds);

    sealed record ChangeRequest(ChangedMember?[]? Members);

    sealed record ChangedMember(string? GroupID, string? UserID, string? Nickname, string? FaceURL, int? RoleLevel, string? Ex);

    sealed record SomeRequest(string? GroupID, string?[]? UserIDs);

    sealed record ListRequest(string? GroupID, int Filter, string? Keyword, Pagination? Pagination)
    {
        public bool Matches(MemberView member) => member.Nickname.Contains(Keyword!, StringComparison.OrdinalIgnoreCase) || member.UserId.Contains(Keyword!, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>Which group and whom of it.</summary>
sealed record MemberRequest(string? GroupID, string? UserID);

/// <summary>OpenIM's filters of members. They are ranges of the one order that members have: the owner, the administrators, the others.</summary>
static class MemberFilter
{
    public const int Last = 5;

    /// <returns>The place of the first, and how many there are.</returns>
    public static (int First, int Count) Range(AppState app, GroupNumber group, int filter)
    {
        var total = app.Groups.View(group).MemberCount;
        var owners = app.Members.Numbers(group, 0, 1).Any(first => app.Members.RoleOf(group, first) == GroupRole.Owner) ? 1 : 0;
        var administrators = app.Members.AdministratorCount(group);
        return filter switch
        {
            1 => (0, owners),
            2 => (owners, administrators),
            3 => (owners + administrators, total - owners - administrators),
            4 => (owners, total - owners),
            5 => (0, owners + administrators),
            _ => (0, total),
        };
    }
}
