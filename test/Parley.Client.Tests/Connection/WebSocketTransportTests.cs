using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Parley.Client.Connection;

namespace Parley.Client.Tests.Connection;

/// <summary>The transport over a real socket on loopback.</summary>
public sealed class WebSocketTransportTests : IDisposable
{
    const int MaxFrameBytes = 100_000;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public WebSocketTransportTests() => _listener.Start();

    Uri Address => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    async Task<(ITransport Client, WebSocket Server)> ConnectAsync()
    {
        var accepting = AcceptAsync();
        return (await WebSocketTransport.Connector(MaxFrameBytes)(Address, default), await accepting);
    }

    /// <summary>RFC 6455 §4.2.2, as far as it matters here.</summary>
    async Task<WebSocket> AcceptAsync()
    {
        var stream = (await _listener.AcceptTcpClientAsync()).GetStream();
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }
        var key = head.ToString().Split("\r\n").Single(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))[19..];
#pragma warning disable CA5350 // The protocol's, and no secret.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
    }

    [Fact]
    public async Task Frames_come_whole_however_they_were_cut()
    {
        var (client, server) = await ConnectAsync();
        await using var _ = client;
        var large = new byte[MaxFrameBytes];
        new Random(1).NextBytes(large);
        await server.SendAsync("he"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: false, default);
        await server.SendAsync("llo"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
        await server.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Binary, endOfMessage: true, default);
        await server.SendAsync(large, WebSocketMessageType.Binary, endOfMessage: true, default);
        await server.SendAsync(new byte[] { 7 }, WebSocketMessageType.Binary, endOfMessage: true, default);

        var frames = new List<TransportFrame>();
        for (var i = 0; i < 4; i++) frames.Add(await client.ReceiveAsync(default));
        Assert.Equal([FrameKind.Text, FrameKind.Binary, FrameKind.Binary, FrameKind.Binary], frames.Select(frame => frame.Kind));
        Assert.Equal(["hello"u8.ToArray(), [], large, [7]], frames.Select(frame => frame.Bytes.ToArray()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_frame_one_byte_too_large_is_not_kept(bool endOfMessage)
    {
        var (client, server) = await ConnectAsync();
        await using var _ = client;
        await server.SendAsync(new byte[MaxFrameBytes + 1], WebSocketMessageType.Binary, endOfMessage, default);
        await Assert.ThrowsAsync<TransportException>(() => client.ReceiveAsync(default).AsTask());
    }

    [Fact]
    public async Task Sent_frames_arrive_with_their_kind()
    {
        var (client, server) = await ConnectAsync();
        await using var _ = client;
        await client.SendAsync(FrameKind.Text, "ping"u8.ToArray(), default);
        await client.SendAsync(FrameKind.Binary, new byte[] { 1, 2 }, default);
        var buffer = new byte[16];
        var text = await server.ReceiveAsync(buffer.AsMemory(), default);
        Assert.Equal((WebSocketMessageType.Text, 4, true), (text.MessageType, text.Count, text.EndOfMessage));
        var binary = await server.ReceiveAsync(buffer.AsMemory(), default);
        Assert.Equal((WebSocketMessageType.Binary, 2, true), (binary.MessageType, binary.Count, binary.EndOfMessage));
    }

    [Fact]
    public async Task A_close_is_a_frame_and_a_cut_is_an_error()
    {
        var (client, server) = await ConnectAsync();
        await server.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        Assert.Equal(FrameKind.Closed, (await client.ReceiveAsync(default)).Kind);
        await client.DisposeAsync();

        (client, server) = await ConnectAsync();
        server.Abort();
        await Assert.ThrowsAsync<TransportException>(() => client.ReceiveAsync(default).AsTask());
        await client.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => client.SendAsync(FrameKind.Binary, new byte[1], default).AsTask());
    }

    [Fact]
    public async Task Nobody_there_is_a_transport_fault()
    {
        var address = Address;
        _listener.Stop();
        await Assert.ThrowsAsync<TransportException>(() => WebSocketTransport.Connector(MaxFrameBytes)(address, default));
    }

    public void Dispose() => _listener.Dispose();
}
