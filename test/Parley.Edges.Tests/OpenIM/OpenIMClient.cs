using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>A client as small as a test needs: it connects, asks, and keeps what was pushed meanwhile.</summary>
public sealed class OpenIMClient(string userId, bool isJson = false, bool isCompressed = true) : IDisposable
{
    readonly ClientWebSocket _socket = new();
    readonly Queue<ResponseEnvelope> _set = [];
    int _requests;

    public ClientWebSocket Socket => _socket;

    public string UserId => userId;

    /// <returns>The verdict in the first text frame.</returns>
    public Task<HandshakeAnswer> ConnectAsync(Uri server, string token, int platform)
        => ConnectAsync(server, $"sendID={Uri.EscapeDataString(userId)}&token={token}&platformID={platform}&operationID=op&isBackground=false&isMsgResp=true"
            + (isCompressed ? "&compression=gzip" : "") + (isJson ? "&sdkType=js" : ""));

    public async Task<HandshakeAnswer> ConnectAsync(Uri server, string query, HttpMessageInvoker? http = null)
    {
        await OpenAsync(server, query, http);
        var (kind, frame) = await ReceiveFrameAsync();
        Assert.Equal(WebSocketMessageType.Text, kind);
        return HandshakeAnswer.Read(frame);
    }

    public async Task OpenAsync(Uri server, string query, HttpMessageInvoker? http = null)
    {
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await _socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Query = query }.Uri, http, Patience.Token);
    }

    /// <summary>Asks and waits for the answer; what comes before it is kept for <see cref="NextAsync"/>.</summary>
    public async Task<ResponseEnvelope> AskAsync(int reqIdentifier, IMessage? request, string? sendId = null)
    {
        var name = await PostAsync(reqIdentifier, request, sendId);
        var passed = new List<ResponseEnvelope>();
        while (true)
        {
            var response = await NextAsync();
            if (response.MsgIncr == name)
            {
                Assert.Equal(reqIdentifier, response.ReqIdentifier);
                passed.ForEach(_set.Enqueue);
                return response;
            }

            passed.Add(response);
        }
    }

    public async Task<T> AskAsync<T>(int reqIdentifier, IMessage? request, MessageParser<T> parser) where T : IMessage<T>
    {
        var response = await AskAsync(reqIdentifier, request);
        Assert.Equal((0, ""), (response.ErrCode, response.ErrMsg));
        return parser.ParseFrom(response.Data.Span);
    }

    /// <returns>The correlation id of the request.</returns>
    public async Task<string> PostAsync(int reqIdentifier, IMessage? request, string? sendId = null)
    {
        var name = $"{userId}_{++_requests}";
        await SendAsync(Encode(new RequestEnvelope(reqIdentifier, "", sendId ?? userId, $"op{_requests}", name, request?.ToByteArray() ?? [])));
        return name;
    }

    public byte[] Encode(RequestEnvelope envelope)
    {
        var output = new ArrayBufferWriter<byte>();
        if (isJson) JsonEnvelope.Write(output, envelope);
        else GobEnvelope.Write(output, envelope);
        if (!isCompressed) return output.WrittenSpan.ToArray();
        var member = new ArrayBufferWriter<byte>();
        GzipFrame.Compress(output.WrittenSpan, member);
        return member.WrittenSpan.ToArray();
    }

    public Task SendAsync(ReadOnlyMemory<byte> frame, WebSocketMessageType kind = WebSocketMessageType.Binary)
        => _socket.SendAsync(frame, kind, true, Patience.Token).AsTask();

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    /// <summary>A text message, sent and answered.</summary>
    public async Task<SendMsgResp> SendTextAsync(string receiver, string text, string? clientId = null)
        => await AskAsync(Requests.SendMessage, Text(receiver, text, clientId), SendMsgResp.Parser);

    public MsgData Text(string receiver, string text, string? clientId = null) => new()
    {
        SendID = userId,
        RecvID = receiver,
        ClientMsgID = clientId ?? Guid.NewGuid().ToString("N"),
        SenderPlatformID = 5,
        SenderNickname = "nick",
        SessionType = 1,
        MsgFrom = 100,
        ContentType = 101,
        Content = ByteString.CopyFromUtf8(JsonSerializer.Serialize(new { content = text })),
        CreateTime = 1_700_000_000_000,
        Status = 1,
        AttachedInfo = "null",
        OfflinePushInfo = new OfflinePushInfo { Title = "You have a new message.", IOSPushSound = "+1", IOSBadgeCount = true },
    };

    /// <summary>The next answer or push, in the order they came.</summary>
    public async Task<ResponseEnvelope> NextAsync()
    {
        var next = await TryNextAsync();
        Assert.NotNull(next);
        return next.Value;
    }

    /// <returns>Null when the server closed.</returns>
    public async Task<ResponseEnvelope?> TryNextAsync()
    {
        if (_set.TryDequeue(out var kept)) return kept;
        var (kind, frame) = await ReceiveFrameAsync();
        if (kind == WebSocketMessageType.Close) return null;
        Assert.Equal(WebSocketMessageType.Binary, kind);
        var envelope = isCompressed ? GzipFrame.Decompress(frame, 16 << 20) : frame;
        return isJson ? JsonEnvelope.ReadResponse(envelope) : GobEnvelope.ReadResponse(envelope);
    }

    /// <summary>The next thing that comes is the push of one message.</summary>
    public async Task<(string ConversationId, MsgData Message)> NextMessageAsync()
    {
        var push = await NextAsync();
        Assert.Equal((Requests.Push, 0, ""), (push.ReqIdentifier, push.ErrCode, push.MsgIncr));
        var (conversationId, messages) = Assert.Single(PushMessages.Parser.ParseFrom(push.Data.Span).Msgs);
        return (conversationId, Assert.Single(messages.Msgs));
    }

    public async Task<(WebSocketMessageType Kind, byte[] Frame)> ReceiveFrameAsync()
    {
        var buffer = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.GetMemory(64 << 10), Patience.Token);
            buffer.Advance(part.Count);
            if (part.EndOfMessage) return (part.MessageType, buffer.WrittenSpan.ToArray());
        }
    }

    /// <summary>Reads up to the close, and answers it.</summary>
    public async Task<WebSocketCloseStatus?> WaitClosedAsync()
    {
        while ((await ReceiveFrameAsync()).Kind != WebSocketMessageType.Close)
        {
        }

        if (_socket.State == WebSocketState.CloseReceived) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Patience.Token);
        return _socket.CloseStatus;
    }

    public async Task CloseAsync() => await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience.Token);

    public void Dispose() => _socket.Dispose();
}
