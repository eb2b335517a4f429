using System.Text.Json.Nodes;
using Parley.Client.Contacts;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM;

namespace Parley.Client.Tests.Contacts;

public sealed class ContactTests : ClientTest
{
    readonly ListScript _friends = new("", "friendsInfo");
    readonly List<string> _blocked = [];

    public ContactTests()
    {
        Api["/friend/get_incremental_friends"] = _friends.Changes;
        Api["/friend/get_friend_list"] = _friends.Page;
        Api["/friend/get_black_list"] = _ => new JsonObject
        {
            ["blacks"] = new JsonArray([.. _blocked.Select(id => new JsonObject { ["ownerUserID"] = Alice, ["blackUserInfo"] = new JsonObject { ["userID"] = id } })]),
        };
    }

    static JsonObject FriendOf(string userId, string remark = "", bool pinned = false, long since = 1) => new()
    {
        ["ownerUserID"] = Alice,
        ["remark"] = remark,
        ["createTime"] = since,
        ["friendUser"] = new JsonObject { ["userID"] = userId, ["nickname"] = userId.ToUpperInvariant(), ["faceURL"] = null },
        ["isPinned"] = pinned,
    };

    Task TellAsync(int type, JsonObject tips) => Server.PushAsync("n_alice_bob", ScriptedServer.Notice(type, tips)).AsTask();

