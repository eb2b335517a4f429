using Google.Protobuf;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/msg</c>: histories, and the marks of a user's conversations.</summary>
sealed class MessageRoutes(Sequencer sequencer, SequenceQueries sequences, HistoryQueries history, UserConversations conversations, OpenIMOptions options, TimeProvider time)
{
    public void Map(RestRoutes routes)
    {
        routes.MapRaw("/msg/get_server_time", RestAccess.TokenHolder, (_, _) => new(RestAnswer.Of(new { ServerTime = time.GetUtcNow().ToUnixTimeMilliseconds() })));
        routes.MapFor<UserRequest>("/msg/newest_seq", request => request.UserID,
            async (call, user, request) => RestAnswer.Of(await sequences.NewestAsync(call.App, user, request.UserID!)));
        routes.MapFor<PullRequest>("/msg/pull_msg_by_seq", request => request.UserID,
            async (call, user, request) => Of(await history.PullAsync(call.App, user, request.ToProtobuf())));
        routes.MapFor<MarksRequest>("/msg/get_conversations_has_read_and_max_seq", request => request.UserID,
            async (call, user, request) => Of(await sequences.HasReadAndMaxAsync(call.App, user, request.ToProtobuf())));
        routes.MapFor<ReadRequest>("/msg/mark_conversation_as_read", request => request.UserID, MarkAsync);
        routes.MapFor<ReadRequest>("/msg/set_conversation_has_read_seq", request => request.UserID, MarkAsync);
        routes.MapFor<ReadRequest>("/msg/mark_msgs_as_read", request => request.UserID, MarkAsync);
        routes.MapFor<ClearRequest>("/msg/clear_conversation_msg", request => request.UserID, ClearAsync);
        routes.MapFor<ClearRequest>("/msg/user_clear_all_msg", request => request.UserID, ClearAllAsync);
    }

    async ValueTask<RestAnswer> MarkAsync(RestCall call, UserNumber user, ReadRequest request)
    {
        if (await conversations.FindAsync(call.App, user, request.ConversationID ?? "") is not { } conversation) return RestAnswer.Of(Refusal.UnknownConversation);
        var sequence = request.HasReadSeq > 0 ? request.HasReadSeq : request.Seqs is { Length: > 0 } seqs ? seqs.Max() : 0;
        var outcome = await sequencer.SubmitAsync(new MoveMark(call.App, call.Actor, user, conversation.View.Key, MarkKind.Read, sequence) { Trace = call.OperationId });
        return RestAnswer.Of(outcome.Refusal);
    }

    async ValueTask<RestAnswer> ClearAsync(RestCall call, UserNumber user, ClearRequest request)
    {
        if (request.ConversationIDs is not { } ids || ids.Length > options.MaxRangesPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "none or too many conversations");
        var found = await conversations.FindAsync(call.App, user, ids.OfType<string>());
        return found.Count < ids.Length ? RestAnswer.Of(Refusal.UnknownConversation) : await ClearAsync(call, user, found.Values, request);
    }

    async ValueTask<RestAnswer> ClearAllAsync(RestCall call, UserNumber user, ClearRequest request)
        => await ClearAsync(call, user, await conversations.AllAsync(call.App, user), request);

    async ValueTask<RestAnswer> ClearAsync(RestCall call, UserNumber user, IEnumerable<UserConversation> chosen, ClearRequest request)
    {
        foreach (var conversation in chosen)
        {
            // A user takes only what they wrote from others, and that message by message.
            Command clear = request.DeleteSyncOpt is { IsSyncOther: true }
                ? new CutConversation(call.App, call.Actor, conversation.View.Key, conversation.View.Last) { TellsDevices = true }
                : new ClearConversation(call.App, call.Actor, user, conversation.View.Key, TellsOwnDevices: request.DeleteSyncOpt is { IsSyncSelf: true });
            var outcome = await sequencer.SubmitAsync(clear with { Trace = call.OperationId });
            if (!outcome.IsAccepted) return RestAnswer.Of(outcome.Refusal);
        }

        return RestAnswer.Done;
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

    sealed record MarksRequest(string? UserID, string?[]? ConversationIDs, bool ReturnPinned)
    {
        public GetConversationsHasReadAndMaxSeqReq ToProtobuf() => new() { ConversationIDs = { (ConversationIDs ?? []).OfType<string>() }, ReturnPinned = ReturnPinned };
    }

    sealed record ReadRequest(string? UserID, string? ConversationID, long HasReadSeq, long[]? Seqs);

    sealed record ClearRequest(string? UserID, string?[]? ConversationIDs, DeleteOptions? DeleteSyncOpt);
}

/// <summary>How far a deletion goes; the capitals are the protocol's.</summary>
sealed record DeleteOptions(
    [property: System.Text.Json.Serialization.JsonPropertyName("IsSyncSelf")] bool IsSyncSelf,
    [property: System.Text.Json.Serialization.JsonPropertyName("IsSyncOther")] bool IsSyncOther);
