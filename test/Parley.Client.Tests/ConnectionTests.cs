using Parley.Client.Connection;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM;

namespace Parley.Client.Tests;

public sealed class ConnectionTests : ClientTest
{
    [Theory]
    [InlineData(EnvelopeEncoding.Gob, false)]
    [InlineData(EnvelopeEncoding.Gob, true)]
    [InlineData(EnvelopeEncoding.Json, false)]
    [InlineData(EnvelopeEncoding.Json, true)]
    public async Task Both_ways_work_in_every_encoding(EnvelopeEncoding encoding, bool compress)
    {
        var client = await OpenSyncedAsync(options => options with { Encoding = encoding, Compress = compress });
        var written = await client.SendTextAsync(Bob, "héllo 你好");
        await Soon(client.WaitSentAsync(written.ClientMessageId));
        await Server.PushAsync(Chat, Server.Kept(Chat)[0], Server.Keep(Bob, Alice, "wörld 🌍"));

        var received = await NextAsync<ParleyEvent.MessagesReceived>(client);
        Assert.Equal("wörld 🌍", Assert.Single(received.Messages).Text);
        Assert.Equal(["héllo 你好", "wörld 🌍"], (await client.GetHistoryAsync(Chat)).Select(message => message.Text));
    }

    [Fact]
    public async Task The_address_says_who_connects_and_how()
    {
        await OpenSyncedAsync(options => options with
        {
            UserId = "a b&c",
            Token = _ => Task.FromResult("t=1"),
            WebSocketAddress = new Uri("wss://chat.example/im?tenant=7"),
            Compress = true,
            Encoding = EnvelopeEncoding.Json,
        });
        var address = await Soon(Server.Dials.ReadAsync().AsTask());

        Assert.StartsWith("wss://chat.example/im?tenant=7&sendID=a%20b%26c&token=t%3D1&platformID=7&operationID=", address.AbsoluteUri, StringComparison.Ordinal);
        Assert.EndsWith("&isBackground=false&isMsgResp=true&compression=gzip&sdkType=js", address.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempts_wait_1_2_4_8_16_16_seconds_and_1_again_after_a_success()
    {
        Server.Reachable = false;
        var client = await OpenAsync();
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 16 })
        {
            await NextAsync(client, ConnectionState.Offline);
            await PassAsync(seconds);
        }
        await NextAsync(client, ConnectionState.Offline);
        Server.Reachable = true;
        await PassAsync(16);
        await NextAsync(client, ConnectionState.Connected);
        Server.Reachable = false;
        Server.Cut();
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        await NextAsync(client, ConnectionState.Offline);
    }

    [Fact]
    public async Task A_kick_stops_for_good_and_is_told()
    {
        var client = await OpenSyncedAsync();
        await Soon(Server.Dials.ReadAsync().AsTask());
        await Server.SendAsync(new ResponseEnvelope(Requests.Kicked, 0, "", "", "", default));

        await NextAsync<ParleyEvent.Kicked>(client);
        Assert.Equal(ConnectionState.Stopped, client.Connection);
        Time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(Server.Dials.TryRead(out _));
        // The store stays open: what was written can still be read.
        await client.SendTextAsync(Bob, "later");
        Assert.Single(await client.GetHistoryAsync(Chat));
    }

    [Theory]
    [InlineData(1501)]
    [InlineData(1504)]
    [InlineData(1507)]
    public async Task A_refused_token_stops_for_good_and_is_told(int code)
    {
        Server.Handshake = new HandshakeAnswer(code, "no", "");
        var client = await OpenAsync();
        Assert.Equal(code, (await NextAsync<ParleyEvent.TokenRefused>(client)).Code);
        Assert.Equal(ConnectionState.Stopped, client.Connection);
        Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(Server.Dials.TryRead(out _));
        Assert.False(Server.Dials.TryRead(out _));
    }

    [Fact]
    public async Task A_token_that_expires_during_the_connection_stops_too()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request => ScriptedServer.Declined(request, ErrorCodes.TokenExpired);
        var written = await client.SendTextAsync(Bob, "hello");
        var waiting = client.WaitSentAsync(written.ClientMessageId);

