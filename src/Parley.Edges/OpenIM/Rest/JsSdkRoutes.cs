using Google.Protobuf;
using Parley.Core;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Edges.OpenIM.Translation;
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
        var all = await conversations.AllAsync(options.App, user);
        var answer = new GetActiveConversationsResp { UnreadCount = all.Sum(conversation => conversation.View.Unread) };
        answer.Conversations.AddRange(await WriteAsync(all.Where(conversation => conversation.View.Last >= conversation.View.Minimum)
            .OrderByDescending(conversation => conversation.View.Settings.IsPinned).ThenByDescending(conversation => conversation.View.LastTime).Take(count), withEmpty: false));
        return answer;
    }

    async ValueTask<IMessage?> GetSomeAsync(UserNumber user, GetConversationsReq request)
    {
        if (request.ConversationIDs.Count > MaxConversations) return null;
        var found = (await conversations.FindAsync(options.App, user, request.ConversationIDs)).Values;
        var answer = new GetConversationsResp { UnreadCount = found.Sum(conversation => conversation.View.Unread) };
        answer.Conversations.AddRange(await WriteAsync(found, withEmpty: true));
        return answer;
    }

    /// <param name="withEmpty">Also those in which nothing can be shown: who asks for certain ones has to get them.</param>
    async ValueTask<List<ConversationMsg>> WriteAsync(IEnumerable<UserConversation> chosen, bool withEmpty)
    {
        var shown = new List<(UserConversation Conversation, MsgData? Last)>();
        foreach (var conversation in chosen)
            if (await history.LastShownAsync(options.App, conversation) is var last && (last is not null || withEmpty)) shown.Add((conversation, last));

        return await sequencer.QueryAsync((state, _) => shown.ConvertAll(entry => Write(state.App(options.App), entry.Conversation, entry.Last)));
    }

    static ConversationMsg Write(AppState app, UserConversation conversation, MsgData? last)
    {
        var view = conversation.View;
        var written = new ConversationMsg { Conversation = ConversationRoutes.Write(conversation), LastMsg = last, MaxSeq = view.Last, ReadSeq = conversation.ReadAsCounted };
        if (view.Name.IsGroup)
        {
            written.Group = GroupObjects.Group(app.Groups.View(view.Key.Group));
            return written;
        }

        var peer = view.Key.PeerOf(view.User);
        written.User = UserRoutes.Info(app.Users.Profile(peer));
        if (app.Contacts.TryFindFriend(view.User, peer, out var friend))
            written.Friend = new FriendInfoOnly
            {
                OwnerUserID = friend!.OwnerId,
                FriendUserID = friend.User.Id,
                Remark = friend.Remark,
                CreateTime = MessageTranslation.Milliseconds(friend.AddedAt),
                AddSource = (int)friend.Source,
                OperatorUserID = friend.OperatorId,
                Ex = friend.Extra,
                IsPinned = friend.IsPinned,
            };
        return written;
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
