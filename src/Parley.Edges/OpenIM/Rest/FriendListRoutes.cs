using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Lists;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/friend</c>: a user's list of friends, in pages, by name, and what changed since a version.</summary>
sealed class FriendListRoutes(Sequencer sequencer, ListReader lists, ListVersions versions, OpenIMOptions options)
{
    /// <summary>The entry of a delta that says that the order changed.</summary>
    const ulong Order = 0;

    public void Map(RestRoutes routes)
    {
        routes.MapFor<PageRequest>("/friend/get_friend_list", request => request.UserID, GetPageAsync);
        routes.MapFor<SomeRequest>("/friend/get_designated_friends", request => request.OwnerUserID, GetSomeAsync);
        routes.MapFor<SomeRequest>("/friend/get_specified_friends_info", request => request.OwnerUserID, GetRelationsAsync);
        routes.MapFor<IncrementalRequest>("/friend/get_incremental_friends", request => request.UserID, GetChangesAsync);
        routes.MapFor<UserRequest>("/friend/get_full_friend_user_ids", request => request.UserID, GetIdsAsync);
        routes.MapFor<UserRequest>("/friend/get_friend_id", request => request.UserID, async (call, user, _) => RestAnswer.Of(new { FriendIDs = (await IdsAsync(call, user)).Ids }));
        routes.Map<PairRequest>("/friend/is_friend", RestAccess.TokenHolder, GetPairAsync);
    }

    async ValueTask<RestAnswer> GetPageAsync(RestCall call, UserNumber user, PageRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var (total, page) = await sequencer.QueryAsync((state, _) =>
        {
            var contacts = state.App(call.App).Contacts;
            return (contacts.FriendCount(user), contacts.FriendsOf(user, start, count).ToArray());
        });
        return RestAnswer.Of(new { FriendsInfo = Write(page), Total = total });
    }

    async ValueTask<RestAnswer> GetSomeAsync(RestCall call, UserNumber user, SomeRequest request)
    {
        if (request.FriendUserIDs is not { } ids || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        var found = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var found = new List<Friend>();
            foreach (var id in ids)
                if (app.Users.TryFind(id ?? "", out var other) && app.Contacts.TryFindFriend(user, other, out var friend)) found.Add(friend!);
            return found;
        });
        return RestAnswer.Of(new { FriendsInfo = Write(found) });
    }

    /// <summary>Users, and what each is to the owner.</summary>
    async ValueTask<RestAnswer> GetRelationsAsync(RestCall call, UserNumber user, SomeRequest request)
    {
        if (request.UserIDList is not { } ids || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        var found = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var found = new List<(UserProfile User, Friend? Friend, Block? Block)>();
            foreach (var id in ids)
            {
                if (!app.Users.TryFind(id ?? "", out var other)) continue;
                app.Contacts.TryFindFriend(user, other, out var friend);
                app.Contacts.TryFindBlock(user, other, out var block);
                found.Add((app.Users.Profile(other), friend, block));
            }

            return found;
        });
        return RestAnswer.Of(new
        {
            Infos = found.Select(one => new
            {
                UserInfo = ContactObjects.User(one.User, showsSettings: false),
                FriendInfo = one.Friend is null ? null : ContactObjects.Friend(one.Friend, options.AdminUserId),
                BlackInfo = one.Block is null ? null : ContactObjects.Block(one.Block, options.AdminUserId),
            }).ToArray(),
        });
    }

    async ValueTask<RestAnswer> GetChangesAsync(RestCall call, UserNumber user, IncrementalRequest request)
    {
        var version = await sequencer.QueryAsync((state, _) => state.App(call.App).Contacts.FriendsVersion(user));
        var changes = versions.Delta(lists, call.App, FeedIds.Friends(user), request.VersionID, request.Version, version);
        var (deleted, inserted, updated) = changes is not { Count: > 0 } ? ([], [], []) : await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var (gone, added, changed) = (new List<string>(), new List<Friend>(), new List<Friend>());
            foreach (var (entry, wasAdded) in changes)
            {
                if (entry == Order) continue;
                var other = new UserNumber((uint)entry);
                if (!app.Contacts.TryFindFriend(user, other, out var friend)) gone.Add(app.Users.IdOf(other));
                else (wasAdded ? added : changed).Add(friend!);
            }

            return (gone, added, changed);
        });
        return RestAnswer.Of(new
        {
            Version = ListVersions.Of(version),
            VersionID = versions.Id,
            Full = changes is null,
            Delete = deleted,
            Insert = Write(inserted),
            Update = Write(updated),
            // Any number but 0 makes clients read the order again.
            SortVersion = changes is not null && changes.ContainsKey(Order) ? ListVersions.Of(version) : 0,
        });
    }

    async ValueTask<RestAnswer> GetIdsAsync(RestCall call, UserNumber user, UserRequest request)
    {
        var (version, ids) = await IdsAsync(call, user);
        return RestAnswer.Of(new { Version = ListVersions.Of(version), VersionID = versions.Id, Equal = false, UserIDs = ids });
    }

    /// <summary>For the two themselves and administrators.</summary>
    async ValueTask<RestAnswer> GetPairAsync(RestCall call, PairRequest request)
    {
        if (request is not { UserID1: { Length: > 0 } one, UserID2: { Length: > 0 } other }) return RestAnswer.Error(ErrorCodes.Arguments, "no user id");
        if (!call.MayActFor(one) && !call.MayActFor(other)) return RestAnswer.Error(ErrorCodes.NoPermission, "neither is your user id");
        var (isKnown, isOfOne, isOfOther) = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            return app.Users.TryFind(one, out var first) && app.Users.TryFind(other, out var second)
                ? (true, app.Contacts.IsFriend(first, second), app.Contacts.IsFriend(second, first))
                : (false, false, false);
        });
        return isKnown ? RestAnswer.Of(new { InUser1Friends = isOfOne, InUser2Friends = isOfOther }) : RestAnswer.Of(Core.Refusal.UnknownUser);
    }

    ValueTask<(long Version, string[] Ids)> IdsAsync(RestCall call, UserNumber user) => sequencer.QueryAsync((state, _) =>
    {
        var app = state.App(call.App);
        return (app.Contacts.FriendsVersion(user), app.Contacts.FriendNumbersOf(user).Select(app.Users.IdOf).ToArray());
    });

    FriendInfo[] Write(IEnumerable<Friend> friends) => [.. friends.Select(friend => ContactObjects.Friend(friend, options.AdminUserId))];

    sealed record PageRequest(string? UserID, Pagination? Pagination);

    sealed record SomeRequest(string? OwnerUserID, string?[]? FriendUserIDs, string?[]? UserIDList);

    sealed record PairRequest(string? UserID1, string? UserID2);
}
