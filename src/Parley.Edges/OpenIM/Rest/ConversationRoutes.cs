using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Lists;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/conversation</c>: the user's conversations, what they set for them, and what changed since a version of the list.</summary>
sealed class ConversationRoutes(UserConversations conversations, HistoryQueries history, ListReader lists, ListVersions versions, Sequencer sequencer, RestUsers users, OpenIMOptions options)
{
    public void Map(RestRoutes routes)
    {
        routes.MapFor<IncrementalRequest>("/conversation/get_incremental_conversations", request => request.UserID, GetIncrementalAsync);
        routes.MapFor<PageRequest>("/conversation/get_owner_conversation", request => request.UserID, GetPageAsync);
        routes.MapFor<OwnerRequest>("/conversation/get_all_conversations", request => request.OwnerUserID, GetAllAsync);
        routes.MapFor<OwnerRequest>("/conversation/get_conversations", request => request.OwnerUserID, GetSomeAsync);
        routes.MapFor<OwnerRequest>("/conversation/get_conversation", request => request.OwnerUserID, GetOneAsync);
        routes.MapFor<SortedRequest>("/conversation/get_sorted_conversation_list", request => request.UserID, GetSortedAsync);
        routes.MapFor<UserRequest>("/conversation/get_full_conversation_ids", request => request.UserID, GetIdsAsync);
        routes.MapFor<UserRequest>("/conversation/get_not_notify_conversation_ids", request => request.UserID,
            (call, user, _) => IdsAsync(call, user, conversation => conversation.View.Settings.Receive == ReceiveOption.Silent));
        routes.MapFor<UserRequest>("/conversation/get_pinned_conversation_ids", request => request.UserID,
            (call, user, _) => IdsAsync(call, user, conversation => conversation.View.Settings.IsPinned));
        routes.Map<SetRequest>("/conversation/set_conversations", RestAccess.TokenHolder, SetAsync);
        routes.MapFor<DeleteRequest>("/conversation/delete_conversations", request => request.OwnerUserID, DeleteAsync);
        routes.MapFor<ExtraRequest>("/conversation/update_conversations_by_user", request => request.UserID, SetExtraAsync);
    }

    public static Conversation Write(UserConversation conversation)
    {
        var (view, settings) = (conversation.View, conversation.View.Settings);
        return new Conversation
        {
            OwnerUserID = conversation.OwnId,
            ConversationID = conversation.Id,
            ConversationType = SessionTypes.Of(view.Name),
            UserID = conversation.PeerId,
            GroupID = view.Name.IsGroup ? view.Name.First : "",
            RecvMsgOpt = (int)settings.Receive,
            IsPinned = settings.IsPinned,
            IsPrivateChat = settings.IsPrivate,
            BurnDuration = settings.BurnSeconds,
            GroupAtType = (int)view.Mention,
            AttachedInfo = settings.Attached,
            Ex = settings.Extra,
            MsgDestructTime = settings.DestructSeconds,
            IsMsgDestruct = settings.IsDestructing,
            MinSeq = view.Minimum > 1 ? view.Minimum : 0,
            MaxSeq = view.HasLeft ? view.Last : 0,
        };
    }

    static Conversation[] Write(IEnumerable<UserConversation> conversations) => [.. conversations.Select(Write)];

    async ValueTask<RestAnswer> GetIncrementalAsync(RestCall call, UserNumber user, IncrementalRequest request)
    {
        var version = await sequencer.QueryAsync((state, _) => state.App(call.App).Conversations.VersionOf(user));
        var delta = versions.Delta(lists, call.App, FeedIds.Conversations(user), request.VersionID, request.Version, version);
        var (inserted, updated, deleted) = (new List<UserConversation>(), new List<UserConversation>(), new List<string>());
        if (delta is { Count: > 0 })
        {
            await sequencer.QueryAsync((state, _) =>
            {
                var app = state.App(call.App);
                foreach (var (entry, isAdded) in delta)
                {
                    var key = new ConversationKey(new((ulong)entry));
                    if (app.Conversations.TryView(key, user, out var view)) (isAdded ? inserted : updated).Add(new UserConversation(ConversationIds.Of(view.Name), app.Users.IdOf(user), view));
                    else deleted.Add(ConversationIds.Of(app.Conversations.NameOf(key)));
                }

                return true;
            });
        }

        return RestAnswer.Of(new
        {
            Version = ListVersions.Of(version),
            VersionID = versions.Id,
            Full = delta is null,
            Delete = deleted,
            Insert = Write(inserted),
            Update = Write(updated),
        });
    }

