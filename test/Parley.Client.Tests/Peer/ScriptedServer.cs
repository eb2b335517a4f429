using System.Buffers;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Google.Protobuf;
using Parley.Client.Connection;
using Parley.Client.Messages;
using Parley.Client.Storage;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Peer;

/// <summary>The far end of a client: keeps conversations, answers as the protocol says, and misbehaves where a test tells it to.</summary>
sealed class ScriptedServer
{
    readonly Lock _turn = new();
    readonly Dictionary<string, List<MsgData>> _conversations = [];
    readonly Channel<RequestEnvelope> _requests = Channel.CreateUnbounded<RequestEnvelope>();
    readonly Channel<Uri> _dials = Channel.CreateUnbounded<Uri>();
    readonly Channel<string> _pings = Channel.CreateUnbounded<string>();
    Duplex? _link;
    Uri? _address;

    public HandshakeAnswer? Handshake { get; set; } = HandshakeAnswer.Accepted;

    public bool Reachable { get; set; } = true;

    public bool AnswersPings { get; set; } = true;

    /// <summary>Null answers as usual; a function may return null to let a request go unanswered.</summary>
    public Func<RequestEnvelope, ResponseEnvelope?>? Instead { get; set; }

    /// <summary>Whose conversations these are.</summary>
    public string Self { get; init; } = "alice";

    /// <summary>How far that user has read.</summary>
    public Dictionary<string, long> ReadMarks { get; } = [];

    /// <summary>Messages that user deleted for themselves.</summary>
    public HashSet<(string Conversation, long Sequence)> Hidden { get; } = [];

    public ChannelReader<RequestEnvelope> Requests => _requests.Reader;

    public ChannelReader<Uri> Dials => _dials.Reader;

    public ChannelReader<string> Pings => _pings.Reader;

    public async Task<ITransport> ConnectAsync(Uri address, CancellationToken ct)
    {
        _dials.Writer.TryWrite(address);
        if (!Reachable) throw new TransportException("Nobody there.");
        var (client, server) = Duplex.Pair();
        (_link, _address) = (server, address);
        if (Handshake is { } answer)
        {
            await server.SendAsync(FrameKind.Text, Written(answer.Write), ct);
            if (answer.ErrCode == ErrorCodes.None) _ = ServeAsync(server);
        }
        return client;
    }

    /// <summary>Numbers and keeps a message; a repeat of one from the same sender is given back as it was kept.</summary>
    public MsgData Keep(string conversation, MsgData message)
    {
        lock (_turn)
        {
            if (!_conversations.TryGetValue(conversation, out var kept)) _conversations.Add(conversation, kept = []);
            if (kept.Find(one => one.SendID == message.SendID && one.ClientMsgID == message.ClientMsgID) is { } first) return first;
            var copy = message.Clone();
            (copy.Seq, copy.ServerMsgID, copy.SendTime, copy.Status) = (kept.Count + 1, $"server-{conversation}-{kept.Count + 1}", 1_000 + kept.Count, 2);
            kept.Add(copy);
            if (copy.SendID == Self) ReadMarks[conversation] = copy.Seq;
            return copy;
        }
    }

    public MsgData Keep(string from, string to, string text) => Keep(ConversationIds.BetweenTwo(from, to), Text(from, to, text));

    public static MsgData Text(string from, string to, string text) => new()
    {
        SendID = from,
        RecvID = to,
        ClientMsgID = Guid.NewGuid().ToString("N"),
        SessionType = 1,
        ContentType = 101,
        Content = ByteString.CopyFrom(MessageContent.Text(text).Json.Span),
    };

    /// <summary>As they are given to readers: what was deleted is a placeholder.</summary>
    public IReadOnlyList<MsgData> Kept(string conversation)
    {
        lock (_turn)
        {
            return _conversations.TryGetValue(conversation, out var kept)
                ? [.. kept.Select(one => Hidden.Contains((conversation, one.Seq)) ? new MsgData { Seq = one.Seq, SendID = one.SendID, ClientMsgID = one.ClientMsgID, Status = 4 } : one)] : [];
        }
    }

    /// <summary>Keeps a notice.</summary>
    public MsgData Notify(string conversation, int type, JsonObject tips) => Keep(conversation, Notice(type, tips));

    public static MsgData Notice(int type, JsonObject tips) => new()
    {
        SendID = "server",
        ClientMsgID = Guid.NewGuid().ToString("N"),
        MsgFrom = 200,
        ContentType = type,
        Content = ByteString.CopyFromUtf8(new JsonObject { ["detail"] = tips.ToJsonString() }.ToJsonString()),
        Options = { ["isNotNotification"] = false },
    };

