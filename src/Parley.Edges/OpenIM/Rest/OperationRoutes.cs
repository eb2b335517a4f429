using System.Text;
using System.Text.Json;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/msg</c>: what is done to messages after they were sent. Editing, reactions, pins and the readers in a group are Parley's own.</summary>
sealed class OperationRoutes(Sequencer sequencer, MessageReader reader, UserConversations conversations, RestUsers users, OpenIMOptions options)
{
    /// <summary>Members of a group looked at while the state is locked.</summary>
    const int MembersPerLook = 5_000;

    public void Map(RestRoutes routes)
    {
        MapFor<MessageRequest>(routes, "/msg/revoke_msg", RevokeAsync);
        MapFor<DeleteRequest>(routes, "/msg/delete_msgs", DeleteAsync);
        routes.Map<DeleteRequest>("/msg/delete_msg_phsical_by_seq", RestAccess.Administrator, DeleteForAllAsync);
        MapFor<EditRequest>(routes, "/msg/edit_msg", EditAsync);
        MapFor<ReactionRequest>(routes, "/msg/set_reaction", ReactAsync);
        MapFor<DeleteRequest>(routes, "/msg/get_reactions", GetReactionsAsync);
        MapFor<PinRequest>(routes, "/msg/set_pinned_msg", PinAsync);
        MapFor<MessageRequest>(routes, "/msg/get_pinned_msgs", GetPinsAsync);
        routes.MapFor<ReadersRequest>("/msg/get_group_message_readers", request => request.UserID, GetReadersAsync);
    }

    /// <summary>A path about a conversation of the user it names; an administrator may act under their own name, on any conversation.</summary>
    void MapFor<T>(RestRoutes routes, string path, Func<RestCall, UserNumber, ConversationKey, T, ValueTask<RestAnswer>> answer) where T : MessageRequest
        => routes.Map<T>(path, RestAccess.TokenHolder, (call, request) => call.IsAdministrator && (request.UserID is null or "" || request.UserID == options.AdminUserId)
            ? ActAsync(call, UserNumber.Administration, request, answer)
            : users.ActAsync(call, request.UserID, user => ActAsync(call, user, request, answer)));

