using Google.Protobuf;
using Parley.Wire;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Connection;

/// <exception cref="ParleyException">Declined, timed out, or no connection.</exception>
delegate Task<ReadOnlyMemory<byte>> SendRequest(int reqIdentifier, IMessage body, CancellationToken ct);

/// <summary>The requests of the long connection, typed. All of them throw <see cref="ParleyException"/> alone, besides cancellation.</summary>
sealed class Questions(SendRequest send, string userId, int platform)
{
    public Task<GetMaxSeqResp> NewestSequencesAsync(CancellationToken ct) =>
        AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = userId }, GetMaxSeqResp.Parser, ct);

    /// <returns>Messages by conversation, notification conversations among them.</returns>
    public async Task<IReadOnlyDictionary<string, PullMsgs>> PullAsync(IEnumerable<SeqRange> ranges, CancellationToken ct)
    {
        var body = new PullMessageBySeqsReq { UserID = userId, Order = PullOrder.Asc };
        body.SeqRanges.AddRange(ranges);
        var answer = await AskAsync(Requests.PullBySeqRange, body, PullMessageBySeqsResp.Parser, ct);
        return Joined(answer.Msgs, answer.NotificationMsgs);
    }

    /// <param name="sequences">At most 50.</param>
    public async Task<PullMsgs> PullOldAsync(string conversation, IEnumerable<long> sequences, CancellationToken ct)
    {
        var wanted = new ConversationSeqs { ConversationID = conversation };
        wanted.Seqs.AddRange(sequences);
        var body = new GetSeqMessageReq { UserID = userId, Order = PullOrder.Desc, Conversations = { wanted } };
        var answer = await AskAsync(Requests.PullBySeqList, body, GetSeqMessageResp.Parser, ct);
        return Joined(answer.Msgs, answer.NotificationMsgs).GetValueOrDefault(conversation) ?? new PullMsgs();
    }

    /// <param name="conversations">Empty asks for all.</param>
    /// <returns>By conversation: <c>maxSeq</c> less <c>hasReadSeq</c> is what is unread, which need not make the latter the true mark.</returns>
    public async Task<IReadOnlyDictionary<string, Seqs>> CountsAsync(IEnumerable<string> conversations, CancellationToken ct)
    {
        var body = new GetConversationsHasReadAndMaxSeqReq { UserID = userId };
        body.ConversationIDs.AddRange(conversations);
        return (await AskAsync(Requests.HasReadAndMaxSeq, body, GetConversationsHasReadAndMaxSeqResp.Parser, ct)).Seqs.AsReadOnly();
    }

    public Task<SendMsgResp> SendAsync(MsgData message, CancellationToken ct) => AskAsync(Requests.SendMessage, message, SendMsgResp.Parser, ct);

    /// <returns>The presence of all who were added.</returns>
    public Task<SubUserOnlineStatusTips> SubscribeAsync(IEnumerable<string> add, IEnumerable<string> remove, CancellationToken ct)
    {
        var body = new SubUserOnlineStatus();
        body.SubscribeUserID.AddRange(add);
        body.UnsubscribeUserID.AddRange(remove);
        return AskAsync(Requests.SubscribeOnlineStatus, body, SubUserOnlineStatusTips.Parser, ct);
    }

    public Task SetBackgroundAsync(bool isBackground, CancellationToken ct) =>
        send(Requests.SetBackground, new SetAppBackgroundStatusReq { UserID = userId, IsBackground = isBackground }, ct);

    public Task LogoutAsync(CancellationToken ct) =>
        send(Requests.Logout, new DelUserPushTokenReq { UserID = userId, PlatformID = platform }, ct);

    async Task<T> AskAsync<T>(int reqIdentifier, IMessage body, MessageParser<T> parser, CancellationToken ct) where T : IMessage<T>
    {
        var data = await send(reqIdentifier, body, ct);
        try { return Payload.Read(parser, data); }
        catch (MalformedFrameException e) { throw new ParleyException(ParleyException.Malformed, e.Message, e); }
    }

    static Dictionary<string, PullMsgs> Joined(IDictionary<string, PullMsgs> messages, IDictionary<string, PullMsgs> notifications)
    {
        var joined = new Dictionary<string, PullMsgs>(messages);
        foreach (var (conversation, pulled) in notifications) joined.TryAdd(conversation, pulled);
        return joined;
    }
}
