using System.Security.Cryptography;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Groups;
using Parley.Core.Sequencing;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/group</c>: groups themselves. Their profiles are for anyone with a token.</summary>
sealed class GroupRoutes(Sequencer sequencer, OpenIMOptions options)
{
    const int MadeIdDigits = 10;

    /// <summary>A made id that is taken is made again; with this many in vain there are billions of groups.</summary>
    const int MaxMadeIds = 10;

    /// <summary>Groups looked at in one query of a search.</summary>
    const int SearchSlice = 2_000;

    public void Map(RestRoutes routes)
    {
        routes.Map<CreateRequest>("/group/create_group", RestAccess.TokenHolder, CreateAsync);
        routes.Map<ChangeRequest>("/group/set_group_info_ex", RestAccess.TokenHolder, ChangeAsync);
        routes.Map<SetRequest>("/group/set_group_info", RestAccess.TokenHolder,
            (call, request) => request.GroupInfoForSet is { } change ? ChangeAsync(call, change.WithoutEmpty()) : new(RestAnswer.Error(ErrorCodes.Arguments, "no groupInfoForSet")));
        routes.Map<DismissRequest>("/group/dismiss_group", RestAccess.TokenHolder, DismissAsync);
        routes.Map<GroupRequestBody>("/group/mute_group", RestAccess.TokenHolder, (call, request) => MuteAsync(call, request, isMuted: true));
        routes.Map<GroupRequestBody>("/group/cancel_mute_group", RestAccess.TokenHolder, (call, request) => MuteAsync(call, request, isMuted: false));
        routes.Map<TransferRequest>("/group/transfer_group", RestAccess.TokenHolder, TransferAsync);
        routes.Map<GroupsRequest>("/group/get_groups_info", RestAccess.TokenHolder, GetInfosAsync);
        routes.Map<GroupsRequest>("/group/get_group_abstract_info", RestAccess.TokenHolder, GetAbstractsAsync);
        routes.Map<SearchRequest>("/group/get_groups", RestAccess.Administrator, SearchAsync);
    }

    async ValueTask<RestAnswer> DismissAsync(RestCall call, DismissRequest request)
    {
        var dismiss = new DismissGroup(call.App, call.Actor, request.GroupID ?? "", request.DeleteMember) { IsShown = request.SendMessage, Trace = call.OperationId };
        while (true)
        {
            var answer = await SubmitAsync(dismiss);
            if (!request.DeleteMember || answer.Code != ErrorCodes.None || await sequencer.QueryAsync((state, _) => IsEmpty(state.App(call.App), dismiss.GroupId))) return answer;
        }
    }

    static bool IsEmpty(AppState app, string id) => !app.Groups.TryFind(id, out var group) || app.Groups.View(group).MemberCount == 0;

    async ValueTask<RestAnswer> CreateAsync(RestCall call, CreateRequest request)
    {
        if (request.GroupInfo is not { } info || request.OwnerUserID is not { Length: > 0 } owner) return RestAnswer.Error(ErrorCodes.Arguments, "groupInfo or ownerUserID is missing");
        if (info.GroupType != GroupObjects.GroupType) return RestAnswer.Error(ErrorCodes.Arguments, $"only groups of groupType {GroupObjects.GroupType} are offered");
        if (info.Details() is not { } details) return RestAnswer.Error(ErrorCodes.Arguments, "unknown needVerification");

        var id = info.GroupID is { Length: > 0 } given ? given : "";
        for (var attempt = 1; ; attempt++)
        {
            var create = new CreateGroup(call.App, call.Actor, id.Length > 0 ? id : NewId(), GroupKind.Super, details, owner, Ids(request.AdminUserIDs), Ids(request.MemberUserIDs))
            {
                IsShown = request.SendMessage,
                Trace = call.OperationId,
            };
            var refusal = (await sequencer.SubmitAsync(create)).Refusal;
            if (refusal == Refusal.GroupExists && id.Length == 0 && attempt < MaxMadeIds) continue;
            return refusal != Refusal.None ? RestAnswer.Of(refusal) : RestAnswer.Of(new { GroupInfo = (await FindAsync(call, [create.GroupId])).Single() });
        }
    }

    static string NewId() => RandomNumberGenerator.GetString("123456789", 1) + RandomNumberGenerator.GetString("0123456789", MadeIdDigits - 1);

    async ValueTask<RestAnswer> ChangeAsync(RestCall call, ChangeRequest request)
        => request.Details() is { } details
            ? await SubmitAsync(new ChangeGroup(call.App, call.Actor, request.GroupID ?? "", details) { Trace = call.OperationId })
            : RestAnswer.Error(ErrorCodes.Arguments, "unknown needVerification");

    ValueTask<RestAnswer> MuteAsync(RestCall call, GroupRequestBody request, bool isMuted)
        => SubmitAsync(new MuteGroup(call.App, call.Actor, request.GroupID ?? "", isMuted) { Trace = call.OperationId });

    async ValueTask<RestAnswer> TransferAsync(RestCall call, TransferRequest request)
    {
        // Who owns it is said twice, by the request and by the group: a caller who is mistaken should not give it away.
        var isOwner = await sequencer.QueryAsync((state, _) =>
        {
            var groups = state.App(call.App).Groups;
            return !groups.TryFind(request.GroupID ?? "", out var group) || groups.View(group).OwnerId == request.OldOwnerUserID;
        });
        return isOwner
            ? await SubmitAsync(new TransferGroup(call.App, call.Actor, request.GroupID ?? "", request.NewOwnerUserID ?? "") { Trace = call.OperationId })
            : RestAnswer.Error(ErrorCodes.NoPermission, "oldOwnerUserID does not own the group");
    }

