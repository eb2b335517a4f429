using Parley.Core.Users;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>
/// The lists of <c>/friend</c> and <c>/group</c> that clients read when they log in. Parley has neither friends nor groups yet, so they are truly empty; changing
/// them is refused like every path that is not offered.
/// </summary>
sealed class ContactRoutes(ListVersions versions)
{
    static readonly object[] None = [];

    public void Map(RestRoutes routes)
    {
        routes.MapFor<UserRequest>("/friend/get_incremental_friends", request => request.UserID, Unchanged);
        routes.MapFor<UserRequest>("/friend/get_friend_list", request => request.UserID, (_, _, _) => new(RestAnswer.Of(new { FriendsInfo = None, Total = 0 })));
        routes.MapFor<UserRequest>("/friend/get_full_friend_user_ids", request => request.UserID,
            (_, _, _) => new(RestAnswer.Of(new { Version = ListVersions.First, VersionID = versions.Id, Equal = false, UserIDs = None })));
        routes.MapFor<UserRequest>("/friend/get_black_list", request => request.UserID, (_, _, _) => new(RestAnswer.Of(new { Blacks = None, Total = 0 })));
        routes.MapFor<OwnerRequest>("/friend/get_designated_friends", request => request.OwnerUserID, (_, _, _) => new(RestAnswer.Of(new { FriendsInfo = None })));
        routes.MapFor<UserRequest>("/friend/get_friend_apply_list", request => request.UserID,
            (_, _, _) => new(RestAnswer.Of(new EmptyApplications(None, 0))));
        routes.MapFor<UserRequest>("/friend/get_self_friend_apply_list", request => request.UserID,
            (_, _, _) => new(RestAnswer.Of(new { FriendRequests = None, Total = 0 })));

        routes.MapFor<UserRequest>("/group/get_incremental_join_groups", request => request.UserID, Unchanged);
        routes.MapFor<FromRequest>("/group/get_joined_group_list", request => request.FromUserID, (_, _, _) => new(RestAnswer.Of(new { Total = 0, Groups = None })));
        routes.MapFor<UserRequest>("/group/get_full_join_group_ids", request => request.UserID,
            (_, _, _) => new(RestAnswer.Of(new { Version = ListVersions.First, VersionID = versions.Id, Equal = false, GroupIDs = None })));
        routes.MapFor<UserRequest>("/group/get_incremental_group_members_batch", request => request.UserID,
            (_, _, _) => new(RestAnswer.Of(new { RespList = new Dictionary<string, object>() })));
    }

    /// <summary>An empty list has nothing to read in full, whatever the client has.</summary>
    ValueTask<RestAnswer> Unchanged(RestCall call, UserNumber user, UserRequest request) => new(RestAnswer.Of(new
    {
        Version = ListVersions.First,
        VersionID = versions.Id,
        Full = false,
        Delete = None,
        Insert = None,
        Update = None,
        SortVersion = 0,
    }));

    sealed record OwnerRequest(string? OwnerUserID);

    sealed record FromRequest(string? FromUserID);

    /// <summary>The capital is the protocol's.</summary>
    sealed record EmptyApplications([property: System.Text.Json.Serialization.JsonPropertyName("FriendRequests")] object[] Requests, int Total);
}
