using System.Text;
using System.Text.Json;
using Parley.Testing;
using Parley.Wire.OpenIM;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>REST: its conventions, tokens and users.</summary>
public sealed class RestTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    /// <summary>Every path that is offered, with a body that is right but for the user, which is {user}.</summary>
    public static readonly (string Path, string Body, Caller Caller)[] Paths =
    [
        ("/auth/get_admin_token", """{"secret":"","userID":"imAdmin"}""", Caller.Anyone),
        ("/auth/parse_token", """{"token":"x"}""", Caller.Anyone),
        ("/auth/get_user_token", """{"userID":"{user}","platformID":5}""", Caller.Administrator),
        ("/auth/force_logout", """{"userID":"{user}","platformID":3}""", Caller.Administrator),
        ("/user/user_register", """{"users":[{"userID":"{user}"}]}""", Caller.Administrator),
        ("/user/account_check", """{"checkUserIDs":["{user}"]}""", Caller.Administrator),
        ("/user/get_users_info", """{"userIDs":["{user}"]}""", Caller.TokenHolder),
        ("/msg/get_server_time", "{}", Caller.TokenHolder),
        ("/user/get_user_client_config", """{"userID":"{user}"}""", Caller.Self),
        ("/msg/send_msg", """{"sendID":"{user}","recvID":"{user}","sessionType":1,"contentType":101,"content":{"content":"x"}}""", Caller.Self),
        ("/msg/newest_seq", """{"userID":"{user}"}""", Caller.Self),
        ("/msg/pull_msg_by_seq", """{"userID":"{user}","seqRanges":[],"order":0}""", Caller.Self),
        ("/msg/get_conversations_has_read_and_max_seq", """{"userID":"{user}","conversationIDs":null}""", Caller.Self),
        ("/msg/mark_conversation_as_read", """{"userID":"{user}","conversationID":"si_{user}_{user}","hasReadSeq":1}""", Caller.Self),
        ("/msg/set_conversation_has_read_seq", """{"userID":"{user}","conversationID":"si_{user}_{user}","hasReadSeq":1}""", Caller.Self),
        ("/msg/mark_msgs_as_read", """{"userID":"{user}","conversationID":"si_{user}_{user}","seqs":[1]}""", Caller.Self),
        ("/msg/clear_conversation_msg", """{"userID":"{user}","conversationIDs":["si_{user}_{user}"],"deleteSyncOpt":null}""", Caller.Self),
        ("/group/get_incremental_join_groups", """{"userID":"{user}","versionID":"","version":0}""", Caller.Self),
        ("/group/get_joined_group_list", """{"pagination":{"pageNumber":1,"showNumber":100},"fromUserID":"{user}"}""", Caller.Self),
        ("/group/get_full_join_group_ids", """{"idHash":0,"userID":"{user}"}""", Caller.Self),
        ("/group/get_incremental_group_members_batch", """{"userID":"{user}","reqList":[]}""", Caller.Self),
        ("/group/get_recv_group_applicationList", """{"fromUserID":"{user}","pagination":{"pageNumber":1,"showNumber":10}}""", Caller.Self),
        ("/group/get_user_req_group_applicationList", """{"userID":"{user}","pagination":{"pageNumber":1,"showNumber":10}}""", Caller.Self),
        ("/group/get_group_application_unhandled_count", """{"userID":"{user}","time":0}""", Caller.Self),
        ("/group/get_groups_info", """{"groupIDs":["x"]}""", Caller.TokenHolder),
        ("/group/get_group_abstract_info", """{"groupIDs":["x"]}""", Caller.TokenHolder),
        ("/group/get_groups", """{"pagination":{"pageNumber":1,"showNumber":1}}""", Caller.Administrator),
        ("/friend/get_incremental_friends", """{"userID":"{user}","versionID":"","version":0}""", Caller.Self),
        ("/friend/get_friend_list", """{"pagination":{"pageNumber":1,"showNumber":100},"userID":"{user}"}""", Caller.Self),
        ("/friend/get_full_friend_user_ids", """{"idHash":0,"userID":"{user}"}""", Caller.Self),
        ("/friend/get_black_list", """{"userID":"{user}","pagination":{"pageNumber":1,"showNumber":200}}""", Caller.Self),
        ("/friend/get_designated_friends", """{"ownerUserID":"{user}","friendUserIDs":["x"]}""", Caller.Self),
        ("/friend/get_friend_apply_list", """{"userID":"{user}"}""", Caller.Self),
        ("/friend/get_self_friend_apply_list", """{"userID":"{user}"}""", Caller.Self),
        ("/conversation/get_incremental_conversations", """{"userID":"{user}","versionID":"","version":0}""", Caller.Self),
        ("/conversation/get_owner_conversation", """{"userID":"{user}","pagination":{"pageNumber":1,"showNumber":300}}""", Caller.Self),
        ("/conversation/get_all_conversations", """{"ownerUserID":"{user}"}""", Caller.Self),
        ("/conversation/get_conversations", """{"ownerUserID":"{user}","conversationIDs":["si_{user}_{user}"]}""", Caller.Self),
        ("/conversation/get_conversation", """{"ownerUserID":"{user}","conversationID":"si_{user}_{user}"}""", Caller.Self),
        ("/conversation/get_full_conversation_ids", """{"idHash":0,"userID":"{user}"}""", Caller.Self),
        ("/conversation/get_not_notify_conversation_ids", """{"userID":"{user}"}""", Caller.Self),
        ("/conversation/get_pinned_conversation_ids", """{"userID":"{user}"}""", Caller.Self),
        ("/jssdk/get_active_conversations", """{"ownerUserID":"{user}","count":10}""", Caller.Self),
        ("/jssdk/get_conversations", """{"ownerUserID":"{user}","conversationIDs":["si_{user}_{user}"]}""", Caller.Self),
    ];

    public static TheoryData<string, string, Caller> Offered => [.. Paths.Select(path => (path.Path, path.Body, path.Caller))];

    [Theory, MemberData(nameof(Offered))]
    public async Task Every_path_keeps_the_conventions(string path, string template, Caller caller)
    {
        var (user, other) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var client = await _edge.ConnectAsync(user, 7);
        await client.SendTextAsync(user, "x");
        var (own, admin) = (await _edge.TokenAsync(user), await _edge.AdministratorAsync());
        var (body, others) = (template.Replace("{user}", user), template.Replace("{user}", other));

        Assert.Equal(ErrorCodes.Arguments, (await CallAsync(path, body, admin, operationId: null)).Code);
        if (caller != Caller.Anyone)
        {
            Assert.Equal(ErrorCodes.TokenMalformed, (await CallAsync(path, body, null)).Code);
            Assert.Equal(ErrorCodes.TokenNotExist, (await CallAsync(path, body, "nobodys")).Code);
        }

        if (path != "/msg/get_server_time")
            foreach (var broken in new[] { "", "{", "[]", "5", "null", "\"x\"", "{\"userID\":5,\"ownerUserID\":5,\"users\":5,\"userIDs\":5,\"checkUserIDs\":5,\"secret\":5,\"token\":5,\"sendID\":5,\"fromUserID\":5,\"groupIDs\":5,\"pagination\":5}" })
                Assert.Equal(ErrorCodes.Arguments, (await CallAsync(path, broken, admin)).Code);
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync(path, new string(' ', (1 << 20) + 1), admin)).Code);

        if (caller is Caller.Self or Caller.TokenHolder) Assert.Equal(0, (await CallAsync(path, body, own)).Code);
        if (caller == Caller.Administrator) Assert.Equal(ErrorCodes.NoPermission, (await CallAsync(path, body, own)).Code);
        if (caller == Caller.Self)
        {
            Assert.Equal(ErrorCodes.NoPermission, (await CallAsync(path, others, own)).Code);
            Assert.Equal(0, (await CallAsync(path, body, admin)).Code);
            Assert.NotEqual(0, (await CallAsync(path, template.Replace("{user}", ""), admin)).Code);
            Assert.NotEqual(0, (await CallAsync(path, template.Replace("{user}", "nobody"), admin)).Code);
        }
    }

    [Theory]
    [InlineData("/friend/nothing")]
    [InlineData("/group/nothing")]
    [InlineData("/msg/nothing")]
    [InlineData("/object/part_limit")]
    [InlineData("/third/logs/upload")]
    [InlineData("/auth")]
    [InlineData("/msg/a/b/c")]
    public async Task What_is_not_offered_says_so(string path)
    {
        var answer = await CallAsync(path, "{}", null);
        Assert.Equal((ErrorCodes.RecordNotFound, "this path is not offered by this server"), (answer.Code, answer.Text));
    }

    [Theory, InlineData("/auth/parse_token"), InlineData("/friend/add_friend")]
    public async Task Browsers_may_call_from_anywhere(string path)
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, path);
        preflight.Headers.Add("Origin", "http://page.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type,operationid,token");
        using var response = await _edge.SendAsync(preflight);
        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("*", string.Join(',', response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(["content-type", "operationid", "token"], string.Join(',', response.Headers.GetValues("Access-Control-Allow-Headers")).Split(", "));
        Assert.Contains("POST", string.Join(',', response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal("86400", string.Join(',', response.Headers.GetValues("Access-Control-Max-Age")));

        using var get = await _edge.SendAsync(new HttpRequestMessage(HttpMethod.Get, path));
        Assert.Contains($"\"errCode\":{ErrorCodes.Arguments}", await get.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Tokens_say_whose_they_are()
    {
        var user = await _edge.NewUserAsync();
        var issued = await CallAsync("/auth/get_user_token", $$"""{"userID":"{{user}}","platformID":1}""", await _edge.AdministratorAsync());
        Assert.Equal(90 * 86_400, issued.Data.GetProperty("expireTimeSeconds").GetInt64());
        var parsed = await CallAsync("/auth/parse_token", JsonSerializer.Serialize(new { token = issued.Data.GetProperty("token").GetString() }), null);
        Assert.Equal((user, 1), (parsed.Data.GetProperty("userID").GetString(), parsed.Data.GetProperty("platformID").GetInt32()));
        Assert.Equal(ErrorCodes.TokenNotExist, (await CallAsync("/auth/parse_token", """{"token":"x"}""", null)).Code);
        Assert.Equal(ErrorCodes.TokenMalformed, (await CallAsync("/auth/parse_token", "{}", null)).Code);

        var administrator = await _edge.AdministratorAsync();
        Assert.Equal(ErrorCodes.UserNotFound, (await CallAsync("/auth/get_user_token", """{"userID":"nobody","platformID":1}""", administrator)).Code);
        Assert.Equal(ErrorCodes.NoPermission, (await CallAsync("/auth/get_user_token", $$"""{"userID":"{{user}}","platformID":10}""", administrator)).Code);
        Assert.Equal(ErrorCodes.NoPermission, (await CallAsync("/auth/get_user_token", $$"""{"userID":"{{user}}","platformID":0}""", administrator)).Code);
        Assert.Equal(ErrorCodes.UserNotFound, (await CallAsync("/auth/force_logout", """{"userID":"nobody","platformID":1}""", administrator)).Code);
    }

    [Fact]
    public async Task An_administrator_names_the_app_of_a_call_and_a_token_may_be_for_some_only()
    {
        var user = await _edge.NewUserAsync();
        async Task<int> RegisterAsync(string token, long? app) => (await _edge.CallAsync("/user/user_register", new { users = new[] { new { userID = $"{user}-{app}", nickname = "n" } } }, token, app: app)).Code;
        async Task<string> NarrowedAsync(params long[] apps)
            => (await _edge.CallAsync("/auth/get_admin_token", new { secret = RunningEdge.Secret, userID = "imAdmin", apps })).Data.GetProperty("token").GetString()!;

        var narrow = await NarrowedAsync(7, 8);
        Assert.Equal((0, 0), (await RegisterAsync(narrow, 7), await RegisterAsync(narrow, 8)));
        Assert.Equal((ErrorCodes.NoPermission, ErrorCodes.NoPermission), (await RegisterAsync(narrow, 9), await RegisterAsync(narrow, null)));
        Assert.Equal(0, await RegisterAsync(await _edge.AdministratorAsync(), 9));
        Assert.Equal(ErrorCodes.NoPermission, await RegisterAsync(await _edge.TokenAsync(user), 7));
        // What is in one app is not in another, and a token is its user's in that app.
        var account = new { checkUserIDs = new[] { $"{user}-7" } };
        Assert.Equal((1, 0), (await StatusAsync(7), await StatusAsync(8)));
        Assert.Equal(0, (await _edge.CallAsync("/auth/get_user_token", new { userID = $"{user}-7", platformID = 5 }, narrow, app: 7)).Code);
        Assert.Equal(ErrorCodes.UserNotFound, (await _edge.CallAsync("/auth/get_user_token", new { userID = $"{user}-7", platformID = 5 }, narrow, app: 8)).Code);

        async Task<int> StatusAsync(long app)
            => (await _edge.CallAsync("/user/account_check", account, narrow, app: app)).Data.GetProperty("results")[0].GetProperty("accountStatus").GetInt32();
    }

    [Fact]
    public async Task Wrong_secrets_are_counted_per_minute()
    {
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(options => options.MaxWrongSecretsPerMinute = 3, time: time);
        var (right, wrong) = (new { secret = RunningEdge.Secret, userID = "imAdmin" }, new { secret = "guess", userID = "imAdmin" });
        Assert.Equal(ErrorCodes.NoPermission, (await edge.CallAsync("/auth/get_admin_token", new { secret = RunningEdge.Secret, userID = "somebody" })).Code);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, (await edge.CallAsync("/auth/get_admin_token", right)).Code);
            Assert.Equal(ErrorCodes.NoPermission, (await edge.CallAsync("/auth/get_admin_token", wrong)).Code);
        }

        Assert.Equal(ErrorCodes.NoPermission, (await edge.CallAsync("/auth/get_admin_token", right)).Code);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, (await edge.CallAsync("/auth/get_admin_token", right)).Code);
    }

    [Fact]
    public async Task Without_a_secret_nobody_is_an_administrator()
    {
        await using var edge = await RunningEdge.StartAsync(options => options.Secret = "");
        Assert.Equal(ErrorCodes.NoPermission, (await edge.CallAsync("/auth/get_admin_token", new { secret = "", userID = "imAdmin" })).Code);
    }

    [Fact]
    public async Task Users_are_registered_all_or_none()
    {
        var admin = await _edge.AdministratorAsync();
        var (one, two) = ($"r1-{Guid.NewGuid():N}", $"r2-{Guid.NewGuid():N}");
        Assert.Equal(0, (await CallAsync("/user/user_register", $$"""{"users":[{"userID":"{{one}}","nickname":"One","faceURL":"http://f","ex":"e"}]}""", admin)).Code);
        Assert.Equal(ErrorCodes.AlreadyRegistered, (await CallAsync("/user/user_register", $$"""{"users":[{"userID":"{{two}}"},{"userID":"{{one}}"}]}""", admin)).Code);
        foreach (var bad in new[] { """{"users":[]}""", """{"users":[null]}""", """{"users":[{"userID":""}]}""", """{"users":[{}]}""" })
            Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/user/user_register", bad, admin)).Code);

        var info = await CallAsync("/user/get_users_info", $$"""{"userIDs":["{{one}}","{{two}}",null,"nobody"]}""", admin);
        var user = Assert.Single(info.Data.GetProperty("usersInfo").EnumerateArray());
        Assert.Equal(["userID", "nickname", "faceURL", "ex", "createTime", "appMangerLevel", "globalRecvMsgOpt"], user.EnumerateObject().Select(property => property.Name));
        Assert.Equal((one, "One", "http://f", "e"), (user.GetProperty("userID").GetString(), user.GetProperty("nickname").GetString(), user.GetProperty("faceURL").GetString(), user.GetProperty("ex").GetString()));
        Assert.InRange(user.GetProperty("createTime").GetInt64(), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeMilliseconds());

        var check = await CallAsync("/user/account_check", $$"""{"checkUserIDs":["{{one}}","{{two}}"]}""", admin);
        Assert.Equal([(one, 1), (two, 0)], check.Data.GetProperty("results").EnumerateArray().Select(result => (result.GetProperty("userID").GetString()!, result.GetProperty("accountStatus").GetInt32())));
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/user/get_users_info", JsonSerializer.Serialize(new { userIDs = new string[1_001] }), admin)).Code);
    }

    Task<RestReply> CallAsync(string path, string body, string? token, string? operationId = "op")
        => _edge.CallAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), token, operationId);
}

/// <summary>Whose call a path takes.</summary>
public enum Caller
{
    Anyone,
    TokenHolder,
    Self,
    Administrator,
}
