using Google.Protobuf;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Wire;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>
/// <c>/jssdk</c>: conversations with their last message, for the JavaScript SDK. It asks in protobuf and then wants protobuf back, in base64 inside the JSON answer.
/// </summary>
sealed class JsSdkRoutes(UserConversations conversations, HistoryQueries history, RestUsers users, Sequencer sequencer, OpenIMOptions options)
{
    const int MaxConversations = 500;
    const int DefaultConversations = 100;

    public void Map(RestRoutes routes)
    {
        routes.MapRaw("/jssdk/get_active_conversations", RestAccess.TokenHolder, (call, body) => AnswerAsync(call, body, GetActiveConversationsReq.Parser,
            (ActiveRequest request) => new GetActiveConversationsReq { OwnerUserID = request.OwnerUserID ?? "", Count = request.Count },
            request => request.OwnerUserID, GetActiveAsync));
        routes.MapRaw("/jssdk/get_conversations", RestAccess.TokenHolder, (call, body) => AnswerAsync(call, body, GetConversationsReq.Parser,
            (SomeRequest request) => new GetConversationsReq { OwnerUserID = request.OwnerUserID ?? "", ConversationIDs = { (request.ConversationIDs ?? []).OfType<string>() } },
            request => request.OwnerUserID, GetSomeAsync));
    }

    async ValueTask<IMessage?> GetActiveAsync(UserNumber user, GetActiveConversationsReq request)
    {
        var count = (int)Math.Min(request.Count <= 0 ? DefaultConversations : request.Count, MaxConversations);
        var all = await conversations.AllAsync(user);
        var answer = new GetActiveConversationsResp { UnreadCount = all.Sum(conversation => conversation.Unread) };
        answer.Conversations.AddRange(await WriteAsync(all.OrderByDescending(conversation => conversation.View.LastTime).Take(count)));
        return answer;
    }

    async ValueTask<IMessage?> GetSomeAsync(UserNumber user, GetConversationsReq request)
    {
        if (request.ConversationIDs.Count > MaxConversations) return null;
        var found = (await conversations.FindAsync(user, request.ConversationIDs)).Values;
        var answer = new GetConversationsResp { UnreadCount = found.Sum(conversation => conversation.Unread) };
        answer.Conversations.AddRange(await WriteAsync(found));
        return answer;
    }

    /// <summary>Conversations in which nothing can be shown are left out.</summary>
    async ValueTask<List<ConversationMsg>> WriteAsync(IEnumerable<UserConversation> chosen)
    {
        var shown = new List<(UserConversation Conversation, MsgData Last)>();
        foreach (var conversation in chosen)
            if (history.LastShown(conversation) is { } last) shown.Add((conversation, last));

        var profiles = await sequencer.QueryAsync((state, _) => shown.ConvertAll(entry => state.App(options.App).Users.Profile(entry.Conversation.Peer)));
        return [.. shown.Zip(profiles, (entry, peer) => new ConversationMsg
        {
            Conversation = ConversationRoutes.Write(entry.Conversation),
            LastMsg = entry.Last,
            User = UserRoutes.Info(peer),
            MaxSeq = entry.Conversation.View.Last,
            ReadSeq = entry.Conversation.View.Read,
        })];
    }

    async ValueTask<RestAnswer> AnswerAsync<TMessage, TJson>(RestCall call, RestBody body, MessageParser<TMessage> parser, Func<TJson, TMessage> convert,
        Func<TMessage, string> userId, Func<UserNumber, TMessage, ValueTask<IMessage?>> answer)
        where TMessage : class, IMessage<TMessage> where TJson : class
    {
        TMessage? request;
        try
        {
            request = body.IsProtobuf ? Payload.Read(parser, body.Bytes.Span) : RestRoutes.Parse<TJson>(body.Bytes.Span) is { } json ? convert(json) : null;
        }
        catch (MalformedFrameException)
        {
            request = null;
        }

        if (request is null) return RestAnswer.Error(ErrorCodes.Arguments, "the body is not what this path wants");
        return await users.ActAsync(call, userId(request), async user => await answer(user, request) is not { } data
            ? RestAnswer.Error(ErrorCodes.Arguments, "too many conversations in one request")
            : RestAnswer.Of(body.IsProtobuf ? Convert.ToBase64String(data.ToByteArray()) : data));
    }

    sealed record ActiveRequest(string? OwnerUserID, long Count);

    sealed record SomeRequest(string? OwnerUserID, string?[]? ConversationIDs);
}
