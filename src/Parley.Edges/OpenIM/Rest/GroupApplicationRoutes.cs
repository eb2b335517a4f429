using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Groups;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/group</c>: who asks to be let in. Applications are for who made them and for who leads the group.</summary>
sealed class GroupApplicationRoutes(Sequencer sequencer, RestGroups groups, OpenIMOptions options)
{
    /// <summary>Groups whose applications are read in one query.</summary>
    const int Slice = 50;
    const int Accepted = 1;
    const int Refused = -1;

    public void Map(RestRoutes routes)
    {
        routes.Map<AnswerRequest>("/group/group_application_response", RestAccess.TokenHolder, AnswerAsync);
        routes.MapFor<ReceivedRequest>("/group/get_recv_group_applicationList", request => request.FromUserID, GetReceivedAsync);
        routes.MapFor<MadeRequest>("/group/get_user_req_group_applicationList", request => request.UserID, GetMadeAsync);
        routes.MapFor<CountRequest>("/group/get_group_application_unhandled_count", request => request.UserID, CountAsync);
        routes.Map<OfUsersRequest>("/group/get_group_users_req_application_list", RestAccess.TokenHolder, GetOfUsersAsync);
        routes.Map<MemberRequest>("/group/get_specified_user_group_request_info", RestAccess.TokenHolder, GetOneAsync);
    }

    async ValueTask<RestAnswer> AnswerAsync(RestCall call, AnswerRequest request)
    {
        if (request.HandleResult is not (Accepted or Refused)) return RestAnswer.Error(ErrorCodes.Arguments, "handleResult is neither 1 nor -1");
        var answer = new AnswerApplication(call.App, call.Actor, request.GroupID ?? "", request.FromUserID ?? "", request.HandleResult == Accepted, request.HandledMsg ?? "")
        {
            Trace = call.OperationId,
        };
        var refusal = (await sequencer.SubmitAsync(answer)).Refusal;
        // The protocol has one code for friends and another for groups.
        return refusal == Refusal.RequestAnswered ? RestAnswer.Error(ErrorCodes.GroupRequestHandled, "the application was answered before") : RestAnswer.Of(refusal);
    }

    async ValueTask<RestAnswer> GetReceivedAsync(RestCall call, UserNumber user, ReceivedRequest request)
        => await PageAsync(call, await ReceivedAsync(call, user, request.GroupIDs), request.HandleResults, request.Pagination);

    async ValueTask<RestAnswer> GetMadeAsync(RestCall call, UserNumber user, MadeRequest request)
    {
        var made = await sequencer.QueryAsync((state, _) => state.App(call.App).Applications.From(user).ToArray());
        return await PageAsync(call, made.Where(application => IsAsked(request.GroupIDs, application.GroupId)), request.HandleResults, request.Pagination);
    }

    async ValueTask<RestAnswer> CountAsync(RestCall call, UserNumber user, CountRequest request)
    {
        var open = (await ReceivedAsync(call, user, null)).Where(application => application.Answer == Core.Contacts.Answer.Open);
        return RestAnswer.Of(new { Count = open.LongCount(application => MessageTranslation.Milliseconds(application.RequestedAt) > request.Time) });
    }

    async ValueTask<RestAnswer> GetOfUsersAsync(RestCall call, OfUsersRequest request)
    {
        if (request.UserIDs is not { } ids || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        var (refusal, found) = await groups.AskAsync(call, request.GroupID, GroupRole.Administrator, (app, group) =>
        {
            var found = new List<GroupApplication>();
            foreach (var id in ids)
                if (id is not null && app.Users.TryFind(id, out var user) && app.Applications.TryFind(group, user, out var application)) found.Add(application!);
            return found;
        });
        return refusal == Refusal.None ? Of(found!.Count, await WriteAsync(call, found)) : RestAnswer.Of(refusal);
    }

    async ValueTask<RestAnswer> GetOneAsync(RestCall call, MemberRequest request)
    {
        var isOwn = request.UserID is { Length: > 0 } && request.UserID == call.UserId;
        var (refusal, found) = await groups.AskAsync(call, request.GroupID, isOwn ? GroupRole.None : GroupRole.Administrator, (app, group)
            => app.Users.TryFind(request.UserID ?? "", out var user) && app.Applications.TryFind(group, user, out var application) ? new[] { application! } : []);
        return refusal == Refusal.None ? RestAnswer.Of(new { Total = found!.Length, GroupRequests = (await WriteAsync(call, found)).NullIfEmpty() }) : RestAnswer.Of(refusal);
    }

    /// <summary>To all groups that the user leads, or to those of them that are asked for.</summary>
    async ValueTask<List<GroupApplication>> ReceivedAsync(RestCall call, UserNumber user, string?[]? groupIds)
    {
        var led = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            return app.Members.GroupsOf(user).Where(group => app.Members.RoleOf(group, user) >= GroupRole.Administrator && IsAsked(groupIds, app.Groups.IdOf(group))).ToArray();
        });
        var received = new List<GroupApplication>();
        foreach (var slice in led.Chunk(Slice))
            received.AddRange(await sequencer.QueryAsync((state, _) =>
            {
                var app = state.App(call.App);
                // Whether they still lead it: the role may have gone since.
                return slice.Where(group => app.Members.RoleOf(group, user) >= GroupRole.Administrator).SelectMany(app.Applications.To).ToArray();
            }));
        return received;
    }

    async ValueTask<RestAnswer> PageAsync(RestCall call, IEnumerable<GroupApplication> applications, int[]? results, Pagination? pagination)
    {
        if (!Paging.TryRead(pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var asked = applications.Where(application => results is not { Length: > 0 } || results.Contains(GroupObjects.ResultOf(application.Answer)))
            .OrderByDescending(application => application.RequestedAt).ToArray();
        return Of(asked.Length, await WriteAsync(call, [.. asked.Skip(start).Take(count)]));
    }

    ValueTask<GroupRequest[]> WriteAsync(RestCall call, IReadOnlyList<GroupApplication> applications) => sequencer.QueryAsync((state, _) =>
    {
        var groups = state.App(call.App).Groups;
        var written = new List<GroupRequest>(applications.Count);
        foreach (var application in applications)
            if (groups.TryFind(application.GroupId, out var group)) written.Add(GroupObjects.Request(application, groups.View(group), options.AdminUserId));
        return written.ToArray();
    });

    static RestAnswer Of(int total, GroupRequest[] requests) => RestAnswer.Of(new { Total = total, GroupRequests = requests });

    static bool IsAsked(string?[]? groupIds, string groupId) => groupIds is not { Length: > 0 } || groupIds.Contains(groupId);

    sealed record AnswerRequest(string? GroupID, string? FromUserID, string? HandledMsg, int HandleResult);

    sealed record ReceivedRequest(string? FromUserID, string?[]? GroupIDs, int[]? HandleResults, Pagination? Pagination);

    sealed record MadeRequest(string? UserID, string?[]? GroupIDs, int[]? HandleResults, Pagination? Pagination);

    sealed record CountRequest(string? UserID, long Time);

    sealed record OfUsersRequest(string? GroupID, string?[]? UserIDs);
}