    /// <summary>The lists are kept beside the messages: a change of the server's shows when they are level.</summary>
    async Task<ParleyClient> OpenWithFriendsAsync(params string[] userIds)
    {
        foreach (var userId in userIds) _friends.Put(userId, FriendOf(userId));
        var client = await OpenSyncedAsync();
        await NextCallAsync("/friend/get_incremental_friends");
        // One list at a time, by name: when the next one is asked for, this one is in the store.
        await NextCallAsync("/group/get_incremental_join_groups");
        return client;
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_once_and_without_news()
    {
        for (var i = 0; i < 250; i++) _friends.Put($"u{i:000}", FriendOf($"u{i:000}", since: i));
        var client = await OpenWithFriendsAsync();
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"u{i:000}"), client.Contacts.GetFriends().Select(friend => friend.UserId));
        Assert.Equal(3, _friends.PagesAsked);
        while (client.Events.TryRead(out var told)) Assert.IsNotType<ParleyEvent.FriendAdded>(told);
    }

    [Fact]
    public async Task After_a_reconnect_only_what_changed_comes_and_is_told()
    {
        var client = await OpenWithFriendsAsync("ann", Bob, "cat");
        Server.Cut();
        _friends.Remove("ann");
        _friends.Put(Bob, FriendOf(Bob, "Bobby", pinned: true));
        _friends.Put("dan", FriendOf("dan"));
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);

        Assert.Equal("dan", (await NextAsync<ParleyEvent.FriendAdded>(client)).Friend.UserId);
        Assert.Equal("Bobby", (await NextAsync<ParleyEvent.FriendChanged>(client)).Friend.Remark);
        Assert.Equal("ann", (await NextAsync<ParleyEvent.FriendRemoved>(client)).UserId);
        Assert.Equal([Bob, "cat", "dan"], client.Contacts.GetFriends().Select(friend => friend.UserId));
        Assert.Equal(1, _friends.PagesAsked);
    }

    [Fact]
    public async Task Another_log_of_the_server_has_the_list_read_anew()
    {
        var client = await OpenWithFriendsAsync("ann", Bob);
        Server.Cut();
        _friends.VersionId = "log-2";
        _friends.Remove("ann");
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        Assert.Equal("ann", (await NextAsync<ParleyEvent.FriendRemoved>(client)).UserId);
        Assert.Equal([Bob], client.Contacts.GetFriends().Select(friend => friend.UserId));
    }

    [Fact]
    public async Task Who_slips_between_two_pages_is_found_all_the_same()
    {
        for (var i = 0; i < 150; i++) _friends.Put($"u{i:000}", FriendOf($"u{i:000}"));
        _friends.BeforePage = number =>
        {
            // The hundred-and-first now stands on the page that was read already.
            if (number != 2 || _friends.PagesAsked > 2) return;
            _friends.Remove("u000");
        };
        var client = await OpenWithFriendsAsync();
        Assert.Equal(Enumerable.Range(1, 149).Select(i => $"u{i:000}"), client.Contacts.GetFriends().Select(friend => friend.UserId));
    }

    [Fact]
    public async Task Friends_and_blocked_users_can_be_read_offline_after_a_restart()
    {
        _blocked.Add("eve");
        await (await OpenWithFriendsAsync(Bob)).DisposeAsync();
        Server.Reachable = false;
        var client = await OpenAsync();
        Assert.Equal(("BOB", Bob), (client.Contacts.FindFriend(Bob)!.Profile.Nickname, Assert.Single(client.Contacts.GetFriends()).UserId));
        Assert.Equal("eve", Assert.Single(client.Contacts.GetBlocked()).UserId);
        Assert.Null(client.Contacts.FindFriend("eve"));
    }

    [Fact]
    public async Task A_request_is_told_and_accepting_it_shows_the_friend_at_once()
    {
        var client = await OpenWithFriendsAsync();
        await TellAsync(1203, new()
        {
            ["fromToUserID"] = new JsonObject { ["fromUserID"] = Bob, ["toUserID"] = Alice },
            ["request"] = new JsonObject { ["fromUserID"] = Bob, ["toUserID"] = Alice, ["reqMsg"] = "hi", ["createTime"] = 9 },
        });
        var asked = (await NextAsync<ParleyEvent.FriendRequested>(client)).Request;
        Assert.Equal((Bob, Alice, "hi", RequestAnswer.Open), (asked.FromUserId, asked.ToUserId, asked.Message, asked.Answer));

        Api["/friend/add_friend_response"] = body =>
        {
            _friends.Put(Bob, FriendOf(Bob));
            return null;
        };
        await Soon(client.Contacts.AcceptAsync(Bob));
        Assert.Equal((Bob, Alice, 1), ((await NextCallAsync("/friend/add_friend_response")).Json is var body
            ? (body.GetProperty("fromUserID").GetString(), body.GetProperty("toUserID").GetString(), body.GetProperty("handleResult").GetInt32()) : default));
        Assert.Equal(Bob, Assert.Single(client.Contacts.GetFriends()).UserId);
    }

    [Theory]
    [InlineData(1201, RequestAnswer.Accepted)]
    [InlineData(1202, RequestAnswer.Refused)]
    public async Task An_answer_is_told_even_where_the_server_names_the_two_alone(int type, RequestAnswer answer)
    {
        var client = await OpenWithFriendsAsync();
        await TellAsync(type, new() { ["fromToUserID"] = new JsonObject { ["fromUserID"] = Alice, ["toUserID"] = Bob }, ["handleMsg"] = "ok" });
        var told = (await NextAsync<ParleyEvent.FriendRequestAnswered>(client)).Request;
        Assert.Equal((Alice, Bob, answer), (told.FromUserId, told.ToUserId, told.Answer));
    }

    [Fact]
    public async Task A_change_that_the_server_declines_is_the_callers_to_know()
    {
        var client = await OpenWithFriendsAsync(Bob);
        Api.Decline("/friend/add_friend", ErrorCodes.BlockedByPeer);
        Api.Decline("/friend/delete_friend", ErrorCodes.RecordNotFound);
        Assert.Equal(ErrorCodes.BlockedByPeer, (await Assert.ThrowsAsync<ParleyException>(() => Soon(client.Contacts.RequestAsync("eve", "hello")))).Code);
        await Assert.ThrowsAsync<ParleyException>(() => Soon(client.Contacts.DeleteAsync(Bob)));
        Assert.NotNull(client.Contacts.FindFriend(Bob));
    }

    [Fact]
    public async Task Blocking_shows_at_once_and_on_the_other_devices()
    {
        var client = await OpenWithFriendsAsync();
        Api["/friend/add_black"] = body =>
        {
            _blocked.Add(body.GetProperty("blackUserID").GetString()!);
            return null;
        };
        await Soon(client.Contacts.BlockAsync("eve"));
        Assert.Equal("eve", Assert.Single(client.Contacts.GetBlocked()).UserId);

        _blocked.Clear();
        await TellAsync(1208, new() { ["fromToUserID"] = new JsonObject { ["fromUserID"] = Alice, ["toUserID"] = "eve" } });
        while (client.Contacts.GetBlocked().Count > 0) await NextAsync<ParleyEvent.BlockedChanged>(client);
    }

    [Fact]
    public async Task Null_leaves_what_a_friend_is_noted_as()
    {
        var client = await OpenWithFriendsAsync(Bob);
        await Soon(client.Contacts.ChangeAsync([Bob], new FriendChange { IsPinned = true }));
        Assert.Equal("""{"ownerUserID":"alice","friendUserIDs":["bob"],"isPinned":true,"remark":null,"ex":null}""", (await NextCallAsync("/friend/update_friends")).Body);
    }

    [Fact]
    public async Task Requests_are_read_in_pages()
    {
        Api["/friend/get_friend_apply_list"] = _ => new JsonObject { ["FriendRequests"] = new JsonArray(new JsonObject { ["fromUserID"] = Bob, ["toUserID"] = Alice, ["handleResult"] = -1 }) };
        Api["/friend/get_self_unhandled_apply_count"] = _ => new JsonObject { ["count"] = 4 };
        var client = await OpenSyncedAsync();
        Assert.Equal((Bob, RequestAnswer.Refused), (await Soon(client.Contacts.GetRequestsAsync(2, 10)))[0] is var one ? (one.FromUserId, one.Answer) : default);
        Assert.Equal(4, await Soon(client.Contacts.CountOpenRequestsAsync()));
        Assert.Empty(await Soon(client.Contacts.GetOwnRequestsAsync()));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.Contacts.GetRequestsAsync(0));
    }

    [Theory]
    [InlineData("""{"friendUser":{"userID":7}}""")]
    [InlineData("""{"friendUser":"bob"}""")]
    [InlineData("""{"friendUser":{"userID":"bob"},"isPinned":"yes"}""")]
    public async Task A_list_that_is_none_is_left_as_it_was_and_asked_for_again(string entry)
    {
        var broken = true;
        Api["/friend/get_incremental_friends"] = asked => broken
            ? new JsonObject { ["version"] = 9, ["versionID"] = "log-1", ["full"] = false, ["insert"] = new JsonArray(JsonNode.Parse(entry)) } : _friends.Changes(asked);
        var client = await OpenSyncedAsync(Quiet);
        await NextCallAsync("/friend/get_incremental_friends");
        broken = false;
        _friends.Put(Bob, FriendOf(Bob));
        await PassAsync(1);
        await NextCallAsync("/friend/get_friend_list");
        await NextCallAsync("/group/get_incremental_join_groups");
        Assert.Equal(Bob, Assert.Single(client.Contacts.GetFriends()).UserId);
    }
}
