using System.Net.WebSockets;
using System.Text;
using Parley.Testing;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Signs of life in both directions.</summary>
public sealed class HeartbeatTests
{
    const int Ping = 9, Pong = 10;

    [Theory]
    [InlineData("""{"type":"ping","body":"7f3a"}""", """{"type":"pong","body":"7f3a"}""")]
    [InlineData("""{"type":"ping"}""", """{"type":"pong"}""")]
    public async Task A_text_ping_is_answered_with_its_body(string ping, string pong)
    {
        await using var edge = await RunningEdge.StartAsync();
        using var client = await edge.ConnectAsync(await edge.NewUserAsync());
        await client.SendAsync(ping);
        var (kind, frame) = await client.ReceiveFrameAsync();
        Assert.Equal((WebSocketMessageType.Text, pong), (kind, Encoding.UTF8.GetString(frame)));
    }

    [Theory]
    [InlineData("""{"type":"hello"}""")]
    [InlineData("hello")]
    [InlineData("")]
    public async Task Any_other_text_closes(string text)
    {
        await using var edge = await RunningEdge.StartAsync();
        using var client = await edge.ConnectAsync(await edge.NewUserAsync());
        await client.SendAsync(text);
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await client.WaitClosedAsync());
    }

    [Fact]
    public async Task A_control_ping_is_answered_with_its_payload()
    {
        await using var edge = await RunningEdge.StartAsync();
        using var client = await RawClient.ConnectAsync(edge, await edge.NewUserAsync());
        await client.SendFrameAsync(Ping, "op-1"u8);
        var (opcode, payload) = await client.ReceiveFrameAsync();
        Assert.Equal((Pong, "op-1"), (opcode, Encoding.UTF8.GetString(payload)));
    }

    [Fact]
    public async Task A_silent_client_is_pinged_and_then_dropped()
    {
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(time: time);
        using var client = await RawClient.ConnectAsync(edge, await edge.NewUserAsync());
        time.Advance(TimeSpan.FromSeconds(27));
        Assert.Equal(Ping, (await client.ReceiveFrameAsync()).Opcode);
        time.Advance(TimeSpan.FromSeconds(63));
        await client.ReadToEndAsync();
    }

    [Fact]
    public async Task A_pong_is_a_sign_of_life()
    {
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(time: time);
        using var client = await RawClient.ConnectAsync(edge, await edge.NewUserAsync());
        // Together longer than the idle limit; each just long enough for one ping.
        for (var round = 0; round < 6; round++)
        {
            time.Advance(TimeSpan.FromSeconds(27));
            Assert.Equal(Ping, (await client.ReceiveFrameAsync()).Opcode);
            await client.SendFrameAsync(Pong, []);
            // The answer to this proves that the pong before it was read.
            await client.SendFrameAsync(Ping, "x"u8);
            Assert.Equal(Pong, (await client.ReceiveFrameAsync()).Opcode);
        }
    }

    [Fact]
    public async Task A_client_that_answers_no_close_is_dropped_all_the_same()
    {
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(time: time);
        using var client = await RawClient.ConnectAsync(edge, await edge.NewUserAsync());
        await client.SendFrameAsync(1, "nonsense"u8);
        Assert.Equal(8, (await client.ReceiveFrameAsync()).Opcode);
        time.Advance(TimeSpan.FromSeconds(2));
        await client.ReadToEndAsync();
    }
}