    async ValueTask<RestAnswer> GetPageAsync(RestCall call, UserNumber user, PageRequest request)
    {
        var all = await conversations.AllAsync(call.App, user);
        return RestAnswer.Of(new { Total = all.Count, Conversations = Write((request.Pagination ?? new Pagination(1, int.MaxValue)).Of(NewestFirst(all))) });
    }

    async ValueTask<RestAnswer> GetAllAsync(RestCall call, UserNumber user, OwnerRequest request)
        => RestAnswer.Of(new { Conversations = Write(NewestFirst(await conversations.AllAsync(call.App, user))) });

    async ValueTask<RestAnswer> GetSomeAsync(RestCall call, UserNumber user, OwnerRequest request)
    {
        var ids = (request.ConversationIDs ?? []).OfType<string>().ToArray();
        if (ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} ids");
        return RestAnswer.Of(new { Conversations = Write((await conversations.FindAsync(call.App, user, ids)).Values) });
    }

    async ValueTask<RestAnswer> GetOneAsync(RestCall call, UserNumber user, OwnerRequest request)
        => await conversations.FindAsync(call.App, user, request.ConversationID ?? "") is { } found
            ? RestAnswer.Of(new { Conversation = Write(found) })
            : RestAnswer.Of(Refusal.UnknownConversation);

    /// <summary>Pinned ones first, then by their last message, which is told with them.</summary>
    async ValueTask<RestAnswer> GetSortedAsync(RestCall call, UserNumber user, SortedRequest request)
    {
        var all = await conversations.AllAsync(call.App, user);
        var asked = (request.ConversationIDs ?? []).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var sorted = all.Where(conversation => asked.Count == 0 || asked.Contains(conversation.Id))
            .OrderByDescending(conversation => conversation.View.Settings.IsPinned).ThenByDescending(conversation => conversation.View.LastTime).ToArray();
        var elements = new List<object>();
        foreach (var conversation in (request.Pagination ?? new Pagination(1, options.MaxIdsPerRequest)).Of(sorted).Take(options.MaxIdsPerRequest))
            elements.Add(new
            {
                ConversationID = conversation.Id,
                RecvMsgOpt = (int)conversation.View.Settings.Receive,
                UnreadCount = conversation.View.Unread,
                IsPinned = conversation.View.Settings.IsPinned,
                MsgInfo = await history.LastShownAsync(call.App, conversation),
            });
        return RestAnswer.Of(new { ConversationTotal = sorted.Length, UnreadTotal = sorted.Sum(conversation => conversation.View.Unread), ConversationElems = elements });
    }

    async ValueTask<RestAnswer> GetIdsAsync(RestCall call, UserNumber user, UserRequest request)
    {
        var (all, version) = await conversations.VersionedAsync(call.App, user);
        return RestAnswer.Of(new
        {
            Version = ListVersions.Of(version),
            VersionID = versions.Id,
            Equal = false,
            ConversationIDs = NewestFirst(all).Select(conversation => conversation.Id).ToArray(),
        });
    }

    async ValueTask<RestAnswer> IdsAsync(RestCall call, UserNumber user, Func<UserConversation, bool> isMeant)
        => RestAnswer.Of(new { ConversationIDs = (await conversations.AllAsync(call.App, user)).Where(isMeant).Select(conversation => conversation.Id).ToArray() });

