using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Parley.Benchmarks.Limits;

/// <summary>A bare Kestrel WebSocket echo and broadcast, in a process of its own: what the network costs before anything is meant by it.</summary>
static class EchoServer
{
    /// <summary>The hidden first argument that makes this program the echo server.</summary>
    public const string Verb = "echo-server";

    public const string ReadyPrefix = "echo ready: ";

    /// <summary>Where a frame goes to all other sockets and then back, instead of back alone.</summary>
    public const string BroadcastPath = "/broadcast";

    const int BufferBytes = 4 << 10;

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var application = builder.Build();
        application.UseWebSockets();
        var broadcast = new Broadcast();
        application.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            try
            {
                if (context.Request.Path == BroadcastPath) await broadcast.RunAsync(socket, context.RequestAborted);
                else await EchoAsync(socket, context.RequestAborted);
            }
            catch (WebSocketException)
            {
                // The client is done and hangs up without ceremony.
            }
        });
        application.Lifetime.ApplicationStarted.Register(() =>
            Console.WriteLine(ReadyPrefix + application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));
        await application.RunAsync();
    }

    static async Task EchoAsync(WebSocket socket, CancellationToken aborted)
    {
        var buffer = new byte[BufferBytes];
        while (await socket.ReceiveAsync(buffer.AsMemory(), aborted) is { MessageType: not WebSocketMessageType.Close } received)
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, aborted);
    }
}

/// <summary>All that is connected at the moment. One of them sends at a time.</summary>
sealed class Broadcast
{
    const int BufferBytes = 4 << 10;

    readonly Lock _gate = new();
    WebSocket[] _sockets = [];

    public async Task RunAsync(WebSocket socket, CancellationToken aborted)
    {
        lock (_gate) _sockets = [.. _sockets, socket];
        try
        {
            var buffer = new byte[BufferBytes];
            while (await socket.ReceiveAsync(buffer.AsMemory(), aborted) is { MessageType: not WebSocketMessageType.Close } received)
            {
                var frame = buffer.AsMemory(0, received.Count);
                foreach (var other in _sockets)
                    if (other != socket) await SendAsync(other, frame, aborted);
                await socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, aborted);
            }
        }
        finally
        {
            lock (_gate) _sockets = [.. _sockets.Where(other => other != socket)];
        }
    }

    static async ValueTask SendAsync(WebSocket socket, ReadOnlyMemory<byte> frame, CancellationToken aborted)
    {
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, aborted);
        }
        catch (WebSocketException)
        {
            // One of the run before, on its way out.
        }
    }
}
