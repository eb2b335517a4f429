using System.Net.WebSockets;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Testing;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Who is connected, who has to leave, and who is told.</summary>
public sealed class SessionTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    [Theory, InlineData(false, true), InlineData(true, false)]
    public async Task A_new_token_on_the_same_platform_kicks_the_old_device(bool isJson, bool isCompressed)
    {
        var user = await _edge.NewUserAsync();
        var firstToken = await _edge.TokenAsync(user);
        using var first = await _edge.ConnectAsync(user, 5, isJson, isCompressed, firstToken);
        using var elsewhere = await _edge.ConnectAsync(user, 1);
        using var second = await _edge.ConnectAsync(user, 5);

        var kick = await first.NextAsync();
        Assert.Equal((Requests.Kicked, 0, "", 0), (kick.ReqIdentifier, kick.ErrCode, kick.MsgIncr, kick.Data.Length));
        await first.WaitClosedAsync();
        using var again = new OpenIMClient(user);
        Assert.Equal(ErrorCodes.TokenKicked, (await again.ConnectAsync(_edge.Address, firstToken, 5)).ErrCode);
        Assert.Equal(ErrorCodes.TokenKicked, (await _edge.CallAsync("/user/get_users_info", new { userIDs = new[] { user } }, firstToken)).Code);

        // The others are still there.
        await second.SendTextAsync(user, "to myself");
        Assert.Equal($"si_{user}_{user}", (await elsewhere.NextMessageAsync()).ConversationId);
    }

    [Fact]
    public async Task The_same_token_may_connect_again()
    {
        var user = await _edge.NewUserAsync();
        var token = await _edge.TokenAsync(user);
        using var first = await _edge.ConnectAsync(user, token: token);
        using var second = await _edge.ConnectAsync(user, token: token);
        await second.SendTextAsync(user, "x");
        Assert.Equal(1, (await first.NextMessageAsync()).Message.Seq);
    }

    [Fact]
    public async Task A_forced_logout_ends_the_sessions_of_that_platform()
    {
        var user = await _edge.NewUserAsync();
        using var web = await _edge.ConnectAsync(user, 5);
        using var phone = await _edge.ConnectAsync(user, 1);
        Assert.Equal(0, (await _edge.CallAsync("/auth/force_logout", new { userID = user, platformID = 5 }, await _edge.AdministratorAsync())).Code);
        Assert.Equal(Requests.Kicked, (await web.NextAsync()).ReqIdentifier);
        await web.WaitClosedAsync();
        Assert.Equal(0, (await phone.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = user })).ErrCode);
    }

    [Fact]
    public async Task Presence_is_answered_and_then_pushed_on_every_change()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var watcher = await _edge.ConnectAsync(alice);
        using var phone = await _edge.ConnectAsync(bob, 1);
        var tips = await watcher.AskAsync(Requests.SubscribeOnlineStatus, new SubUserOnlineStatus { SubscribeUserID = { bob, "nobody" } }, SubUserOnlineStatusTips.Parser);
        Assert.Equal([bob, "nobody"], tips.Subscribers.Select(status => status.UserID));
        Assert.Equal([1], tips.Subscribers[0].OnlinePlatformIDs);
        Assert.Empty(tips.Subscribers[1].OnlinePlatformIDs);

        using var web = await _edge.ConnectAsync(bob, 5);
        Assert.Equal([1, 5], await NextStatusAsync(watcher, bob));
        await phone.CloseAsync();
        Assert.Equal([5], await NextStatusAsync(watcher, bob));
        web.Socket.Abort();
        Assert.Empty(await NextStatusAsync(watcher, bob));

        Assert.Equal(0, (await watcher.AskAsync(Requests.SubscribeOnlineStatus, new SubUserOnlineStatus { UnsubscribeUserID = { bob } })).ErrCode);
        using var back = await _edge.ConnectAsync(bob, 5);
        await back.SendTextAsync(alice, "x");
        Assert.Equal(Requests.Push, (await watcher.NextAsync()).ReqIdentifier);
    }

    [Fact]
    public async Task Logout_is_answered_then_closed_and_the_token_lives_on()
    {
        var user = await _edge.NewUserAsync();
        var token = await _edge.TokenAsync(user);
        using var client = await _edge.ConnectAsync(user, token: token);
        Assert.Equal(0, (await client.AskAsync(Requests.Logout, new DelUserPushTokenReq { UserID = user, PlatformID = 5 })).ErrCode);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await client.WaitClosedAsync());
        using var again = await _edge.ConnectAsync(user, token: token);
    }

    [Fact]
    public async Task The_background_is_noted()
    {
        var user = await _edge.NewUserAsync();
        using var client = await _edge.ConnectAsync(user);
        Assert.Equal(0, (await client.AskAsync(Requests.SetBackground, new SetAppBackgroundStatusReq { UserID = user, IsBackground = true })).ErrCode);
        Assert.True(await _edge.Sequencer.QueryAsync((state, sessions) =>
        {
            state.App(0).Users.TryFind(user, out var number);
            return Assert.Single(sessions.Of(0, number)).IsBackground;
        }));
    }

    [Theory]
    [InlineData(Requests.SendSignal)]
    [InlineData(Requests.Push)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public async Task What_is_not_offered_is_answered_with_an_error(int reqIdentifier)
    {
        var user = await _edge.NewUserAsync();
        using var client = await _edge.ConnectAsync(user);
        Assert.Equal(ErrorCodes.Arguments, (await client.AskAsync(reqIdentifier, null)).ErrCode);
        Assert.Equal(0, (await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = user })).ErrCode);
    }

    [Fact]
    public async Task Nobody_speaks_for_another()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var client = await _edge.ConnectAsync(alice);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = alice }, sendId: bob)).ErrCode);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = bob })).ErrCode);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.PullBySeqRange, new PullMessageBySeqsReq { UserID = bob })).ErrCode);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.PullBySeqList, new GetSeqMessageReq { UserID = bob })).ErrCode);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.HasReadAndMaxSeq, new GetConversationsHasReadAndMaxSeqReq { UserID = bob })).ErrCode);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.LastMessage, new GetLastMessageReq { UserID = bob })).ErrCode);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.SetBackground, new SetAppBackgroundStatusReq { UserID = bob })).ErrCode);
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.Logout, new DelUserPushTokenReq { UserID = bob })).ErrCode);
        var forged = client.Text(bob, "x");
        forged.SendID = bob;
        Assert.Equal(ErrorCodes.NoPermission, (await client.AskAsync(Requests.SendMessage, forged)).ErrCode);
    }

    [Fact]
    public async Task A_thousand_connections_leave_nothing_behind()
    {
        const int count = 1_000;
        await using var edge = await RunningEdge.StartAsync(core: options => (options.MaxSessionsPerUser, options.LoginPolicy) = (count, LoginPolicy.All));
        var (watching, watched) = (await edge.NewUserAsync(), await edge.NewUserAsync());
        using var watcher = await edge.ConnectAsync(watching);
        await watcher.AskAsync(Requests.SubscribeOnlineStatus, new SubUserOnlineStatus { SubscribeUserID = { watched } });
        var token = await edge.TokenAsync(watched);
        var clients = new List<OpenIMClient>();
        foreach (var part in Enumerable.Range(0, count).Chunk(50))
            clients.AddRange(await Task.WhenAll(part.Select(_ => edge.ConnectAsync(watched, token: token))));
        Assert.Equal(count + 1, await edge.CountSessionsAsync());
        Assert.Equal(count + 1, edge.Connections);

        foreach (var client in clients) client.Dispose();
        while ((await NextStatusAsync(watcher, watched)).Count > 0)
        {
        }

        Assert.Equal(1, await edge.CountSessionsAsync());
    }

    [Fact]
    public async Task A_stopping_server_answers_what_is_under_way_and_says_goodbye()
    {
        var edge = await RunningEdge.StartAsync();
        var user = await edge.NewUserAsync();
        using var client = await edge.ConnectAsync(user);
        for (var i = 0; i < 100; i++) await client.PostAsync(Requests.SendMessage, client.Text(user, "x"));
        await client.NextAsync();
        var stopping = edge.StopAsync();
        var answers = 1;
        while (await client.TryNextAsync() is { } frame)
        {
            if (frame.ReqIdentifier != Requests.SendMessage) continue;
            Assert.Equal(0, frame.ErrCode);
            answers++;
        }

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.Socket.CloseStatus);
        await client.CloseAsync();
        await stopping.WithPatience();
        Assert.Equal(0, await edge.CountSessionsAsync());
        var kept = await edge.Sequencer.QueryAsync((state, _) => Assert.Single(state.App(0).Conversations.Of(new UserNumber(1))).Last);
        // The one that was being read when the server stopped may be kept without an answer.
        Assert.InRange(kept - answers, 0, 1);
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task A_stopping_server_does_not_wait_for_a_client_that_answers_nothing()
    {
        var time = new ManualTime();
        var edge = await RunningEdge.StartAsync(time: time);
        using var client = await RawClient.ConnectAsync(edge, await edge.NewUserAsync());
        var stopping = edge.StopAsync();
        var (opcode, reason) = await client.ReceiveFrameAsync();
        Assert.Equal((8, 1001), (opcode, (reason[0] << 8) | reason[1]));
        time.Advance(TimeSpan.FromSeconds(2));
        await stopping.WithPatience();
        await edge.DisposeAsync();
    }

    static async Task<IReadOnlyList<int>> NextStatusAsync(OpenIMClient watcher, string user)
    {
        var push = await watcher.NextAsync();
        Assert.Equal((Requests.SubscribeOnlineStatus, ""), (push.ReqIdentifier, push.MsgIncr));
        var status = Assert.Single(SubUserOnlineStatusTips.Parser.ParseFrom(push.Data.Span).Subscribers);
        Assert.Equal(user, status.UserID);
        return status.OnlinePlatformIDs;
    }
}
