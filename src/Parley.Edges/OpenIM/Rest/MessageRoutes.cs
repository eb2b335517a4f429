using Google.Protobuf;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/msg</c>: sending for back ends, reading, and the marks of a conversation.</summary>
sealed class MessageRoutes(Sequencer sequencer, SequenceQueries sequences, HistoryQueries history, RestUsers users, OpenIMOptions options, TimeProvider time)
{
    public void Map(RestRoutes routes)
    {
        routes.Map<SendRequest>("/msg/send_msg", RestAccess.TokenHolder, SendAsync);
        routes.MapRaw("/msg/get_server_time", RestAccess.TokenHolder, (_, _) => new(RestAnswer.Of(new { ServerTime = time.GetUtcNow().ToUnixTimeMilliseconds() })));
        routes.MapFor<UserRequest>("/msg/newest_seq", request => request.UserID,
            async (_, user, _) => RestAnswer.Of(await sequences.NewestAsync(user)));
        routes.MapFor<PullRequest>("/msg/pull_msg_by_seq", request => request.UserID,
            async (_, user, request) => Of(await history.PullAsync(user, request.ToProtobuf())));
        routes.MapFor<MarksRequest>("/msg/get_conversations_has_read_and_max_seq", request => request.UserID,
            async (_, user, request) => Of(await sequences.HasReadAndMaxAsync(user, request.ToProtobuf())));
        routes.MapFor<ReadRequest>("/msg/mark_conversation_as_read", request => request.UserID, MarkAsync);
        routes.MapFor<ReadRequest>("/msg/set_conversation_has_read_seq", request => request.UserID, MarkAsync);
        routes.MapFor<ReadRequest>("/msg/mark_msgs_as_read", request => request.UserID, MarkAsync);
        routes.MapFor<ClearRequest>("/msg/clear_conversation_msg", request => request.UserID, ClearAsync);
    }

    async ValueTask<RestAnswer> SendAsync(RestCall call, SendRequest request)
    {
        if (request.ToProtobuf(time) is not { } data) return RestAnswer.Error(ErrorCodes.Arguments, "content is missing");
        return await users.ActAsync(call, data.SendID, async sender =>
        {
            if (SessionTypes.Fault(data.SessionType) is { } fault) return RestAnswer.Error(fault.Code, fault.Text);
            data.MsgFrom = call.IsAdministrator ? MessageTranslation.FromSystem : MessageTranslation.FromUser;
            var platform = Platforms.IsKnown(data.SenderPlatformID) ? data.SenderPlatformID : Platforms.Administration;
            if (MessageTranslation.Read(data, sender, platform, out var reason) is not { } message) return RestAnswer.Error(ErrorCodes.Arguments, reason!);
            var outcome = await sequencer.SubmitAsync(new SendMessage(options.App, call.Actor, message, data.RecvID, AllowSelf: true) { Trace = call.OperationId });
            if (!outcome.IsAccepted) return RestAnswer.Of(outcome.Refusal);
            return RestAnswer.Of(new
            {
                ServerMsgID = MessageTranslation.ServerId(outcome.Position, message.ClientId),
                ClientMsgID = message.ClientId,
                SendTime = MessageTranslation.Milliseconds(outcome.Time),
            });
        });
    }

    async ValueTask<RestAnswer> MarkAsync(RestCall call, UserNumber user, ReadRequest request)
    {
        var sequence = request.HasReadSeq > 0 ? request.HasReadSeq : request.Seqs is { Length: > 0 } seqs ? seqs.Max() : 0;
        return RestAnswer.Of(await MoveAsync(call, user, request.ConversationID ?? "", [(MarkKind.Read, sequence)]));
    }

    async ValueTask<RestAnswer> ClearAsync(RestCall call, UserNumber user, ClearRequest request)
    {
        if (request.DeleteSyncOpt is { IsSyncOther: true }) return RestAnswer.Error(ErrorCodes.RecordNotFound, "deleting for others is not offered by this server");
        if (request.ConversationIDs is not { } ids || ids.Length > options.MaxRangesPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "none or too many conversations");
        var refusal = Refusal.None;
        foreach (var id in ids)
        {
            // More than there is means all there is.
            var one = await MoveAsync(call, user, id ?? "", [(MarkKind.Read, long.MaxValue), (MarkKind.Minimum, long.MaxValue)]);
            if (refusal == Refusal.None) refusal = one;
        }

        return RestAnswer.Of(refusal);
    }

    async ValueTask<Refusal> MoveAsync(RestCall call, UserNumber user, string conversationId, (MarkKind Kind, long Sequence)[] marks)
    {
        var (isKnown, key) = await sequencer.QueryAsync((state, _)
            => (ConversationIds.TryResolve(state.App(options.App).Users, user, conversationId, out var key), key));
        if (!isKnown) return Refusal.UnknownConversation;
        foreach (var (kind, sequence) in marks)
        {
            var outcome = await sequencer.SubmitAsync(new MoveMark(options.App, call.Actor, user, key, kind, sequence));
            if (!outcome.IsAccepted) return outcome.Refusal;
        }

        return Refusal.None;
    }

    static RestAnswer Of(IMessage? data) => data is null ? RestAnswer.Error(ErrorCodes.Arguments, "too many conversations in one request") : RestAnswer.Of(data);

    sealed record PullRequest(string? UserID, Range?[]? SeqRanges, int Order)
    {
        public PullMessageBySeqsReq ToProtobuf() => new()
        {
            SeqRanges =
            {
                (SeqRanges ?? []).OfType<Range>().Select(range => new SeqRange { ConversationID = range.ConversationID ?? "", Begin = range.Begin, End = range.End, Num = range.Num }),
            },
            Order = (PullOrder)Order,
        };
    }

    sealed record Range(string? ConversationID, long Begin, long End, long Num);

    sealed record MarksRequest(string? UserID, string?[]? ConversationIDs)
    {
        public GetConversationsHasReadAndMaxSeqReq ToProtobuf() => new() { ConversationIDs = { (ConversationIDs ?? []).OfType<string>() } };
    }

    sealed record ReadRequest(string? UserID, string? ConversationID, long HasReadSeq, long[]? Seqs);

    sealed record ClearRequest(string? UserID, string?[]? ConversationIDs, DeleteOptions? DeleteSyncOpt);

    sealed record DeleteOptions([property: System.Text.Json.Serialization.JsonPropertyName("IsSyncOther")] bool IsSyncOther);
}
