using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>
/// <c>/conversation</c>: the user's peer conversations. Their list grows by one with each that is begun and changes in no other way yet, so its version is their
/// number plus one and what came since a version is the newest so many.
/// </summary>
sealed class ConversationRoutes(UserConversations conversations, ListVersions versions, OpenIMOptions options)
{
    const int MaxDelta = 200;

    public void Map(RestRoutes routes)
    {
        routes.MapFor<IncrementalRequest>("/conversation/get_incremental_conversations", request => request.UserID, GetIncrementalAsync);
        routes.MapFor<PageRequest>("/conversation/get_owner_conversation", request => request.UserID, GetPageAsync);
        routes.MapFor<OwnerRequest>("/conversation/get_all_conversations", request => request.OwnerUserID, GetAllAsync);
        routes.MapFor<OwnerRequest>("/conversation/get_conversations", request => request.OwnerUserID, GetSomeAsync);
        routes.MapFor<OwnerRequest>("/conversation/get_conversation", request => request.OwnerUserID, GetOneAsync);
        routes.MapFor<UserRequest>("/conversation/get_full_conversation_ids", request => request.UserID, GetIdsAsync);
        // Nobody can silence or pin a conversation yet.
        routes.MapFor<UserRequest>("/conversation/get_not_notify_conversation_ids", request => request.UserID, GetNoIdsAsync);
        routes.MapFor<UserRequest>("/conversation/get_pinned_conversation_ids", request => request.UserID, GetNoIdsAsync);
    }

    public static Conversation Write(UserConversation conversation) => new()
    {
        OwnerUserID = conversation.OwnId,
        ConversationID = conversation.Id,
        ConversationType = 1,
        UserID = conversation.PeerId,
        MinSeq = conversation.View.Minimum > 1 ? conversation.View.Minimum : 0,
    };

    static Conversation[] Write(IEnumerable<UserConversation> conversations) => [.. conversations.Select(Write)];

    async ValueTask<RestAnswer> GetIncrementalAsync(RestCall call, UserNumber user, IncrementalRequest request)
    {
        var (all, total) = await conversations.CountedAsync(user);
        var version = (ulong)total + ListVersions.First;
        var isKnown = request.VersionID == versions.Id && request.Version > 0 && request.Version <= version;
        var behind = isKnown ? (int)(version - request.Version) : 0;
        return RestAnswer.Of(new
        {
            Version = version,
            VersionID = versions.Id,
            Full = !isKnown || behind > MaxDelta || behind > all.Count,
            Delete = Array.Empty<string>(),
            Insert = behind > MaxDelta || behind > all.Count ? [] : Write(all.Take(behind)),
            Update = Array.Empty<Conversation>(),
        });
    }

    async ValueTask<RestAnswer> GetPageAsync(RestCall call, UserNumber user, PageRequest request)
    {
        var all = await conversations.AllAsync(user);
        return RestAnswer.Of(new { Total = all.Count, Conversations = Write((request.Pagination ?? new Pagination(1, int.MaxValue)).Of(NewestFirst(all))) });
    }

    async ValueTask<RestAnswer> GetAllAsync(RestCall call, UserNumber user, OwnerRequest request)
        => RestAnswer.Of(new { Conversations = Write(NewestFirst(await conversations.AllAsync(user))) });

    async ValueTask<RestAnswer> GetSomeAsync(RestCall call, UserNumber user, OwnerRequest request)
    {
        var ids = (request.ConversationIDs ?? []).OfType<string>().ToArray();
        if (ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} ids");
        return RestAnswer.Of(new { Conversations = Write((await conversations.FindAsync(user, ids)).Values) });
    }

    async ValueTask<RestAnswer> GetOneAsync(RestCall call, UserNumber user, OwnerRequest request)
    {
        var found = await conversations.FindAsync(user, [request.ConversationID ?? ""]);
        return found.Count == 0 ? RestAnswer.Of(Core.Refusal.UnknownConversation) : RestAnswer.Of(new { Conversation = Write(found.Values.Single()) });
    }

    async ValueTask<RestAnswer> GetIdsAsync(RestCall call, UserNumber user, UserRequest request)
    {
        var (all, total) = await conversations.CountedAsync(user);
        return RestAnswer.Of(new
        {
            Version = (ulong)total + ListVersions.First,
            VersionID = versions.Id,
            Equal = false,
            ConversationIDs = NewestFirst(all).Select(conversation => conversation.Id).ToArray(),
        });
    }

    static ValueTask<RestAnswer> GetNoIdsAsync(RestCall call, UserNumber user, UserRequest request)
        => new(RestAnswer.Of(new { ConversationIDs = Array.Empty<string>() }));

    static IEnumerable<UserConversation> NewestFirst(IEnumerable<UserConversation> all) => all.OrderByDescending(conversation => conversation.View.LastTime);

    sealed record OwnerRequest(string? OwnerUserID, string?[]? ConversationIDs, string? ConversationID);

    sealed record PageRequest(string? UserID, Pagination? Pagination);
}

/// <summary>What a client already has of a list.</summary>
sealed record IncrementalRequest(string? UserID, string? VersionID, ulong Version);

/// <param name="PageNumber">From 1.</param>
sealed record Pagination(int PageNumber, int ShowNumber)
{
    public IEnumerable<T> Of<T>(IEnumerable<T> all)
        => PageNumber < 1 || ShowNumber < 1 ? [] : all.Skip((int)Math.Min(int.MaxValue, (PageNumber - 1L) * ShowNumber)).Take(ShowNumber);
}