        Assert.Equal(ErrorCodes.TokenExpired, (await NextAsync<ParleyEvent.TokenRefused>(client)).Code);
        Assert.Equal(ParleyException.Stopped, (await Assert.ThrowsAsync<ParleyException>(() => Soon(waiting))).Code);
        // Not the message's fault: it is sent by the next login.
        Assert.Equal(MessageState.Unsent, Assert.Single(await client.GetHistoryAsync(Chat)).State);
    }

    [Fact]
    public async Task Any_other_verdict_is_tried_again()
    {
        Server.Handshake = new HandshakeAnswer(ErrorCodes.ConnectionLimit, "full", "");
        var client = await OpenAsync();
        Assert.Contains("1601", (await NextAsync(client, ConnectionState.Offline)).Reason, StringComparison.Ordinal);
        Server.Handshake = HandshakeAnswer.Accepted;
        await PassAsync(1);
        await NextAsync(client, ConnectionState.Connected);
    }

    [Fact]
    public async Task A_server_that_never_gives_its_verdict_is_left()
    {
        Server.Handshake = null;
        var client = await OpenAsync();
        await Soon(Server.Dials.ReadAsync().AsTask());
        await PassAsync(20);
        await NextAsync(client, ConnectionState.Offline);
        Server.Handshake = HandshakeAnswer.Accepted;
        await PassAsync(1);
        await NextAsync(client, ConnectionState.Connected);
    }

    [Fact]
    public async Task A_token_that_can_not_be_fetched_is_fetched_again()
    {
        var attempts = 0;
        var client = await OpenAsync(options => options with
        {
            Token = _ => ++attempts == 1 ? throw new InvalidDataException("no token today") : Task.FromResult($"token-{attempts}"),
        });
        Assert.Contains("no token today", (await NextAsync(client, ConnectionState.Offline)).Reason, StringComparison.Ordinal);
        await PassAsync(1);
        await NextAsync(client, ConnectionState.Connected);
        Assert.Contains("token=token-2", (await Soon(Server.Dials.ReadAsync().AsTask())).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ping_every_24_seconds_keeps_a_quiet_connection()
    {
        var client = await OpenSyncedAsync(options => options with { SequenceInterval = TimeSpan.FromHours(1) });
        for (var beat = 0; beat < 5; beat++)
        {
            await PassAsync(24);
            Assert.NotEqual("", await Soon(Server.Pings.ReadAsync().AsTask()));
            // The pong has been read when the read deadline is a whole one again.
            await Soon(Time.WhenWaitingAsync(TimeSpan.FromSeconds(30)));
        }
        Assert.Equal(ConnectionState.Connected, client.Connection);
    }

    [Fact]
    public async Task A_connection_that_falls_silent_is_replaced()
    {
        Server.AnswersPings = false;
        var client = await OpenSyncedAsync(options => options with { SequenceInterval = TimeSpan.FromHours(1) });
        await PassAsync(24);
        await PassAsync(6);
        Assert.Contains("30 s", (await NextAsync(client, ConnectionState.Offline)).Reason, StringComparison.Ordinal);
        await PassAsync(1);
        await NextAsync(client, ConnectionState.Connected);
    }

    public static TheoryData<string, int, byte[]> BadFrames => new()
    {
        { "larger than allowed", (int)FrameKind.Binary, new byte[(8 << 20) + 1] },
        { "no envelope", (int)FrameKind.Binary, [1, 2, 3] },
        { "no JSON", (int)FrameKind.Text, "hello"u8.ToArray() },
        { "unknown text", (int)FrameKind.Text, """{"type":"song"}"""u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(BadFrames))]
    public async Task A_frame_that_breaks_the_protocol_costs_the_connection_and_nothing_else(string name, int kind, byte[] bytes)
    {
        Assert.NotEqual("", name);
        var client = await OpenSyncedAsync();
        await Server.SendRawAsync((FrameKind)kind, bytes);
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        await NextAsync<ParleyEvent.SyncEnded>(client);
    }

    [Fact]
    public async Task A_push_that_is_no_protobuf_costs_the_connection_and_nothing_else()
    {
        var client = await OpenSyncedAsync();
        await Server.SendAsync(new ResponseEnvelope(Requests.Push, 0, "", "", "", new byte[] { 0x0a, 0xff }));
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        await NextAsync<ParleyEvent.SyncEnded>(client);
    }

    [Fact]
    public async Task A_push_of_an_unknown_kind_is_ignored()
    {
        var client = await OpenSyncedAsync();
        await Server.SendAsync(new ResponseEnvelope(2999, 0, "", "", "", default));
        await Server.PushAsync(Chat, Server.Keep(Bob, Alice, "still here"));
        Assert.Equal("still here", (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages[0].Text);
        Assert.Equal(ConnectionState.Connected, client.Connection);
    }

    [Fact]
    public async Task A_servers_text_ping_gets_its_pong()
    {
        await OpenSyncedAsync();
        await Server.SendRawAsync(FrameKind.Text, """{"type":"ping","body":"mine"}"""u8.ToArray());
        Assert.Equal("mine", await Soon(Server.Pings.ReadAsync().AsTask()));
    }

    [Fact]
    public async Task Logging_out_tells_the_server_and_stops()
    {
        var client = await OpenSyncedAsync();
        await Soon(client.LogoutAsync());
        await NextRequestAsync(Requests.Logout);
        Assert.Equal(ConnectionState.Stopped, client.Connection);
    }

    [Fact]
    public async Task Closing_ends_the_events_and_may_be_repeated()
    {
        var client = await OpenSyncedAsync();
        await Soon(Task.WhenAll(client.DisposeAsync().AsTask(), client.DisposeAsync().AsTask()));
        await client.DisposeAsync();
        while (client.Events.TryRead(out _)) { }
        await Soon(client.Events.Completion);
        Assert.Equal(ConnectionState.Stopped, client.Connection);
    }

    [Fact]
    public async Task Closing_does_not_wait_for_a_server_that_says_nothing()
    {
        Server.Handshake = null;
        var client = await OpenAsync();
        await Soon(Server.Dials.ReadAsync().AsTask());
        await Soon(client.DisposeAsync().AsTask());
    }
}
