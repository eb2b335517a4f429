using System.Text.Json.Serialization;
using Parley.Core.Contacts;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/friend</c>: the requests that a user got and made, the newest first.</summary>
sealed class FriendRequestRoutes(Sequencer sequencer, OpenIMOptions options)
{
    public void Map(RestRoutes routes)
    {
        routes.MapFor<ListRequest>("/friend/get_friend_apply_list", request => request.UserID, (call, user, request)
            => ListAsync(call, request, contacts => contacts.RequestsTo(user), (page, total) => new Received(page, total)));
        routes.MapFor<ListRequest>("/friend/get_self_friend_apply_list", request => request.UserID, (call, user, request)
            => ListAsync(call, request, contacts => contacts.RequestsFrom(user), (page, total) => new { FriendRequests = page, Total = total }));
        routes.MapFor<CountRequest>("/friend/get_self_unhandled_apply_count", request => request.UserID, CountAsync);
        routes.Map<PairRequest>("/friend/get_designated_friend_apply", RestAccess.TokenHolder, GetPairAsync);
    }

    async ValueTask<RestAnswer> ListAsync(RestCall call, ListRequest request, Func<ContactTable, IEnumerable<FriendRequest>> all, Func<FriendApplication[], int, object> write)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var asked = await sequencer.QueryAsync((state, _)
            => all(state.App(call.App).Contacts).Where(one => request.HandleResults is not { Length: > 0 } results || results.Contains(GroupObjects.ResultOf(one.Answer))).ToArray());
        return RestAnswer.Of(write([.. asked.Skip(start).Take(count).Select(ContactObjects.Request)], asked.Length));
    }

    /// <summary>Of requests that the user got since and has not answered.</summary>
    async ValueTask<RestAnswer> CountAsync(RestCall call, UserNumber user, CountRequest request)
    {
        var count = await sequencer.QueryAsync((state, _)
            => state.App(call.App).Contacts.RequestsTo(user).LongCount(one => one.Answer == Answer.Open && MessageTranslation.Milliseconds(one.RequestedAt) > request.Time));
        return RestAnswer.Of(new { Count = count });
    }

    /// <summary>In both directions; for the two themselves and administrators.</summary>
    async ValueTask<RestAnswer> GetPairAsync(RestCall call, PairRequest request)
    {
        if (request is not { FromUserID: { Length: > 0 } from, ToUserID: { Length: > 0 } to }) return RestAnswer.Error(ErrorCodes.Arguments, "no user id");
        if (!call.MayActFor(from) && !call.MayActFor(to)) return RestAnswer.Error(ErrorCodes.NoPermission, "neither is your user id");
        var found = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var found = new List<FriendRequest>(2);
            if (!app.Users.TryFind(from, out var one) || !app.Users.TryFind(to, out var other)) return null;
            if (app.Contacts.TryFindRequest(one, other, out var request)) found.Add(request!);
            if (app.Contacts.TryFindRequest(other, one, out var back)) found.Add(back!);
            return found;
        });
        return found is null ? RestAnswer.Of(Core.Refusal.UnknownUser) : RestAnswer.Of(new { FriendRequests = found.Select(ContactObjects.Request).ToArray().NullIfEmpty() });
    }

    sealed record ListRequest(string? UserID, Pagination? Pagination, int[]? HandleResults);

    sealed record CountRequest(string? UserID, long Time);

    sealed record PairRequest(string? FromUserID, string? ToUserID);

    /// <summary>The capital is the protocol's.</summary>
    sealed record Received([property: JsonPropertyName("FriendRequests")] FriendApplication[] Requests, int Total);
}
