using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/friend</c>: whatever changes a user's friends, requests and blocked users.</summary>
sealed class ContactRoutes(Sequencer sequencer)
{
    const int Accepts = 1;
    const int Refuses = -1;

    public void Map(RestRoutes routes)
    {
        routes.MapFor<AddRequest>("/friend/add_friend", request => request.FromUserID, (call, _, request)
            => SubmitAsync(call, new RequestFriend(call.App, call.Actor, request.FromUserID!, request.ToUserID ?? "", request.ReqMsg ?? "", request.Ex ?? "")));
        routes.MapFor<AnswerRequest>("/friend/add_friend_response", request => request.ToUserID, AnswerAsync);
        routes.MapFor<FriendRequest>("/friend/delete_friend", request => request.OwnerUserID, (call, _, request)
            => SubmitAsync(call, new DeleteFriend(call.App, call.Actor, request.OwnerUserID!, request.FriendUserID ?? "")));
        routes.MapFor<ChangeRequest>("/friend/update_friends", request => request.OwnerUserID, (call, _, request)
            => ChangeAsync(call, request.OwnerUserID!, request.FriendUserIDs, request.Remark, request.IsPinned, request.Ex));
        routes.MapFor<FriendRequest>("/friend/set_friend_remark", request => request.OwnerUserID, (call, _, request)
            => ChangeAsync(call, request.OwnerUserID!, [request.FriendUserID], request.Remark ?? "", null, null));
        routes.Map<ChangeRequest>("/friend/import_friend", RestAccess.Administrator, (call, request) => request.FriendUserIDs is { } ids
            ? SubmitAsync(call, new ImportFriends(call.App, call.Actor, request.OwnerUserID ?? "", [.. ids.Select(id => id ?? "")]))
            : new(RestAnswer.Error(ErrorCodes.Arguments, "no ids")));
        routes.MapFor<BlackRequest>("/friend/add_black", request => request.OwnerUserID, (call, _, request)
            => SubmitAsync(call, new BlockUser(call.App, call.Actor, request.OwnerUserID!, request.BlackUserID ?? "", request.Ex ?? "")));
        routes.MapFor<BlackRequest>("/friend/remove_black", request => request.OwnerUserID, (call, _, request)
            => SubmitAsync(call, new UnblockUser(call.App, call.Actor, request.OwnerUserID!, request.BlackUserID ?? "")));
    }

    ValueTask<RestAnswer> AnswerAsync(RestCall call, UserNumber user, AnswerRequest request)
        => request.HandleResult is not (Accepts or Refuses)
            ? new(RestAnswer.Error(ErrorCodes.Arguments, $"handleResult is {Accepts} or {Refuses}"))
            : SubmitAsync(call, new AnswerFriendRequest(call.App, call.Actor, request.ToUserID!, request.FromUserID ?? "", request.HandleResult == Accepts, request.HandleMsg ?? ""));

    ValueTask<RestAnswer> ChangeAsync(RestCall call, string ownerId, string?[]? friendIds, string? remark, bool? isPinned, string? extra)
        => friendIds is { Length: > 0 }
            ? SubmitAsync(call, new ChangeFriends(call.App, call.Actor, ownerId, [.. friendIds.Select(id => id ?? "")], remark, isPinned, extra))
            : new(RestAnswer.Error(ErrorCodes.Arguments, "no ids"));

    async ValueTask<RestAnswer> SubmitAsync(RestCall call, ContactCommand command)
        => RestAnswer.Of((await sequencer.SubmitAsync(command with { Trace = call.OperationId })).Refusal);

    sealed record AddRequest(string? FromUserID, string? ToUserID, string? ReqMsg, string? Ex);

    sealed record AnswerRequest(string? FromUserID, string? ToUserID, int HandleResult, string? HandleMsg);

    sealed record FriendRequest(string? OwnerUserID, string? FriendUserID, string? Remark);

    sealed record ChangeRequest(string? OwnerUserID, string?[]? FriendUserIDs, string? Remark, bool? IsPinned, string? Ex);

    sealed record BlackRequest(string? OwnerUserID, string? BlackUserID, string? Ex);
}
