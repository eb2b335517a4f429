using System.Buffers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Parley.Gateway.WebSockets;

/// <summary>One client: a read loop that hands whole frames to the exchange, and a write loop that lets everything available leave in one flush.</summary>
sealed class WebSocketConnection(HttpContext context, WebSocket socket, ClientStream stream, FrameExchange exchange, string edge, GatewayOptions options,
    GatewayMetrics metrics, TimeProvider time) : FrameWriter, IDisposable
{
    const int FirstBufferBytes = 4 << 10;

    readonly CancellationTokenSource _gone = new();
    readonly Lock _gate = new();
    WebSocketCloseStatus? _status;
    long _closingSince;
    bool _isOver;
    int _frames;
    int _bytes;

    /// <summary>Serves the connection until it is closed by either side or lost.</summary>
    public async Task RunAsync()
    {
        using var aborted = context.RequestAborted.Register(Abort);
        var writing = WriteFramesAsync();
        try
        {
            await ReadFramesAsync();
        }
        finally
        {
            Close(WebSocketCloseStatus.NormalClosure);
            await writing;
        }
    }

    /// <summary>Finishes what is under way, then closes with 1001.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            if (_status is not null) return;
            _status = WebSocketCloseStatus.EndpointUnavailable;
        }

        exchange.Drain();
    }

    /// <summary>Drops a client that is silent, takes nothing or does not answer a close; pings one that may be about to become so.</summary>
    public void Tick(long now)
    {
        var silent = time.GetElapsedTime(stream.LastReadAt, now);
        var (writingSince, closingSince) = (stream.WritingSince, Volatile.Read(ref _closingSince));
        if (silent >= options.IdleTimeout
            || (writingSince != 0 && time.GetElapsedTime(writingSince, now) >= options.WriteTimeout)
            || (closingSince != 0 && time.GetElapsedTime(closingSince, now) >= options.CloseTimeout)) Abort();
        else if (silent >= options.PingInterval && closingSince == 0) _ = stream.PingAsync();
    }

    public void Abort()
    {
        _gone.Cancel();
        exchange.Stop();
        // The request's objects may serve another request once this one has ended.
        lock (_gate) if (!_isOver) context.Abort();
    }

    public override void Write(FrameKind kind, ReadOnlySpan<byte> frame)
    {
        stream.Gather((byte)kind, frame);
        _frames++;
        _bytes += frame.Length;
    }

    public void Dispose()
    {
        lock (_gate) _isOver = true;
        socket.Dispose();
    }

    async Task ReadFramesAsync()
    {
        try
        {
            while (await ReadFrameAsync())
            {
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or broke the framing and was told so.
            Abort();
        }
    }

    /// <returns>False when the client has closed.</returns>
    async ValueTask<bool> ReadFrameAsync()
    {
        // Waits without a buffer: most connections are silent most of the time.
        var part = await socket.ReceiveAsync(Memory<byte>.Empty, _gone.Token);
        var kind = part.MessageType == WebSocketMessageType.Text ? FrameKind.Text : FrameKind.Binary;
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBufferBytes, options.MaxFrameBytes));
        var length = 0;
        try
        {
            while (part.MessageType != WebSocketMessageType.Close && !part.EndOfMessage)
            {
                if (length == buffer.Length) buffer = Enlarge(buffer);
                part = await socket.ReceiveAsync(buffer.AsMemory(length), _gone.Token);
                length += part.Count;
                if (length <= options.MaxFrameBytes) continue;
                // What follows is still read, into the same room, until the client answers the close.
                Close(WebSocketCloseStatus.MessageTooBig);
                length = 0;
            }

            if (part.MessageType == WebSocketMessageType.Close) return false;
            if (_status is not null) return true;

            metrics.Received(edge, length);
            if (await exchange.ReceiveAsync(kind, buffer.AsMemory(0, length), _gone.Token) is { } status) Close(status);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static byte[] Enlarge(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    async Task WriteFramesAsync()
    {
        try
        {
            while (await WriteAvailableAsync() != WriteStep.Finished) await exchange.WaitAsync();
            Close(exchange.FinishStatus);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(_status!.Value, null, _gone.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Abort();
        }
        catch
        {
            // Our own mistake; it must not leave the other loop waiting for ever.
            Abort();
            throw;
        }
    }

    async ValueTask<WriteStep> WriteAvailableAsync()
    {
        WriteStep step;
        while ((step = exchange.WriteNext(this)) == WriteStep.Frame)
            if (stream.Gathered >= ClientStream.FlushBytes) await FlushAsync();
        await FlushAsync();
        return step;
    }

    async ValueTask FlushAsync()
    {
        if (_frames > 0) metrics.Sent(edge, _frames, _bytes);
        (_frames, _bytes) = (0, 0);
        await stream.FlushAsync(_gone.Token);
    }

    /// <summary>Begins to close, unless that has begun; the client then has a moment to answer.</summary>
    void Close(WebSocketCloseStatus status)
    {
        lock (_gate)
        {
            _status ??= status;
            if (_closingSince == 0) _closingSince = Math.Max(1, time.GetTimestamp());
        }

        exchange.Stop();
    }
}
