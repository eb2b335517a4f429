using System.Net.Sockets;
using System.Text;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>A WebSocket client that does just what a test tells it, right or wrong: it answers no ping and reads only when asked.</summary>
public sealed class RawClient : IDisposable
{
    readonly TcpClient _tcp;
    readonly NetworkStream _stream;

    RawClient(TcpClient tcp) => (_tcp, _stream) = (tcp, tcp.GetStream());

    /// <summary>The head of the server's HTTP answer.</summary>
    public string Head { get; private set; } = "";

    public static async Task<RawClient> ConnectAsync(Uri server, string query, string headers = "", int receiveBufferBytes = 0)
    {
        var tcp = new TcpClient();
        if (receiveBufferBytes > 0) tcp.ReceiveBufferSize = receiveBufferBytes;
        await tcp.ConnectAsync(server.Host, server.Port, Patience.Token);
        var client = new RawClient(tcp);
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET /?{query} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"));
        var head = new List<byte>();
        while (head.Count < 4 || Encoding.ASCII.GetString([.. head.TakeLast(4)]) != "\r\n\r\n") head.Add((await client.ReadAsync(1))[0]);
        client.Head = Encoding.ASCII.GetString([.. head]);
        Assert.StartsWith("HTTP/1.1 101", client.Head);
        return client;
    }

    public static async Task<RawClient> ConnectAsync(RunningEdge edge, string user, int receiveBufferBytes = 0)
        => await ConnectAsync(edge.Address, $"sendID={user}&token={await edge.TokenAsync(user)}&platformID=5&operationID=op", receiveBufferBytes: receiveBufferBytes);

    /// <summary>A masked frame (the mask is zero) as clients send it.</summary>
    public Task SendFrameAsync(int opcode, ReadOnlySpan<byte> payload, bool isFinal = true)
    {
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)] : [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        return SendAsync([(byte)((isFinal ? 0x80 : 0) | opcode), .. length, 0, 0, 0, 0, .. payload]);
    }

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes, Patience.Token).AsTask();

    public async Task TrySendAsync(byte[] bytes)
    {
        try
        {
            await SendAsync(bytes);
        }
        catch (IOException)
        {
            // The server has ended the connection meanwhile.
        }
    }

    public async Task<(int Opcode, byte[] Payload)> ReceiveFrameAsync()
    {
        var head = await ReadAsync(2);
        Assert.Equal(0x80, head[0] & 0xF0);
        long length = head[1];
        if (length == 126) length = (await ReadAsync(2)) is var two ? (two[0] << 8) | two[1] : 0;
        else if (length == 127) length = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8));
        return (head[0] & 0xF, await ReadAsync((int)length));
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task<long> ReadToEndAsync()
    {
        var (total, buffer) = (0L, new byte[64 << 10]);
        try
        {
            int count;
            while ((count = await _stream.ReadAsync(buffer, Patience.Token)) > 0) total += count;
        }
        catch (IOException)
        {
            // Reset: ended as well.
        }

        return total;
    }

    public void Dispose() => _tcp.Dispose();

    async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, Patience.Token);
        return bytes;
    }
}