    /// <summary>Takes a message back.</summary>
    /// <returns>The notice.</returns>
    public MsgData Recall(string conversation, long sequence, string by)
    {
        lock (_turn)
        {
            var message = _conversations[conversation][(int)sequence - 1] = _conversations[conversation][(int)sequence - 1].Clone();
            (message.ContentType, message.Content) = (2101, ByteString.CopyFromUtf8($$$"""{"detail":"{\"revokerID\":\"{{{by}}}\"}"}"""));
            return Notify(NoticesOf(conversation), 2101, new JsonObject
            {
                ["revokerUserID"] = by,
                ["clientMsgID"] = message.ClientMsgID,
                ["revokeTime"] = 5_000,
                ["sesstionType"] = 1,
                ["seq"] = sequence,
                ["conversationID"] = conversation,
                ["isAdminRevoke"] = false,
            });
        }
    }

    public static string NoticesOf(string conversation) => "n_" + conversation[3..];

    /// <summary>Messages behind the mark that count.</summary>
    public long Unread(string conversation)
    {
        var mark = ReadMarks.GetValueOrDefault(conversation);
        return Kept(conversation).Count(one => one.Seq > mark && one.SendID != Self && one.Status < 4 && one.ContentType != 2101
            && (!one.Options.TryGetValue("unreadCount", out var counts) || counts));
    }

    public ValueTask PushAsync(string conversation, params MsgData[] messages)
    {
        var push = new PushMessages();
        (ConversationIds.IsNotification(conversation) ? push.NotificationMsgs : push.Msgs)[conversation] = new PullMsgs { Msgs = { messages } };
        return SendAsync(new ResponseEnvelope(Wire.OpenIM.Requests.Push, 0, "", "", "", push.ToByteArray()));
    }

    public ValueTask SendAsync(ResponseEnvelope response) => SendRawAsync(FrameKind.Binary, Encode(response));

    public ValueTask SendRawAsync(FrameKind kind, ReadOnlyMemory<byte> bytes) => _link!.SendAsync(kind, bytes, default);

    public void Cut() => _link!.End();

    bool IsJson => _address!.Query.Contains("sdkType=js", StringComparison.Ordinal);

    bool IsGzip => _address!.Query.Contains("compression=gzip", StringComparison.Ordinal);

    async Task ServeAsync(Duplex link)
    {
        while (await link.ReceiveAsync(default) is { Kind: not FrameKind.Closed } frame)
        {
            if (frame.Kind == FrameKind.Text) await PongAsync(link, frame.Bytes);
            else
            {
                var request = Decode(frame.Bytes);
                _requests.Writer.TryWrite(request);
                var answer = Instead is { } instead ? instead(request) : Answer(request);
                if (answer is { } response && link == _link) await TrySendAsync(link, Encode(response));
            }
        }
    }

    // A test may cut the connection while we answer.
    static async Task TrySendAsync(Duplex link, ReadOnlyMemory<byte> frame)
    {
        try { await link.SendAsync(FrameKind.Binary, frame, default); }
        catch (TransportException) { }
    }

    async Task PongAsync(Duplex link, ReadOnlyMemory<byte> frame)
    {
        var ping = TextPing.Read(frame);
        if (AnswersPings && !ping.IsPong) await link.SendAsync(FrameKind.Text, Written(ping.ToPong().Write), default);
        _pings.Writer.TryWrite(ping.Body ?? "");
    }

    public ResponseEnvelope Answer(RequestEnvelope request) => request.ReqIdentifier switch
    {
        Wire.OpenIM.Requests.NewestSeq => Good(request, Newest()),
        Wire.OpenIM.Requests.PullBySeqRange => Good(request, Pull(PullMessageBySeqsReq.Parser.ParseFrom(request.Data.Span))),
        Wire.OpenIM.Requests.PullBySeqList => Good(request, PullOld(GetSeqMessageReq.Parser.ParseFrom(request.Data.Span))),
        Wire.OpenIM.Requests.HasReadAndMaxSeq => Good(request, Marks(GetConversationsHasReadAndMaxSeqReq.Parser.ParseFrom(request.Data.Span))),
        Wire.OpenIM.Requests.SubscribeOnlineStatus => Good(request, Presence(SubUserOnlineStatus.Parser.ParseFrom(request.Data.Span))),
        Wire.OpenIM.Requests.SendMessage => Good(request, Accept(MsgData.Parser.ParseFrom(request.Data.Span))),
        _ => Good(request, null),
    };

