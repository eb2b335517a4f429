using System.Buffers.Text;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Parley.Testing;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>How a connection begins, and who may not have one.</summary>
public sealed class HandshakeTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task Without_isMsgResp_the_upgrade_is_the_answer()
    {
        var user = await _edge.NewUserAsync();
        using var client = new OpenIMClient(user, isCompressed: false);
        await client.OpenAsync(_edge.Address, $"sendID={user}&token={await _edge.TokenAsync(user)}&platformID=5&operationID=op&isBackground=false");
        var answer = await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = user });
        Assert.Equal(0, answer.ErrCode);
    }

    [Fact]
    public async Task Compression_may_be_asked_for_in_a_header()
    {
        var user = await _edge.NewUserAsync();
        using var client = new OpenIMClient(user);
        client.Socket.Options.SetRequestHeader("compression", "gzip");
        var verdict = await client.ConnectAsync(_edge.Address, $"sendID={user}&token={await _edge.TokenAsync(user)}&platformID=5&operationID=op&isMsgResp=true");
        Assert.Equal(HandshakeAnswer.Accepted, verdict);
        Assert.Equal(0, (await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = user })).ErrCode);
    }

    [Theory, InlineData("\"5\""), InlineData("5")]
    public async Task Everything_may_come_as_one_document(string platform)
    {
        var user = await _edge.NewUserAsync();
        var document = $$"""{"token":"{{await _edge.TokenAsync(user)}}","userID":"{{user}}","platformID":{{platform}},"operationID":"op","compression":"gzip","sdkType":"js","sendResponse":true,"background":true}""";
        using var client = new OpenIMClient(user, isJson: true);
        Assert.Equal(HandshakeAnswer.Accepted, await client.ConnectAsync(_edge.Address, $"v={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(document))}"));
        Assert.Equal(0, (await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = user })).ErrCode);
    }

    [Fact]
    public async Task Frame_compression_of_WebSockets_is_declined()
    {
        var user = await _edge.NewUserAsync();
        using var client = new OpenIMClient(user);
        client.Socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        Assert.Equal(HandshakeAnswer.Accepted, await client.ConnectAsync(_edge.Address, await _edge.TokenAsync(user), 5));
        using var raw = await RawClient.ConnectAsync(_edge.Address, $"sendID={user}&token={await _edge.TokenAsync(user)}&platformID=5&operationID=op",
            "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        Assert.DoesNotContain("Sec-WebSocket-Extensions", raw.Head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_browser_that_speaks_HTTP_2_connects_as_well()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var handler = new SocketsHttpHandler();
        using var invoker = new HttpMessageInvoker(handler);
        using var client = new OpenIMClient(alice);
        (client.Socket.Options.HttpVersion, client.Socket.Options.HttpVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        var query = $"sendID={alice}&token={await _edge.TokenAsync(alice)}&platformID=5&operationID=op&isMsgResp=true&compression=gzip";
        Assert.Equal(HandshakeAnswer.Accepted, await client.ConnectAsync(_edge.Http2Address, query, invoker));
        await client.SendTextAsync(bob, "hello");
        Assert.Equal(1, (await client.NextMessageAsync()).Message.Seq);
        await client.CloseAsync();
    }

    /// <summary>Query, with {user}, {token}, {other} (another user's token), {mobile} (the user's, for platform 1) and {admin}; and the code.</summary>
    public static TheoryData<string, int> Refused => new()
    {
        { "token={token}&platformID=5&operationID=op", ErrorCodes.ConnectionArguments },
        { "sendID={user}&platformID=5&operationID=op", ErrorCodes.ConnectionArguments },
        { "sendID={user}&token={token}&operationID=op", ErrorCodes.ConnectionArguments },
        { "sendID={user}&token={token}&platformID=five&operationID=op", ErrorCodes.ConnectionArguments },
        { "sendID={user}&token={token}&platformID=-5&operationID=op", ErrorCodes.ConnectionArguments },
        { "sendID={user}&token={token}&platformID=5", ErrorCodes.ConnectionArguments },
        { "sendID={user}&token={token}&platformID=5&operationID=op&sdkType=rust", ErrorCodes.ConnectionArguments },
        { "sendID={user}&token={token}&platformID=5&operationID=op&compression=zstd", ErrorCodes.ConnectionArguments },
        { "v=not*base64", ErrorCodes.ConnectionArguments },
        { "v=e30", ErrorCodes.ConnectionArguments },
        { "sendID={user}&token={long}&platformID=5&operationID=op", ErrorCodes.TokenMalformed },
        { "sendID={user}&token=nobodys&platformID=5&operationID=op", ErrorCodes.TokenNotExist },
        { "sendID={user}&token={other}&platformID=5&operationID=op", ErrorCodes.TokenInvalid },
        { "sendID=nobody&token={token}&platformID=5&operationID=op", ErrorCodes.TokenInvalid },
        { "sendID={user}&token={mobile}&platformID=5&operationID=op", ErrorCodes.TokenInvalid },
        { "sendID={user}&token={admin}&platformID=5&operationID=op", ErrorCodes.TokenInvalid },
        { "sendID=imAdmin&token={admin}&platformID=10&operationID=op", ErrorCodes.TokenInvalid },
        { "sendID={user}&token={kicked}&platformID=7&operationID=op", ErrorCodes.TokenKicked },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task Whoever_may_not_connect_is_told_why_in_a_frame_or_as_JSON(string template, int code)
    {
        var (user, other) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var kicked = await _edge.TokenAsync(user, 7);
        await _edge.CallAsync("/auth/force_logout", new { userID = user, platformID = 7 }, await _edge.AdministratorAsync());
        var query = template.Replace("{user}", user).Replace("{token}", await _edge.TokenAsync(user)).Replace("{other}", await _edge.TokenAsync(other))
            .Replace("{mobile}", await _edge.TokenAsync(user, 1)).Replace("{admin}", await _edge.AdministratorAsync()).Replace("{long}", new string('x', 200)).Replace("{kicked}", kicked);

        if (!query.StartsWith("v=", StringComparison.Ordinal))
        {
            using var client = new OpenIMClient(user);
            Assert.Equal(code, (await client.ConnectAsync(_edge.Address, query + "&isMsgResp=true")).ErrCode);
            Assert.NotNull(await client.WaitClosedAsync());
        }

        using var upgrade = new HttpRequestMessage(HttpMethod.Get, "/?" + query);
        upgrade.Headers.Add("Connection", "Upgrade");
        upgrade.Headers.Add("Upgrade", "websocket");
        upgrade.Headers.Add("Sec-WebSocket-Version", "13");
        upgrade.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        using var response = await _edge.SendAsync(upgrade);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(code, HandshakeAnswer.Read(await response.Content.ReadAsByteArrayAsync()).ErrCode);
    }

    [Fact]
    public async Task A_plain_request_is_told_what_this_is()
    {
        using var response = await _edge.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/"));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(ErrorCodes.ConnectionArguments, answer.GetProperty("errCode").GetInt32());
    }

    [Fact]
    public async Task An_expired_token_opens_nothing()
    {
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(options => options.TokenLifetime = TimeSpan.FromHours(1), time: time);
        var user = await edge.NewUserAsync();
        var token = await edge.TokenAsync(user);
        time.Advance(TimeSpan.FromHours(1));
        using var client = new OpenIMClient(user);
        Assert.Equal(ErrorCodes.TokenExpired, (await client.ConnectAsync(edge.Address, token, 5)).ErrCode);
        Assert.Equal(ErrorCodes.TokenExpired, (await edge.CallAsync("/user/get_users_info", new { userIDs = new[] { user } }, token)).Code);
        Assert.Equal(ErrorCodes.TokenExpired, (await edge.CallAsync("/auth/parse_token", new { token })).Code);
    }

    [Fact]
    public async Task More_connections_than_allowed_are_declined()
    {
        await using var edge = await RunningEdge.StartAsync(gateway: options => options.MaxConnections = 1);
        var (one, two) = (await edge.NewUserAsync(), await edge.NewUserAsync());
        using var first = await edge.ConnectAsync(one);
        using var second = new OpenIMClient(two);
        var token = await edge.TokenAsync(two);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(edge.Address, token, 5));
        Assert.Contains("503", refused.Message);
        Assert.Equal(1, edge.Connections);
    }

    [Fact]
    public async Task A_user_with_too_many_sessions_has_met_the_connection_limit()
    {
        await using var edge = await RunningEdge.StartAsync(core: options => options.MaxSessionsPerUser = 1);
        var user = await edge.NewUserAsync();
        using var first = await edge.ConnectAsync(user, 5);
        using var second = new OpenIMClient(user);
        Assert.Equal(ErrorCodes.ConnectionLimit, (await second.ConnectAsync(edge.Address, await edge.TokenAsync(user, 7), 7)).ErrCode);
        Assert.Equal(1, await edge.CountSessionsAsync());
    }
}
