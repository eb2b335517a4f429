using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Lists;
using Parley.Client.Storage;

namespace Parley.Client.Contacts;

/// <summary>
/// Friends and blocked users: both lists are kept in the local store and readable offline; everything else asks the server and throws
/// <see cref="ParleyException"/> when it declines or can't be reached. When a change returns, the lists show it if the server could be asked for them.
/// </summary>
public sealed class ClientContacts
{
    readonly ApiClient _api;
    readonly ListStore _store;
    readonly ListSyncer _lists;

    internal ClientContacts(ApiClient api, ListStore store, ListSyncer lists) => (_api, _store, _lists) = (api, store, lists);

    /// <summary>Pinned ones first, then by the time the friendship began. Local.</summary>
    public IReadOnlyList<Friend> GetFriends() => [.. _store.Read(VersionedList.Friends.Name).Select(Friend.Read)];

    /// <summary>Null for whoever is no friend, as far as is known here. Local.</summary>
    public Friend? FindFriend(string userId) => _store.Find(VersionedList.Friends.Name, userId) is { ValueKind: JsonValueKind.Object } found ? Friend.Read(found) : null;

    /// <summary>Local.</summary>
    public IReadOnlyList<BlockedUser> GetBlocked() => [.. _store.Read(VersionedList.Blocked.Name).Select(BlockedUser.Read)];

    /// <summary>Asks a user to become a friend.</summary>
    public Task RequestAsync(string userId, string message = "", string extra = "", CancellationToken ct = default) => _api.TellAsync(
        "/friend/add_friend", new JsonObject { ["fromUserID"] = _api.UserId, ["toUserID"] = userId, ["reqMsg"] = message, ["ex"] = extra }, ct);

    public Task AcceptAsync(string fromUserId, string message = "", CancellationToken ct = default) => AnswerAsync(fromUserId, RequestAnswer.Accepted, message, ct);

    public Task RefuseAsync(string fromUserId, string message = "", CancellationToken ct = default) => AnswerAsync(fromUserId, RequestAnswer.Refused, message, ct);

    /// <summary>Takes a friend off this user's list; theirs stays as it is.</summary>
    public Task DeleteAsync(string userId, CancellationToken ct = default) =>
        ChangeAsync("/friend/delete_friend", Own(("friendUserID", userId)), VersionedList.Friends, ct);

    public Task ChangeAsync(IReadOnlyList<string> userIds, FriendChange change, CancellationToken ct = default) => ChangeAsync(
        "/friend/update_friends",
        Own(("friendUserIDs", JsonFields.Array(userIds)), ("isPinned", change.IsPinned), ("remark", change.Remark), ("ex", change.Extra)), VersionedList.Friends, ct);

    /// <summary>Their messages and requests are declined from now on.</summary>
    public Task BlockAsync(string userId, string extra = "", CancellationToken ct = default) =>
        ChangeAsync("/friend/add_black", Own(("blackUserID", userId), ("ex", extra)), VersionedList.Blocked, ct);

    public Task UnblockAsync(string userId, CancellationToken ct = default) =>
        ChangeAsync("/friend/remove_black", Own(("blackUserID", userId)), VersionedList.Blocked, ct);

    /// <summary>Requests to this user, newest first.</summary>
    public Task<IReadOnlyList<FriendRequest>> GetRequestsAsync(int page = 1, int pageLength = 50, CancellationToken ct = default) =>
        RequestsAsync("/friend/get_friend_apply_list", "FriendRequests", page, pageLength, ct);

    /// <summary>Requests of this user, newest first.</summary>
    public Task<IReadOnlyList<FriendRequest>> GetOwnRequestsAsync(int page = 1, int pageLength = 50, CancellationToken ct = default) =>
        RequestsAsync("/friend/get_self_friend_apply_list", "friendRequests", page, pageLength, ct);

    /// <summary>How many requests wait for this user's answer.</summary>
    public Task<long> CountOpenRequestsAsync(CancellationToken ct = default) => _api.AskAsync(
        "/friend/get_self_unhandled_apply_count", new JsonObject { ["userID"] = _api.UserId, ["time"] = 0 }, data => data.Whole("count"), ct);

    Task<IReadOnlyList<FriendRequest>> RequestsAsync(string path, string key, int page, int pageLength, CancellationToken ct) => _api.AskAsync<IReadOnlyList<FriendRequest>>(
        path, new JsonObject { ["userID"] = _api.UserId, ["pagination"] = JsonFields.Page(page, pageLength), ["handleResults"] = new JsonArray() },
        data => [.. data.Items(key).Select(FriendRequest.Read)], ct);

    Task AnswerAsync(string fromUserId, RequestAnswer answer, string message, CancellationToken ct) => ChangeAsync(
        "/friend/add_friend_response",
        new JsonObject { ["fromUserID"] = fromUserId, ["toUserID"] = _api.UserId, ["handleResult"] = (int)answer, ["handleMsg"] = message }, VersionedList.Friends, ct);

    async Task ChangeAsync(string path, JsonObject body, VersionedList list, CancellationToken ct)
    {
        await _api.TellAsync(path, body, ct);
        await _lists.RefreshAsync([list], ct);
    }

    JsonObject Own(params ReadOnlySpan<(string Key, JsonNode? Value)> more)
    {
        var body = new JsonObject { ["ownerUserID"] = _api.UserId };
        foreach (var (key, value) in more) body[key] = value;
        return body;
    }
}
