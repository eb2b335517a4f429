using System.Text;
using System.Text.Json;
using Parley.Edges.OpenIM.Translation;
using Parley.Testing;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>REST: contacts, requests, blocked users, accounts, presence and small values.</summary>
public sealed class RestContactTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    /// <summary>Every path of these areas, with a body that is right: about {user}, who knows {friend}, was asked by {asker}, and blocked {black}.</summary>
    static readonly (string Path, string Body, Caller Caller)[] Paths =
    [
        ("/friend/add_friend", """{"fromUserID":"{user}","toUserID":"{black}","reqMsg":"hi","ex":""}""", Caller.Self),
        ("/friend/add_friend_response", """{"fromUserID":"{asker}","toUserID":"{user}","handleResult":1,"handleMsg":""}""", Caller.Self),
        ("/friend/delete_friend", """{"ownerUserID":"{user}","friendUserID":"{friend}"}""", Caller.Self),
        ("/friend/update_friends", """{"ownerUserID":"{user}","friendUserIDs":["{friend}"],"isPinned":true,"remark":null,"ex":null}""", Caller.Self),
        ("/friend/set_friend_remark", """{"ownerUserID":"{user}","friendUserID":"{friend}","remark":"R"}""", Caller.Self),
        ("/friend/import_friend", """{"ownerUserID":"{user}","friendUserIDs":["{black}"]}""", Caller.Administrator),
        ("/friend/add_black", """{"ownerUserID":"{user}","blackUserID":"{friend}","ex":""}""", Caller.Self),
        ("/friend/remove_black", """{"ownerUserID":"{user}","blackUserID":"{black}"}""", Caller.Self),
        ("/friend/get_friend_list", """{"pagination":{"pageNumber":1,"showNumber":100},"userID":"{user}"}""", Caller.Self),
        ("/friend/get_designated_friends", """{"ownerUserID":"{user}","friendUserIDs":["{friend}"]}""", Caller.Self),
        ("/friend/get_specified_friends_info", """{"ownerUserID":"{user}","userIDList":["{friend}"]}""", Caller.Self),
        ("/friend/get_incremental_friends", """{"userID":"{user}","versionID":"","version":0}""", Caller.Self),
        ("/friend/get_full_friend_user_ids", """{"idHash":0,"userID":"{user}"}""", Caller.Self),
        ("/friend/get_friend_id", """{"userID":"{user}"}""", Caller.Self),
        ("/friend/is_friend", """{"userID1":"{user}","userID2":"{friend}"}""", Caller.Self),
        ("/friend/get_friend_apply_list", """{"userID":"{user}","pagination":null,"handleResults":[0]}""", Caller.Self),
        ("/friend/get_self_friend_apply_list", """{"userID":"{user}"}""", Caller.Self),
        ("/friend/get_self_unhandled_apply_count", """{"userID":"{user}","time":0}""", Caller.Self),
        ("/friend/get_designated_friend_apply", """{"fromUserID":"{asker}","toUserID":"{user}"}""", Caller.Self),
        ("/friend/get_black_list", """{"userID":"{user}","pagination":{"pageNumber":1,"showNumber":200}}""", Caller.Self),
        ("/friend/get_specified_blacks", """{"ownerUserID":"{user}","userIDList":["{black}"]}""", Caller.Self),
        ("/friend/get_incremental_blacks", """{"userID":"{user}","versionID":"","version":0}""", Caller.Self),
        ("/user/update_user_info", """{"userInfo":{"userID":"{user}","nickname":"N"}}""", Caller.Self),
        ("/user/update_user_info_ex", """{"userInfo":{"userID":"{user}","nickname":"N","faceURL":null}}""", Caller.Self),
        ("/user/set_global_msg_recv_opt", """{"userID":"{user}","globalRecvMsgOpt":2}""", Caller.Self),
        ("/user/get_users_status", """{"userID":"{user}","userIDs":["{friend}"]}""", Caller.Self),
        ("/user/subscribe_users_status", """{"userID":"{user}","userIDs":["{friend}"],"genre":1}""", Caller.Self),
        ("/user/get_subscribe_users_status", """{"userID":"{user}"}""", Caller.Self),
        ("/user/get_users", """{"pagination":{"pageNumber":1,"showNumber":10},"userID":"{user}"}""", Caller.Administrator),
        ("/user/get_all_users_uid", """{"pagination":{"pageNumber":1,"showNumber":10}}""", Caller.Administrator),
        ("/user/add_notification_account", """{"userID":"","nickName":"News","faceURL":""}""", Caller.Administrator),
        ("/user/search_notification_account", """{"keyword":"{user}","pagination":{"pageNumber":1,"showNumber":10}}""", Caller.Administrator),
        ("/user/set_user_client_config", """{"userID":"{user}","configs":{"a":"b"}}""", Caller.Administrator),
        ("/user/del_user_client_config", """{"userID":"{user}","keys":["a"]}""", Caller.Administrator),
        ("/user/page_user_client_config", """{"userID":"{user}","pagination":{"pageNumber":1,"showNumber":10}}""", Caller.Administrator),
        ("/user/get_user_client_config", """{"userID":"{user}"}""", Caller.Self),
        ("/user/process_user_command_add", """{"userID":"{user}","type":1,"uuid":"u","value":"v","ex":null}""", Caller.Self),
        ("/user/process_user_command_delete", """{"userID":"{user}","type":1,"uuid":"u"}""", Caller.Self),
        ("/user/process_user_command_get", """{"userID":"{user}","type":1}""", Caller.Self),
        ("/user/process_user_command_get_all", """{"userID":"{user}"}""", Caller.Self),
        ("/third/fcm_update_token", """{"platformID":2,"fcmToken":"t","account":"{user}","expireTime":5}""", Caller.Self),
        ("/third/set_app_badge", """{"userID":"{user}","appUnreadCount":3}""", Caller.Self),
    ];

    public static TheoryData<string, string, Caller> Offered => [.. Paths.Select(path => (path.Path, path.Body, path.Caller))];

    [Theory, MemberData(nameof(Offered))]
    public async Task Every_path_is_for_those_who_may_and_nobody_else(string path, string template, Caller caller)
    {
        var (user, friend, asker, black, stranger) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var (own, admin) = (await _edge.TokenAsync(user), await _edge.AdministratorAsync());
        await DoAsync("/friend/import_friend", new { ownerUserID = user, friendUserIDs = new[] { friend } }, admin);
        await DoAsync("/friend/add_friend", new { fromUserID = asker, toUserID = user }, admin);
        await DoAsync("/friend/add_black", new { ownerUserID = user, blackUserID = black }, own);
        var body = template.Replace("{user}", user).Replace("{friend}", friend).Replace("{asker}", asker).Replace("{black}", black);

        Assert.Equal(ErrorCodes.TokenMalformed, (await CallAsync(path, body, null)).Code);
        Assert.Equal(ErrorCodes.NoPermission, (await CallAsync(path, body, await _edge.TokenAsync(stranger))).Code);
        foreach (var broken in new[] { "", "{", "[]", "5", "null", "\"x\"" }) Assert.Equal(ErrorCodes.Arguments, (await CallAsync(path, broken, admin)).Code);
        if (caller == Caller.Administrator)
        {
            Assert.Equal(ErrorCodes.NoPermission, (await CallAsync(path, body, own)).Code);
            Assert.Equal((0, ""), Said(await CallAsync(path, body, admin)));
            return;
        }

        Assert.Equal((0, ""), Said(await CallAsync(path, body, own)));
        Assert.NotEqual(0, (await CallAsync(path, body.Replace(user, ""), admin)).Code);
        Assert.Equal(ErrorCodes.UserNotFound, (await CallAsync(path, body.Replace(user, "nobody"), admin)).Code);
    }

    [Fact]
    public async Task Friends_are_made_listed_and_let_go()
    {
        var (alice, bob) = (await _edge.NewUserAsync("alice"), await _edge.NewUserAsync("bob"));
        var (asAlice, asBob) = (await _edge.TokenAsync(alice), await _edge.TokenAsync(bob));
        var first = await ChangesAsync(alice, asAlice, "", 0);
        Assert.Equal((1, true), (Version(first), first.GetProperty("full").GetBoolean()));

        Assert.Equal(ErrorCodes.CannotAddSelf, (await _edge.CallAsync("/friend/add_friend", new { fromUserID = alice, toUserID = alice }, asAlice)).Code);
        Assert.Equal(ErrorCodes.UserNotFound, (await _edge.CallAsync("/friend/add_friend", new { fromUserID = alice, toUserID = "nobody" }, asAlice)).Code);
        await DoAsync("/friend/add_friend", new { fromUserID = alice, toUserID = bob, reqMsg = "hi", ex = "x" }, asAlice);
        var asked = (await _edge.CallAsync("/friend/get_friend_apply_list", new { userID = bob, handleResults = new[] { 0 } }, asBob)).Data;
        Assert.Equal(1, asked.GetProperty("total").GetInt32());
        var request = asked.GetProperty("FriendRequests")[0];
        Assert.Equal([alice, $"{alice}'s name", bob, $"{bob}'s name", "hi", "x", "0"],
            Texts(request, "fromUserID", "fromNickname", "toUserID", "toNickname", "reqMsg", "ex", "handleResult"));
        Assert.Equal(1, (await _edge.CallAsync("/friend/get_self_unhandled_apply_count", new { userID = bob, time = 0 }, asBob)).Data.GetProperty("count").GetInt32());

        await DoAsync("/friend/add_friend_response", new { fromUserID = alice, toUserID = bob, handleResult = 1, handleMsg = "ok" }, asBob);
        Assert.Equal(ErrorCodes.FriendRequestHandled, (await _edge.CallAsync("/friend/add_friend_response", new { fromUserID = alice, toUserID = bob, handleResult = -1 }, asBob)).Code);
        Assert.Equal(ErrorCodes.AlreadyFriends, (await _edge.CallAsync("/friend/add_friend", new { fromUserID = alice, toUserID = bob }, asAlice)).Code);
        var answered = (await _edge.CallAsync("/friend/get_self_friend_apply_list", new { userID = alice, handleResults = new[] { 1 } }, asAlice)).Data.GetProperty("friendRequests")[0];
        Assert.Equal(["1", bob, "ok"], Texts(answered, "handleResult", "handlerUserID", "handleMsg"));

        var added = await ChangesAsync(alice, asAlice, Id(first), 1);
        Assert.Equal((2, false, 0), (Version(added), added.GetProperty("full").GetBoolean(), added.GetProperty("sortVersion").GetInt32()));
        Assert.Equal([bob], Friends(added, "insert"));
        await DoAsync("/friend/update_friends", new { ownerUserID = alice, friendUserIDs = new[] { bob }, isPinned = true, remark = "B" }, asAlice);
        var updated = await ChangesAsync(alice, asAlice, Id(first), 2);
        Assert.Equal((3, 3), (Version(updated), updated.GetProperty("sortVersion").GetInt32()));
        Assert.Equal(["B", "True", "2", bob], Texts(updated.GetProperty("update")[0], "remark", "isPinned", "addSource", "operatorUserID"));
        await DoAsync("/user/update_user_info_ex", new { userInfo = new { userID = bob, nickname = "Bobby" } }, asBob);
        Assert.Equal("Bobby", (await ChangesAsync(alice, asAlice, Id(first), 3)).GetProperty("update")[0].GetProperty("friendUser").GetProperty("nickname").GetString());

        Assert.Equal(["True", "True"], Texts((await _edge.CallAsync("/friend/is_friend", new { userID1 = alice, userID2 = bob }, asBob)).Data, "inUser1Friends", "inUser2Friends"));
        await DoAsync("/friend/delete_friend", new { ownerUserID = alice, friendUserID = bob }, asAlice);
        var deleted = await ChangesAsync(alice, asAlice, Id(first), 4);
        Assert.Equal([bob], deleted.GetProperty("delete").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal(["False", "True"], Texts((await _edge.CallAsync("/friend/is_friend", new { userID1 = alice, userID2 = bob }, asAlice)).Data, "inUser1Friends", "inUser2Friends"));
        Assert.Equal(0, (await _edge.CallAsync("/friend/get_friend_list", new { userID = alice, pagination = new { pageNumber = 1, showNumber = 10 } }, asAlice)).Data.GetProperty("total").GetInt32());
        Assert.Equal(ErrorCodes.NotFriend, (await _edge.CallAsync("/friend/set_friend_remark", new { ownerUserID = alice, friendUserID = bob, remark = "x" }, asAlice)).Code);
    }

    [Fact]
    public async Task Blocked_users_are_listed_and_kept_out()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var (asAlice, asBob) = (await _edge.TokenAsync(alice), await _edge.TokenAsync(bob));
        await DoAsync("/friend/add_black", new { ownerUserID = alice, blackUserID = bob, ex = "spam" }, asAlice);
        var black = (await _edge.CallAsync("/friend/get_black_list", new { userID = alice, pagination = new { pageNumber = 1, showNumber = 200 } }, asAlice)).Data.GetProperty("blacks")[0];
        Assert.Equal([alice, "spam", alice], Texts(black, "ownerUserID", "ex", "operatorUserID"));
        Assert.Equal(bob, black.GetProperty("blackUserInfo").GetProperty("userID").GetString());
        Assert.Equal(ErrorCodes.BlockedByPeer, (await _edge.CallAsync("/friend/add_friend", new { fromUserID = bob, toUserID = alice }, asBob)).Code);
        var changes = (await _edge.CallAsync("/friend/get_incremental_blacks", new { userID = alice, versionID = "", version = 0 }, asAlice)).Data;
        await DoAsync("/friend/remove_black", new { ownerUserID = alice, blackUserID = bob }, asAlice);
        var after = (await _edge.CallAsync("/friend/get_incremental_blacks", new { userID = alice, versionID = Id(changes), version = 2 }, asAlice)).Data;
        Assert.Equal((2, 3, bob), (Version(changes), Version(after), after.GetProperty("delete")[0].GetString()));
    }

    /// <summary>The wasm SDK fails the call that changed the list when it reads the list for the notice at the same time.</summary>
    [Fact]
    public async Task Devices_are_told_of_a_changed_block_list_only_when_who_changed_it_is_done()
    {
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(time: time);
        var (alice, bob) = (await edge.NewUserAsync(), await edge.NewUserAsync());
        using var device = await edge.ConnectAsync(alice);
        Assert.Equal(0, (await edge.CallAsync("/friend/add_black", new { ownerUserID = alice, blackUserID = bob }, await edge.TokenAsync(alice, platform: 2))).Code);
        await device.SendTextAsync(alice, "before the notice");
        await time.WhenWaitingAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ContentTypes.Text, (await device.NextMessageAsync()).Message.ContentType);
        var notice = Assert.Single(PushMessages.Parser.ParseFrom((await device.NextAsync()).Data.Span).NotificationMsgs).Value;
        Assert.Equal(NotificationTypes.Blocked, Assert.Single(notice.Msgs).ContentType);
    }

    [Fact]
    public async Task Only_the_user_sees_how_they_want_to_hear_of_messages()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var (asAlice, asBob) = (await _edge.TokenAsync(alice), await _edge.TokenAsync(bob));
        await DoAsync("/user/set_global_msg_recv_opt", new { userID = alice, globalRecvMsgOpt = 2 }, asAlice);
        Assert.Equal(ErrorCodes.Arguments, (await _edge.CallAsync("/user/set_global_msg_recv_opt", new { userID = alice, globalRecvMsgOpt = 3 }, asAlice)).Code);
        foreach (var (token, shown) in new[] { (asAlice, "2"), (asBob, "0"), (await _edge.AdministratorAsync(), "2") })
            Assert.Equal([shown], Texts((await _edge.CallAsync("/user/get_users_info", new { userIDs = new[] { alice } }, token)).Data.GetProperty("usersInfo")[0], "globalRecvMsgOpt"));
    }

    [Fact]
    public async Task Presence_is_told_to_the_connections_that_asked_for_it()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var asAlice = await _edge.TokenAsync(alice, 7);
        using var client = await _edge.ConnectAsync(alice, 5);
        var before = (await _edge.CallAsync("/user/subscribe_users_status", new { userID = alice, userIDs = new[] { bob, "nobody" }, genre = 1 }, asAlice)).Data.GetProperty("statusList");
        Assert.Equal([bob, "0"], Texts(before[0], "userID", "status"));
        Assert.Equal(["nobody", "0"], Texts(before[1], "userID", "status"));
        using var other = await _edge.ConnectAsync(bob, 2);
        Assert.Equal(Requests.SubscribeOnlineStatus, (await client.NextAsync()).ReqIdentifier);
        var watched = (await _edge.CallAsync("/user/get_subscribe_users_status", new { userID = alice }, asAlice)).Data.GetProperty("statusList");
        Assert.Equal((1, bob, 1, 2), (watched.GetArrayLength(), watched[0].GetProperty("userID").GetString(), watched[0].GetProperty("status").GetInt32(), watched[0].GetProperty("platformIDs")[0].GetInt32()));
        await DoAsync("/user/subscribe_users_status", new { userID = alice, userIDs = new[] { bob }, genre = 2 }, asAlice);
        Assert.Equal(0, (await _edge.CallAsync("/user/get_subscribe_users_status", new { userID = alice }, asAlice)).Data.GetProperty("statusList").GetArrayLength());
    }

    [Fact]
    public async Task Settings_of_everyone_are_overwritten_by_the_user_s_own()
    {
        var (alice, bob, admin) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.AdministratorAsync());
        await DoAsync("/user/set_user_client_config", new { userID = "", configs = new { a = "1", b = "1" } }, admin);
        await DoAsync("/user/set_user_client_config", new { userID = alice, configs = new { b = "2" } }, admin);
        async Task<string> OfAsync(string user) => (await _edge.CallAsync("/user/get_user_client_config", new { userID = user }, await _edge.TokenAsync(user))).Data.GetProperty("configs").GetRawText();
        Assert.Equal("""{"a":"1","b":"2"}""", await OfAsync(alice));
        Assert.Equal("""{"a":"1","b":"1"}""", await OfAsync(bob));
        var page = (await _edge.CallAsync("/user/page_user_client_config", new { userID = alice, pagination = new { pageNumber = 1, showNumber = 10 } }, admin)).Data;
        Assert.Equal([alice, "b", "2"], Texts(page.GetProperty("configs")[0], "userID", "key", "value"));
        await DoAsync("/user/del_user_client_config", new { userID = "", keys = new[] { "a", "b" } }, admin);
        Assert.Equal("""{"b":"2"}""", await OfAsync(alice));
    }

    [Fact]
    public async Task Commands_are_kept_by_type_and_id()
    {
        var alice = await _edge.NewUserAsync();
        var token = await _edge.TokenAsync(alice);
        await DoAsync("/user/process_user_command_add", new { userID = alice, type = 1, uuid = "a:b", value = "v", ex = "e" }, token);
        await DoAsync("/user/process_user_command_add", new { userID = alice, type = 12, uuid = "c", value = "w" }, token);
        await DoAsync("/user/process_user_command_update", new { userID = alice, type = 1, uuid = "a:b", value = "new" }, token);
        Assert.Equal(ErrorCodes.RecordNotFound, (await _edge.CallAsync("/user/process_user_command_update", new { userID = alice, type = 2, uuid = "a:b", value = "new" }, token)).Code);
        var some = (await _edge.CallAsync("/user/process_user_command_get", new { userID = alice, type = 1 }, token)).Data.GetProperty("CommandResp");
        Assert.Equal(1, some.GetArrayLength());
        Assert.Equal(["1", "a:b", "new", "e"], Texts(some[0], "type", "uuid", "value", "ex"));
        await DoAsync("/user/process_user_command_delete", new { userID = alice, type = 1, uuid = "a:b" }, token);
        Assert.Equal(["12"], Texts((await _edge.CallAsync("/user/process_user_command_get_all", new { userID = alice }, token)).Data.GetProperty("CommandResp")[0], "type"));
    }

    [Fact]
    public async Task Accounts_that_speak_for_the_system_are_added_found_and_changed()
    {
        var (admin, name) = (await _edge.AdministratorAsync(), await _edge.NewUserAsync("News"));
        var made = (await _edge.CallAsync("/user/add_notification_account", new { userID = "", nickName = name, faceURL = "f" }, admin)).Data;
        var id = made.GetProperty("userID").GetString()!;
        Assert.Equal(["3", name, "f"], Texts(made, "appMangerLevel", "nickName", "faceURL"));
        Assert.Equal(ErrorCodes.Arguments, (await _edge.CallAsync("/user/add_notification_account", new { userID = "", nickName = name, appMangerLevel = 2 }, admin)).Code);
        Assert.Equal(ErrorCodes.AlreadyRegistered, (await _edge.CallAsync("/user/add_notification_account", new { userID = id, nickName = name }, admin)).Code);
        // An ordinary user of that name is not found, and not changed.
        var found = (await _edge.CallAsync("/user/search_notification_account", new { keyword = name, pagination = new { pageNumber = 1, showNumber = 10 } }, admin)).Data;
        Assert.Equal((1, id), (found.GetProperty("total").GetInt32(), found.GetProperty("notificationAccounts")[0].GetProperty("userID").GetString()));
        Assert.Equal(ErrorCodes.UserNotFound, (await _edge.CallAsync("/user/update_notification_account", new { userID = name, nickName = "x" }, admin)).Code);
        await DoAsync("/user/update_notification_account", new { userID = id, nickName = "Weather", faceURL = "" }, admin);
        var info = (await _edge.CallAsync("/user/get_users", new { userID = id, pagination = new { pageNumber = 1, showNumber = 10 } }, admin)).Data.GetProperty("users")[0];
        Assert.Equal(["Weather", "f", "3"], Texts(info, "nickname", "faceURL", "appMangerLevel"));
    }

    [Fact]
    public async Task Logs_are_not_taken_and_that_is_said()
        => Assert.Equal(ErrorCodes.RecordNotFound, (await _edge.CallAsync("/third/logs/upload", new { platform = 5, fileURLs = Array.Empty<object>() }, await _edge.TokenAsync(await _edge.NewUserAsync()))).Code);

    async Task<JsonElement> ChangesAsync(string user, string token, string versionId, int version)
        => (await _edge.CallAsync("/friend/get_incremental_friends", new { userID = user, versionID = versionId, version }, token)).Data;

    async Task DoAsync(string path, object body, string token) => Assert.Equal((0, ""), Said(await _edge.CallAsync(path, body, token)));

    Task<RestReply> CallAsync(string path, string body, string? token) => _edge.CallAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), token);

    static (int, string) Said(RestReply reply) => (reply.Code, reply.Text);

    static int Version(JsonElement list) => list.GetProperty("version").GetInt32();

    static string Id(JsonElement list) => list.GetProperty("versionID").GetString()!;

    static string[] Friends(JsonElement changes, string key) => [.. changes.GetProperty(key).EnumerateArray().Select(friend => friend.GetProperty("friendUser").GetProperty("userID").GetString()!)];

    static string[] Texts(JsonElement item, params string[] keys) => [.. keys.Select(key => item.GetProperty(key).ToString())];
}
