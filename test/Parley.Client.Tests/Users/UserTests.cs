using System.Text.Json.Nodes;
using Google.Protobuf;
using Parley.Client.Tests.Peer;
using Parley.Client.Users;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Users;

public sealed class UserTests : ClientTest
{
    Task TellPresenceAsync(string userId, params int[] platforms)
    {
        var tips = new SubUserOnlineStatusTips { Subscribers = { new SubUserOnlineStatusElem { UserID = userId, OnlinePlatformIDs = { platforms } } } };
        return Server.SendAsync(new ResponseEnvelope(Requests.SubscribeOnlineStatus, 0, "", "", "", tips.ToByteArray())).AsTask();
    }

    [Fact]
    public async Task Who_is_watched_is_told_now_and_with_each_change()
    {
        var client = await OpenSyncedAsync();
        await Soon(client.Users.WatchAsync([Bob]));
        Assert.Equal([5], (await NextAsync<ParleyEvent.PresenceChanged>(client)).Presence.Platforms);
        await TellPresenceAsync("stranger", 1);
        await TellPresenceAsync(Bob, 5);
        await TellPresenceAsync(Bob);
        Assert.False((await NextAsync<ParleyEvent.PresenceChanged>(client)).Presence.IsOnline);
        Assert.Equal((false, null), (client.Users.GetPresence(Bob)!.IsOnline, client.Users.GetPresence("stranger")));
    }

    [Fact]
    public async Task Watching_survives_a_reconnect_and_works_from_offline()
    {
        Server.Reachable = false;
        var client = await OpenAsync();
        await NextAsync(client, ConnectionState.Offline);
        await Soon(client.Users.WatchAsync([Bob]));
        Assert.Null(client.Users.GetPresence(Bob));
        Server.Reachable = true;
        await PassAsync(1);
        Assert.True((await NextAsync<ParleyEvent.PresenceChanged>(client)).Presence.IsOnline);

        Server.Cut();
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        Assert.True((await NextAsync<ParleyEvent.PresenceChanged>(client)).Presence.IsOnline);
    }

    [Fact]
    public async Task Who_is_no_longer_watched_is_no_longer_told()
    {
        var client = await OpenSyncedAsync();
        await Soon(client.Users.WatchAsync([Bob, "cat"]));
        await Soon(client.Users.UnwatchAsync([Bob]));
        await TellPresenceAsync(Bob);
        await TellPresenceAsync("cat");
        while ((await NextAsync<ParleyEvent.PresenceChanged>(client)).Presence is { IsOnline: true }) { }
        Assert.Equal((null, false), (client.Users.GetPresence(Bob), client.Users.GetPresence("cat")!.IsOnline));
    }

    [Fact]
    public async Task Too_many_to_watch_are_declined_wholly()
    {
        var client = await OpenSyncedAsync(options => options with { MaxWatchedUsers = 2 });
        await Soon(client.Users.WatchAsync([Bob]));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Users.WatchAsync(["cat", "dan"]));
        await Soon(client.Users.WatchAsync([Bob, "cat"]));
    }

    [Fact]
    public async Task Profiles_are_asked_of_the_server()
    {
        Api["/user/get_users_info"] = asked => new JsonObject
        {
            ["usersInfo"] = new JsonArray([.. asked.GetProperty("userIDs").EnumerateArray().Select(id => id.GetString()!).Where(id => id != "unknown")
                .Select(id => new JsonObject { ["userID"] = id, ["nickname"] = id.ToUpperInvariant(), ["globalRecvMsgOpt"] = 2 })]),
        };
        var client = await OpenSyncedAsync();
        Assert.Equal(["BOB"], (await Soon(client.Users.GetAsync([Bob, "unknown"]))).Select(one => one.Nickname));
        Assert.Equal((Alice, ReceiveOption.Silent), await Soon(client.Users.GetSelfAsync()) is var self ? (self.UserId, self.Receive) : default);
        Api["/user/get_users_info"] = _ => null;
        Assert.Equal(ErrorCodes.UserNotFound, (await Assert.ThrowsAsync<ParleyException>(() => Soon(client.Users.GetSelfAsync()))).Code);
    }

    [Fact]
    public async Task Every_change_asks_what_the_protocol_says()
    {
        var client = await OpenSyncedAsync();
        (string Path, string Body, Func<Task> Change)[] changes =
        [
            ("/user/update_user_info_ex", """{"userInfo":{"userID":"alice","nickname":"Al","faceURL":null,"ex":null,"globalRecvMsgOpt":null}}""",
                () => client.Users.ChangeSelfAsync(new ProfileChange { Nickname = "Al" })),
            ("/user/set_global_msg_recv_opt", """{"userID":"alice","globalRecvMsgOpt":1}""", () => client.Users.SetReceiveAsync(ReceiveOption.Refuse)),
            ("/user/process_user_command_add", """{"userID":"alice","type":3,"uuid":"a","value":"v","ex":""}""", () => client.Users.AddCommandAsync(new(3, "a", "v", "", null))),
            ("/user/process_user_command_delete", """{"userID":"alice","type":3,"uuid":"a"}""", () => client.Users.DeleteCommandAsync(3, "a")),
            ("/third/set_app_badge", """{"userID":"alice","appUnreadCount":4}""", () => client.Users.SetBadgeAsync(4)),
            ("/third/fcm_update_token", """{"platformID":7,"fcmToken":"t","account":"alice","expireTime":9}""",
                () => client.Users.SetPushTokenAsync("t", DateTimeOffset.FromUnixTimeMilliseconds(9))),
        ];
        foreach (var (path, body, change) in changes)
        {
            await Soon(change());
            Assert.Equal(body, (await NextCallAsync(path)).Body);
        }
        await Soon(client.Users.SetBackgroundAsync(true));
        Assert.True(SetAppBackgroundStatusReq.Parser.ParseFrom((await NextRequestAsync(Requests.SetBackground)).Data.Span).IsBackground);
    }

    [Fact]
    public async Task What_the_server_keeps_for_a_user_is_read()
    {
        Api["/user/get_user_client_config"] = _ => new JsonObject { ["configs"] = new JsonObject { ["theme"] = "dark" } };
        Api["/user/process_user_command_get_all"] = _ => new JsonObject { ["CommandResp"] = new JsonArray(new JsonObject { ["type"] = 1, ["uuid"] = "a", ["value"] = "v" }) };
        Api["/user/get_users_status"] = _ => new JsonObject { ["statusList"] = new JsonArray(new JsonObject { ["userID"] = Bob, ["status"] = 1, ["platformIDs"] = new JsonArray(1, 5) }) };
        var client = await OpenSyncedAsync();
        Assert.Equal("dark", (await Soon(client.Users.GetConfigurationAsync()))["theme"]);
        Assert.Equal(new UserCommand(1, "a", "v", "", null), Assert.Single(await Soon(client.Users.GetCommandsAsync())));
        Assert.Equal([1, 5], Assert.Single(await Soon(client.Users.AskPresenceAsync([Bob]))).Platforms);
        Api["/user/get_user_client_config"] = _ => null;
        Assert.Empty(await Soon(client.Users.GetConfigurationAsync()));
    }

    [Fact]
    public async Task An_own_profile_changed_elsewhere_is_told()
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync("n_alice_alice", ScriptedServer.Notice(1303, new() { ["userID"] = Alice }));
        await NextAsync<ParleyEvent.ProfileChanged>(client);
    }
}