    async ValueTask<RestAnswer> SetAsync(RestCall call, SetRequest request)
    {
        if (request.UserIDs is not { Length: > 0 } ids || request.Conversation is not { } changes) return RestAnswer.Error(ErrorCodes.Arguments, "no users or no conversation");
        if (ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} ids");
        if (changes.ToChange() is not { } change) return RestAnswer.Error(ErrorCodes.Arguments, "recvMsgOpt is 0, 1 or 2");
        foreach (var id in ids)
        {
            var answer = await users.ActAsync(call, id, async user =>
            {
                var (isKnown, key) = await sequencer.QueryAsync((state, _) => (ConversationIds.TryResolve(state.App(call.App), user, changes.ConversationID ?? "", out var found), found));
                if (!isKnown) return RestAnswer.Of(Refusal.UnknownConversation);
                var outcome = await sequencer.SubmitAsync(new ChangeConversation(call.App, call.Actor, user, key, change) { Trace = call.OperationId });
                if (outcome.IsAccepted && changes.MinSeq is { } minimum)
                    outcome = await sequencer.SubmitAsync(new MoveMark(call.App, call.Actor, user, key, MarkKind.Minimum, minimum));
                return RestAnswer.Of(outcome.Refusal);
            });
            if (answer.Code != ErrorCodes.None) return answer;
        }

        return RestAnswer.Done;
    }

    /// <summary>A conversation can't leave the list while its peer or group is there; what was said in it is cleared away.</summary>
    async ValueTask<RestAnswer> DeleteAsync(RestCall call, UserNumber user, DeleteRequest request)
    {
        var ids = (request.ConversationIDs ?? []).OfType<string>().ToArray();
        if (ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} ids");
        foreach (var conversation in (await conversations.FindAsync(call.App, user, ids)).Values)
        {
            var outcome = await sequencer.SubmitAsync(new ClearConversation(call.App, call.Actor, user, conversation.View.Key, TellsOwnDevices: true) { Trace = call.OperationId });
            if (!outcome.IsAccepted) return RestAnswer.Of(outcome.Refusal);
        }

        return RestAnswer.Done;
    }

    async ValueTask<RestAnswer> SetExtraAsync(RestCall call, UserNumber user, ExtraRequest request)
    {
        if (request.Ex is null) return RestAnswer.Done;
        foreach (var conversation in await conversations.AllAsync(call.App, user))
        {
            var outcome = await sequencer.SubmitAsync(new ChangeConversation(call.App, call.Actor, user, conversation.View.Key, new ConversationChange { Extra = request.Ex }) { Trace = call.OperationId });
            if (!outcome.IsAccepted) return RestAnswer.Of(outcome.Refusal);
        }

        return RestAnswer.Done;
    }

    static IEnumerable<UserConversation> NewestFirst(IEnumerable<UserConversation> all) => all.OrderByDescending(conversation => conversation.View.LastTime);

    sealed record OwnerRequest(string? OwnerUserID, string?[]? ConversationIDs, string? ConversationID);

    sealed record PageRequest(string? UserID, Pagination? Pagination);

    sealed record SortedRequest(string? UserID, string?[]? ConversationIDs, Pagination? Pagination);

    sealed record DeleteRequest(string? OwnerUserID, string?[]? ConversationIDs);

    sealed record ExtraRequest(string? UserID, string? Ex);

    sealed record SetRequest(string?[]? UserIDs, ConversationRequest? Conversation);

    sealed record ConversationRequest(string? ConversationID, int? RecvMsgOpt, bool? IsPinned, string? AttachedInfo, bool? IsPrivateChat, string? Ex, int? BurnDuration,
        long? MinSeq, int? GroupAtType, long? MsgDestructTime, bool? IsMsgDestruct)
    {
        public ConversationChange? ToChange() => RecvMsgOpt is < 0 or > 2 ? null : new ConversationChange
        {
            Receive = (ReceiveOption?)RecvMsgOpt,
            IsPinned = IsPinned,
            IsPrivate = IsPrivateChat,
            BurnSeconds = BurnDuration,
            SeesMentions = GroupAtType == 0,
            Attached = AttachedInfo,
            Extra = Ex,
            DestructSeconds = MsgDestructTime,
            IsDestructing = IsMsgDestruct,
        };
    }
}

/// <summary>What a client already has of a list.</summary>
sealed record IncrementalRequest(string? UserID, string? VersionID, ulong Version);

/// <param name="PageNumber">From 1.</param>
sealed record Pagination(int PageNumber, int ShowNumber)
{
    public IEnumerable<T> Of<T>(IEnumerable<T> all)
        => PageNumber < 1 || ShowNumber < 1 ? [] : all.Skip((int)Math.Min(int.MaxValue, (PageNumber - 1L) * ShowNumber)).Take(ShowNumber);
}
