using System.Net.WebSockets;

namespace Parley.Client.Connection;

sealed class WebSocketTransport : ITransport
{
    const int FirstBufferBytes = 4 << 10;

    readonly ClientWebSocket _socket = new();
    readonly int _maxFrameBytes;
    byte[] _buffer = new byte[FirstBufferBytes];

    WebSocketTransport(int maxFrameBytes)
    {
        _maxFrameBytes = maxFrameBytes;
        // The link's own heartbeat keeps the connection alive, on the clock it was given.
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    public static ConnectTransport Connector(int maxFrameBytes) => async (address, ct) =>
    {
        var transport = new WebSocketTransport(maxFrameBytes);
        try
        {
            await transport._socket.ConnectAsync(address, ct);
            return transport;
        }
        catch (Exception e)
        {
            transport._socket.Dispose();
            if (e is WebSocketException or HttpRequestException or IOException) throw new TransportException(e.Message, e);
            throw;
        }
    };

    public async ValueTask<TransportFrame> ReceiveAsync(CancellationToken ct)
    {
        try
        {
            for (var filled = 0; ;)
            {
                if (filled == _buffer.Length) Grow();
                var part = await _socket.ReceiveAsync(_buffer.AsMemory(filled), ct);
                if (part.MessageType == WebSocketMessageType.Close) return new TransportFrame(FrameKind.Closed, default);
                filled += part.Count;
                if (filled > _maxFrameBytes) throw TooLarge();
                if (!part.EndOfMessage) continue;
                var bytes = _buffer.AsSpan(0, filled).ToArray();
                // One large page must not keep its buffer for the hours of small talk that follow.
                if (_buffer.Length > FirstBufferBytes * 16) _buffer = new byte[FirstBufferBytes];
                return new TransportFrame(part.MessageType == WebSocketMessageType.Text ? FrameKind.Text : FrameKind.Binary, bytes);
            }
        }
        catch (Exception e) when (IsBroken(e)) { throw new TransportException(e.Message, e); }
    }

    void Grow()
    {
        // One byte more than allowed is enough to see that a frame is too large.
        var length = (int)Math.Min(_buffer.Length * 2L, _maxFrameBytes + 1L);
        if (length <= _buffer.Length) throw TooLarge();
        Array.Resize(ref _buffer, length);
    }

    TransportException TooLarge() => new($"The server sent a frame of more than {_maxFrameBytes} bytes (MaxFrameBytes).");

    public async ValueTask SendAsync(FrameKind kind, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            await _socket.SendAsync(bytes, kind == FrameKind.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, ct);
        }
        catch (Exception e) when (IsBroken(e)) { throw new TransportException(e.Message, e); }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            // Courtesy to the server's log; a peer that takes no bytes must not hold us.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try { await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token); }
            catch (Exception e) when (IsBroken(e) || e is OperationCanceledException) { }
        }
        _socket.Dispose();
    }

    // A socket in the wrong state says InvalidOperationException, a disposed one ObjectDisposedException: the same news to us.
    static bool IsBroken(Exception e) => e is WebSocketException or InvalidOperationException or (IOException and not TransportException);
}