    async ValueTask<RestAnswer> ActAsync<T>(RestCall call, UserNumber user, T request, Func<RestCall, UserNumber, ConversationKey, T, ValueTask<RestAnswer>> answer) where T : MessageRequest
    {
        var text = request.ConversationID ?? "";
        var (isKnown, key) = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            return (user == UserNumber.Administration ? ConversationIds.TryResolve(app, text, out var found) : ConversationIds.TryResolve(app, user, text, out found), found);
        });
        return isKnown ? await answer(call, user, key, request) : RestAnswer.Of(Refusal.UnknownConversation);
    }

    ValueTask<RestAnswer> RevokeAsync(RestCall call, UserNumber user, ConversationKey key, MessageRequest request)
        => SubmitAsync(call, user, key, request.Seq, target => new RecallMessage(call.App, call.Actor, user, target));

    ValueTask<RestAnswer> EditAsync(RestCall call, UserNumber user, ConversationKey key, EditRequest request)
    {
        var kind = ContentTypes.KindOf(request.ContentType);
        if (kind == ContentKind.None || request.Content.ValueKind != JsonValueKind.Object || Content.Read(kind, Encoding.UTF8.GetBytes(request.Content.GetRawText())) is not { } body)
            return new(RestAnswer.Error(ErrorCodes.Arguments, "content is not what its contentType wants"));
        return SubmitAsync(call, user, key, request.Seq, target => new EditMessage(call.App, call.Actor, user, target, kind, body));
    }

    ValueTask<RestAnswer> ReactAsync(RestCall call, UserNumber user, ConversationKey key, ReactionRequest request)
        => SubmitAsync(call, user, key, request.Seq, target => new React(call.App, call.Actor, user, target, request.Reaction ?? "", request.Removed));

    ValueTask<RestAnswer> PinAsync(RestCall call, UserNumber user, ConversationKey key, PinRequest request)
        => SubmitAsync(call, user, key, request.Seq, target => new PinMessage(call.App, call.Actor, user, target, request.Pinned));

    async ValueTask<RestAnswer> DeleteAsync(RestCall call, UserNumber user, ConversationKey key, DeleteRequest request)
    {
        if (request.DeleteSyncOpt is { IsSyncOther: true } || user == UserNumber.Administration) return await DeleteForAllAsync(call, user, key, request);
        if (Judge(request) is { } fault) return fault;
        var command = new HideMessages(call.App, call.Actor, user, key, request.Seqs!, request.DeleteSyncOpt is { IsSyncSelf: true }) { Trace = call.OperationId };
        return RestAnswer.Of((await sequencer.SubmitAsync(command)).Refusal);
    }

    ValueTask<RestAnswer> DeleteForAllAsync(RestCall call, DeleteRequest request) => ActAsync<DeleteRequest>(call, UserNumber.Administration, request, DeleteForAllAsync);

    async ValueTask<RestAnswer> DeleteForAllAsync(RestCall call, UserNumber user, ConversationKey key, DeleteRequest request)
    {
        if (Judge(request) is { } fault) return fault;
        var targets = new List<MessageTarget>();
        foreach (var sequence in request.Seqs!)
            if (await reader.FindAsync(call.App, user, key, sequence) is { } target) targets.Add(target);
        return RestAnswer.Of((await sequencer.SubmitAsync(new DeleteMessages(call.App, call.Actor, user, targets) { Trace = call.OperationId })).Refusal);
    }

    async ValueTask<RestAnswer> GetReactionsAsync(RestCall call, UserNumber user, ConversationKey key, DeleteRequest request)
    {
        if (Judge(request) is { } fault) return fault;
        var reactions = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            return request.Seqs!.Where(sequence => user == UserNumber.Administration || (app.Conversations.TryView(key, user, out var view) && sequence >= view.Minimum && sequence <= view.Last))
                .SelectMany(sequence => app.Reactions.Of(key, sequence).Select(reaction => new { Seq = sequence, UserID = app.Users.IdOf(reaction.User), Reaction = reaction.Text })).ToArray();
        });
        return RestAnswer.Of(new { Reactions = reactions });
    }

    async ValueTask<RestAnswer> GetPinsAsync(RestCall call, UserNumber user, ConversationKey key, MessageRequest request)
        => RestAnswer.Of(new
        {
            Seqs = await sequencer.QueryAsync((state, _) =>
            {
                var app = state.App(call.App);
                app.Conversations.TryView(key, user, out var view);
                return app.Pins.In(key).Where(sequence => user == UserNumber.Administration || (sequence >= view.Minimum && sequence <= view.Last)).ToArray();
            }),
        });

    /// <summary>Who has read a message in a group; for its sender, who leads the group, and administrators.</summary>
    async ValueTask<RestAnswer> GetReadersAsync(RestCall call, UserNumber user, ReadersRequest request)
    {
        if (await conversations.FindAsync(call.App, user, request.ConversationID ?? "") is not { } conversation) return RestAnswer.Of(Refusal.UnknownConversation);
        var key = conversation.View.Key;
        if (key.Kind != ConversationKind.Group || await reader.FindAsync(call.App, user, key, request.Seq) is not { } target) return RestAnswer.Of(Refusal.UnknownMessage);
        var page = request.Pagination ?? new Pagination(1, options.MaxIdsPerRequest);
        var (first, wanted) = ((page.PageNumber - 1L) * page.ShowNumber, Math.Min(page.ShowNumber, options.MaxIdsPerRequest));
        var (read, unread, ids) = (0L, 0L, new List<string>());
        for (var start = 0; ; start += MembersPerLook)
        {
            var (isAllowed, members) = await sequencer.QueryAsync((state, _) =>
            {
                var app = state.App(call.App);
                var mayAsk = call.Actor.Kind == ActorKind.Administrator || target.Sender == user || app.Members.RoleOf(key.Group, user) >= Core.Groups.GroupRole.Administrator;
                return (mayAsk, app.Groups.View(key.Group).MemberCount > start
                    ? app.Members.Readers(key.Group, request.Seq, target.Sender, start, MembersPerLook).Select(member => (Id: app.Users.IdOf(member.User), member.HasRead)).ToArray()
                    : null);
            });
            if (!isAllowed) return RestAnswer.Of(Refusal.NotAllowed);
            if (members is null) break;
            foreach (var (id, hasRead) in members)
            {
                var place = hasRead ? read++ : unread++;
                if (hasRead == request.HasRead && place >= first && ids.Count < wanted) ids.Add(id);
            }
        }

        return RestAnswer.Of(new { ReadCount = read, UnreadCount = unread, UserIDs = ids });
    }

    async ValueTask<RestAnswer> SubmitAsync(RestCall call, UserNumber user, ConversationKey key, long sequence, Func<MessageTarget, Command> command)
    {
        if (await reader.FindAsync(call.App, user, key, sequence) is not { } target) return RestAnswer.Of(Refusal.UnknownMessage);
        return RestAnswer.Of((await sequencer.SubmitAsync(command(target) with { Trace = call.OperationId })).Refusal);
    }

    RestAnswer? Judge(DeleteRequest request)
        => request.Seqs is not { Length: > 0 } seqs ? RestAnswer.Error(ErrorCodes.Arguments, "no seqs")
            : seqs.Length > options.MaxIdsPerRequest ? RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} seqs")
            : null;

    record MessageRequest(string? UserID, string? ConversationID, long Seq);

    sealed record DeleteRequest(string? UserID, string? ConversationID, long Seq, long[]? Seqs, DeleteOptions? DeleteSyncOpt) : MessageRequest(UserID, ConversationID, Seq);

    sealed record EditRequest(string? UserID, string? ConversationID, long Seq, int ContentType, JsonElement Content) : MessageRequest(UserID, ConversationID, Seq);

    sealed record ReactionRequest(string? UserID, string? ConversationID, long Seq, string? Reaction, bool Removed) : MessageRequest(UserID, ConversationID, Seq);

    sealed record PinRequest(string? UserID, string? ConversationID, long Seq, bool Pinned) : MessageRequest(UserID, ConversationID, Seq);

    sealed record ReadersRequest(string? UserID, string? ConversationID, long Seq, bool HasRead, Pagination? Pagination);
}
