using System.Buffers;
using System.Threading.Channels;
using Google.Protobuf;
using Parley.Client.Envelopes;
using Parley.Wire;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Connection;

/// <summary>The server ended this login: kicked (<see cref="ErrorCodes.TokenKicked"/> with <paramref name="kicked"/>), or its token is refused.</summary>
sealed class LoginEndedException(int code, string message, bool kicked) : Exception(message)
{
    public int Code { get; } = code;
    public bool Kicked { get; } = kicked;
}

/// <summary>
/// One connection from its handshake to its end: one reader, one writer with a bounded queue, one heartbeat. Requests may come from any thread.
/// </summary>
sealed class Link(
    ITransport transport, IEncoder encoder, ICompressor compressor, ParleyClientOptions options, Action<PushMessages, int> pushed,
    Action<SubUserOnlineStatusTips> presence)
{
    readonly PendingRequests _pending = new(options.UserId);
    readonly Channel<(FrameKind Kind, ReadOnlyMemory<byte> Bytes)> _outgoing =
        Channel.CreateBounded<(FrameKind, ReadOnlyMemory<byte>)>(new BoundedChannelOptions(options.RequestQueueLength) { SingleReader = true });

    /// <summary>Waits for the server's verdict, the first frame.</summary>
    /// <exception cref="LoginEndedException">The token is refused.</exception>
    /// <exception cref="TransportException">Refused for a passing reason, or gone.</exception>
    public async Task ShakeHandsAsync(CancellationToken ct)
    {
        var frame = await transport.ReceiveAsync(ct);
        if (frame.Kind != FrameKind.Text) throw new TransportException($"The server's first frame is {frame.Kind}; a text frame with its verdict was expected.");
        var answer = HandshakeAnswer.Read(frame.Bytes);
        if (ErrorCodes.IsToken(answer.ErrCode)) throw new LoginEndedException(answer.ErrCode, answer.ErrMsg, kicked: false);
        if (answer.ErrCode != ErrorCodes.None) throw new TransportException($"The server declined the connection: {answer.ErrCode} {answer.ErrMsg}");
    }

    /// <summary>Serves the connection until it ends, which is always by an exception.</summary>
    /// <exception cref="LoginEndedException">Kicked, or the token is refused.</exception>
    /// <exception cref="TransportException">Broken, silent for too long, or closed.</exception>
    /// <exception cref="MalformedFrameException">The server broke the protocol.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] loops = [ReadAsync(end.Token), WriteAsync(end.Token), BeatAsync(end.Token)];
        var first = await Task.WhenAny(loops);
        await end.CancelAsync();
        _outgoing.Writer.TryComplete();
        _pending.Close();
        // The first to end says why; the others are cancelled or fail from the same cause.
        await Task.WhenAll(loops).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await first;
    }

    /// <exception cref="ParleyException">Declined, timed out, or the connection was lost.</exception>
    public async Task<ReadOnlyMemory<byte>> RequestAsync(int reqIdentifier, IMessage body, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        var (msgIncr, answer) = _pending.Open(reqIdentifier);
        try
        {
            var request = new RequestEnvelope(reqIdentifier, "", options.UserId, Guid.NewGuid().ToString("N"), msgIncr, body.ToByteArray());
            await _outgoing.Writer.WriteAsync((FrameKind.Binary, Encode(request)), either.Token);
            var response = await answer.WaitAsync(either.Token);
            if (response.ErrCode != ErrorCodes.None) throw new ParleyException(response.ErrCode, $"The server declined request {reqIdentifier}: {response.ErrCode} {response.ErrMsg}");
            return response.Data;
        }
        catch (ChannelClosedException) { throw PendingRequests.Lost(); }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ParleyException(ParleyException.TimedOut, $"No answer to request {reqIdentifier} within {options.RequestTimeout.TotalSeconds:0.#} s.", e);
        }
        finally { _pending.Forget(msgIncr); }
    }

    ReadOnlyMemory<byte> Encode(in RequestEnvelope request)
    {
        var envelope = new ArrayBufferWriter<byte>(request.Data.Length + 256);
        encoder.Write(envelope, request);
        if (compressor.Name is null) return envelope.WrittenMemory;
        var frame = new ArrayBufferWriter<byte>(envelope.WrittenCount + 64);
        compressor.Compress(envelope.WrittenSpan, frame);
        return frame.WrittenMemory;
    }

    async Task ReadAsync(CancellationToken ct)
    {
        using var silence = new CancellationTokenSource(options.ReadTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, silence.Token);
        while (true)
        {
            TransportFrame frame;
            try { frame = await transport.ReceiveAsync(either.Token); }
            catch (OperationCanceledException) when (silence.IsCancellationRequested)
            {
                throw new TransportException($"The server said nothing for {options.ReadTimeout.TotalSeconds:0.#} s.");
            }
            silence.CancelAfter(options.ReadTimeout);
            if (frame.Kind == FrameKind.Closed) throw new TransportException("The server closed the connection.");
            if (frame.Bytes.Length > options.MaxFrameBytes)
                throw new TransportException($"The server sent a frame of {frame.Bytes.Length} bytes; {options.MaxFrameBytes} are allowed (MaxFrameBytes).");
            if (frame.Kind == FrameKind.Text) TakeText(frame.Bytes);
            else TakeEnvelope(frame.Bytes);
        }
    }

    void TakeText(ReadOnlyMemory<byte> frame)
    {
        var ping = TextPing.Read(frame);
        if (ping.IsPong) return;
        // No room means that the server takes no bytes either; it will notice by itself.
        _outgoing.Writer.TryWrite((FrameKind.Text, Written(ping.ToPong())));
    }

    void TakeEnvelope(ReadOnlyMemory<byte> frame)
    {
        var response = encoder.Read(compressor.Decompress(frame, options.MaxFrameBytes));
        if (ErrorCodes.IsToken(response.ErrCode)) throw new LoginEndedException(response.ErrCode, response.ErrMsg, kicked: false);
        switch (response.ReqIdentifier)
        {
            case Requests.Push:
                pushed(Payload.Read(PushMessages.Parser, response.Data), frame.Length);
                break;
            // An answer to a subscription has the id of its request.
            case Requests.SubscribeOnlineStatus when response.MsgIncr.Length == 0:
                presence(Payload.Read(SubUserOnlineStatusTips.Parser, response.Data));
                break;
            case Requests.Kicked:
                throw new LoginEndedException(ErrorCodes.TokenKicked, "Another login took this one's place.", kicked: true);
            case Requests.DataError:
                throw new TransportException("The server reported a data error.");
            default:
                // An answer after its time-out, or a push that a newer server knows: neither is worth a reconnect.
                _pending.Answer(response);
                break;
        }
    }

    async Task WriteAsync(CancellationToken ct)
    {
        await foreach (var (kind, bytes) in _outgoing.Reader.ReadAllAsync(ct)) await transport.SendAsync(kind, bytes, ct);
    }

    async Task BeatAsync(CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(options.HeartbeatInterval, options.TimeProvider, ct);
            // A full queue is traffic enough.
            _outgoing.Writer.TryWrite((FrameKind.Text, Written(new TextPing(IsPong: false, Guid.NewGuid().ToString("N")))));
        }
    }

    static ReadOnlyMemory<byte> Written(TextPing ping)
    {
        var output = new ArrayBufferWriter<byte>(64);
        ping.Write(output);
        return output.WrittenMemory;
    }
}