    public static ResponseEnvelope Good(RequestEnvelope request, IMessage? body) =>
        new(request.ReqIdentifier, 0, "", request.MsgIncr, request.OperationId, body.ToByteArrayOrEmpty());

    public static ResponseEnvelope Declined(RequestEnvelope request, int code) =>
        new(request.ReqIdentifier, code, "declined by the test", request.MsgIncr, request.OperationId, default);

    public GetMaxSeqResp Newest()
    {
        lock (_turn)
        {
            var answer = new GetMaxSeqResp();
            foreach (var (conversation, kept) in _conversations) answer.MaxSeqs[conversation] = kept.Count;
            return answer;
        }
    }

    public PullMessageBySeqsResp Pull(PullMessageBySeqsReq request)
    {
        var answer = new PullMessageBySeqsResp();
        foreach (var range in request.SeqRanges)
        {
            var kept = Kept(range.ConversationID).Where(message => message.Seq >= range.Begin && message.Seq <= range.End).ToList();
            var notification = ConversationIds.IsNotification(range.ConversationID);
            if (kept.Count == 0) continue;
            var pulled = new PullMsgs { Msgs = { notification ? kept : kept.TakeLast((int)range.Num) } };
            (notification ? answer.NotificationMsgs : answer.Msgs)[range.ConversationID] = pulled;
        }
        return answer;
    }

    public GetSeqMessageResp PullOld(GetSeqMessageReq request)
    {
        var answer = new GetSeqMessageResp();
        foreach (var wanted in request.Conversations)
        {
            Assert.InRange(wanted.Seqs.Count, 1, 50);
            var kept = Kept(wanted.ConversationID).Where(message => wanted.Seqs.Contains(message.Seq)).Reverse();
            answer.Msgs[wanted.ConversationID] = new PullMsgs { Msgs = { kept } };
        }
        return answer;
    }

    public GetConversationsHasReadAndMaxSeqResp Marks(GetConversationsHasReadAndMaxSeqReq request)
    {
        lock (_turn)
        {
            var answer = new GetConversationsHasReadAndMaxSeqResp();
            foreach (var (conversation, kept) in _conversations.Where(one => !ConversationIds.IsNotification(one.Key)))
            {
                if (request.ConversationIDs.Count == 0 || request.ConversationIDs.Contains(conversation))
                    answer.Seqs[conversation] = new Seqs { MaxSeq = kept.Count, HasReadSeq = kept.Count - Unread(conversation) };
            }
            return answer;
        }
    }

    /// <summary>Everyone is online from the web.</summary>
    static SubUserOnlineStatusTips Presence(SubUserOnlineStatus request)
    {
        var tips = new SubUserOnlineStatusTips();
        foreach (var userId in request.SubscribeUserID) tips.Subscribers.Add(new SubUserOnlineStatusElem { UserID = userId, OnlinePlatformIDs = { 5 } });
        return tips;
    }

    SendMsgResp Accept(MsgData message)
    {
        var conversation = message.GroupID.Length > 0 ? ConversationIds.OfGroup(message.GroupID) : ConversationIds.BetweenTwo(message.SendID, message.RecvID);
        var kept = message.Options.TryGetValue("history", out var history) && !history ? message : Keep(conversation, message);
        return new SendMsgResp { ClientMsgID = kept.ClientMsgID, ServerMsgID = kept.ServerMsgID, SendTime = kept.SendTime };
    }

    RequestEnvelope Decode(ReadOnlyMemory<byte> frame)
    {
        var envelope = IsGzip ? GzipFrame.Decompress(frame, 1 << 20) : frame;
        return IsJson ? JsonEnvelope.ReadRequest(envelope) : GobEnvelope.ReadRequest(envelope);
    }

    ReadOnlyMemory<byte> Encode(ResponseEnvelope response)
    {
        var envelope = Written(output =>
        {
            if (IsJson) JsonEnvelope.Write(output, response);
            else GobEnvelope.Write(output, response);
        });
        return IsGzip ? Written(output => GzipFrame.Compress(envelope.Span, output)) : envelope;
    }

    static ReadOnlyMemory<byte> Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenMemory;
    }
}

static class MessageBytes
{
    public static byte[] ToByteArrayOrEmpty(this IMessage? message) => message is null ? [] : message.ToByteArray();
}