    async ValueTask<RestAnswer> GetInfosAsync(RestCall call, GroupsRequest request)
        => request.Fault(options) is { } fault ? fault : RestAnswer.Of(new { GroupInfos = await FindAsync(call, request.GroupIDs!) });

    async ValueTask<RestAnswer> GetAbstractsAsync(RestCall call, GroupsRequest request)
    {
        if (request.Fault(options) is { } fault) return fault;
        var groups = await ViewAsync(call, request.GroupIDs!);
        return RestAnswer.Of(new
        {
            GroupAbstractInfos = groups.Select(group => new
            {
                GroupID = group.Id,
                GroupMemberNumber = group.MemberCount,
                // Meant to differ when the members do, and so does the version of their list.
                GroupMemberListHash = ListVersions.Of(group.MembersVersion),
            }).ToArray(),
        });
    }

    async ValueTask<RestAnswer> SearchAsync(RestCall call, SearchRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var (total, page) = (0L, new List<(GroupView Group, string OwnerName)>());
        for (var next = uint.MaxValue; next > 0;)
        {
            // The newest first, a slice a query: a search must not hold up who writes.
            var from = next;
            (next, var found) = await sequencer.QueryAsync((state, _) =>
            {
                var app = state.App(call.App);
                var first = Math.Min(from, (uint)app.Groups.Count);
                var last = first > SearchSlice ? first - SearchSlice : 0;
                var matching = new List<(GroupView Group, string OwnerName)>();
                for (var number = first; number > last; number--)
                    if (app.Groups.View(new GroupNumber(number)) is var group && request.Matches(group))
                        matching.Add((group, app.Users.TryFind(group.OwnerId, out var owner) ? app.Users.Profile(owner).Nickname : ""));
                return (last, matching);
            });
            page.AddRange(found.Skip((int)Math.Clamp(start - total, 0, int.MaxValue)).Take(count - page.Count));
            total += found.Count;
        }

        return RestAnswer.Of(new
        {
            Total = total,
            Groups = page.Select(found => new { GroupInfo = GroupObjects.Group(found.Group), GroupOwnerUserName = found.OwnerName, GroupOwnerUserID = found.Group.OwnerId }).ToArray(),
        });
    }

    async ValueTask<GroupInfo[]> FindAsync(RestCall call, IEnumerable<string?> ids) => [.. (await ViewAsync(call, ids)).Select(GroupObjects.Group)];

    ValueTask<List<GroupView>> ViewAsync(RestCall call, IEnumerable<string?> ids) => sequencer.QueryAsync((state, _) =>
    {
        var groups = state.App(call.App).Groups;
        var found = new List<GroupView>();
        foreach (var id in ids)
            if (id is not null && groups.TryFind(id, out var group)) found.Add(groups.View(group));
        return found;
    });

    async ValueTask<RestAnswer> SubmitAsync(GroupCommand command) => RestAnswer.Of((await sequencer.SubmitAsync(command)).Refusal);

    static string[] Ids(string?[]? ids) => [.. (ids ?? []).Select(id => id ?? "")];

    sealed record CreateRequest(string?[]? MemberUserIDs, ChangeRequest? GroupInfo, string?[]? AdminUserIDs, string? OwnerUserID, bool? SendMessage);

    sealed record SetRequest(ChangeRequest? GroupInfoForSet);

    sealed record DismissRequest(string? GroupID, bool DeleteMember, bool? SendMessage);

    sealed record TransferRequest(string? GroupID, string? OldOwnerUserID, string? NewOwnerUserID);

    sealed record SearchRequest(string? GroupName, string? GroupID, Pagination? Pagination)
    {
        public bool Matches(GroupView group)
            => (string.IsNullOrEmpty(GroupID) || group.Id == GroupID) && (string.IsNullOrEmpty(GroupName) || group.Name.Contains(GroupName, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What a group is to be: null leaves it.</summary>
    sealed record ChangeRequest(string? GroupID, string? GroupName, string? Notification, string? Introduction, string? FaceURL, string? Ex, int? NeedVerification,
        int? LookMemberInfo, int? ApplyMemberFriend, int GroupType)
    {
        /// <summary>In the older form an empty text means "leave it" too.</summary>
        public ChangeRequest WithoutEmpty() => this with { GroupName = OrNull(GroupName), Notification = OrNull(Notification), Introduction = OrNull(Introduction), FaceURL = OrNull(FaceURL) };

        /// <summary>Null when it says something that is unknown.</summary>
        public GroupDetails? Details() => NeedVerification is < 0 or > (int)JoinRule.Open ? null : new GroupDetails
        {
            Name = GroupName,
            Announcement = Notification,
            Introduction = Introduction,
            FaceUrl = FaceURL,
            Extra = Ex,
            JoinRule = (JoinRule?)NeedVerification,
            HidesMembers = LookMemberInfo is { } look ? look != 0 : null,
            ForbidsFriendRequests = ApplyMemberFriend is { } apply ? apply != 0 : null,
        };

        static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
    }
}

/// <summary>A request that says nothing but which group.</summary>
sealed record GroupRequestBody(string? GroupID);

sealed record GroupsRequest(string?[]? GroupIDs)
{
    public RestAnswer? Fault(OpenIMOptions options)
        => GroupIDs is null ? RestAnswer.Error(ErrorCodes.Arguments, "no ids")
            : GroupIDs.Length > options.MaxIdsPerRequest ? RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} ids")
            : null;
}
