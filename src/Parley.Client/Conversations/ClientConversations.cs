using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Lists;
using Parley.Client.Storage;
using Parley.Client.Sync;

namespace Parley.Client.Conversations;

/// <summary>
/// Conversations, their settings and what is unread: kept in the local store and readable offline. Changes ask the server and throw <see cref="ParleyException"/> when it
/// declines or can't be reached; when one returns, the local store shows it if the server could be asked for it.
/// </summary>
public sealed class ClientConversations
{
    // Types of a conversation in the protocol.
    const int BetweenTwo = 1;
    const int Group = 3;
    const int System = 4;

    readonly ApiClient _api;
    readonly LocalStore _store;
    readonly ListSyncer _lists;
    readonly ReadMarks _readMarks;

    internal ClientConversations(ApiClient api, LocalStore store, ListSyncer lists, ReadMarks readMarks) => (_api, _store, _lists, _readMarks) = (api, store, lists, readMarks);

    /// <summary>Pinned ones first, then the latest first. Local.</summary>
    /// <param name="since">Only those with a message at or after it.</param>
    public IReadOnlyList<Conversation> Get(DateTimeOffset? since = null) =>
    [
        .. _store.Conversations.All().Where(one => since is not { } from || one.LastMessage?.SentAt >= from)
            .OrderByDescending(one => one.Settings.IsPinned).ThenByDescending(one => one.LastMessage?.SentAt).ThenBy(one => one.Id, StringComparer.Ordinal),
    ];

    /// <summary>Null when it is not known here. Local.</summary>
    public Conversation? Find(string conversationId) => _store.Conversations.Find(conversationId);

    /// <summary>What is unread in all conversations together. Local.</summary>
    public long CountUnread() => _store.Conversations.TotalUnread();

    /// <summary>Moves the read mark to the newest message known here, and tells the server now or at the next connection.</summary>
    /// <exception cref="ParleyException">The server declined for good; the mark stays moved here.</exception>
    public Task MarkReadAsync(string conversationId, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        return _readMarks.MarkAsync(conversationId, ct);
    }

    public Task PinAsync(string conversationId, bool isPinned = true, CancellationToken ct = default) => ChangeAsync(conversationId, new() { IsPinned = isPinned }, ct);

    /// <summary>How messages of this conversation reach this user.</summary>
    public Task SetReceiveAsync(string conversationId, Users.ReceiveOption option, CancellationToken ct = default) => ChangeAsync(conversationId, new() { Receive = option }, ct);

    public async Task ChangeAsync(string conversationId, ConversationChange change, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        var (peer, group) = (ConversationIds.PeerOf(conversationId, _api.UserId), ConversationIds.GroupOf(conversationId));
        await _api.TellAsync("/conversation/set_conversations", new JsonObject
        {
            ["userIDs"] = new JsonArray(_api.UserId),
            ["conversation"] = new JsonObject
            {
                ["conversationID"] = conversationId,
                ["conversationType"] = group.Length > 0 ? Group : peer.Length > 0 ? BetweenTwo : System,
                ["userID"] = peer,
                ["groupID"] = group,
                ["recvMsgOpt"] = (int?)change.Receive,
                ["isPinned"] = change.IsPinned,
                ["isPrivateChat"] = change.IsPrivate,
                ["burnDuration"] = (int?)change.BurnAfter?.TotalSeconds,
                ["groupAtType"] = (int?)change.Mention,
                ["ex"] = change.Extra,
                ["isMsgDestruct"] = change.KeepFor is { } keepFor ? keepFor > TimeSpan.Zero : null,
                ["msgDestructTime"] = (long?)change.KeepFor?.TotalSeconds,
            },
        }, ct);
        await _lists.RefreshAsync([VersionedList.Conversations], ct);
    }

    /// <summary>Deletes all messages up to now, for this user, on all devices.</summary>
    /// <param name="forEveryone">For the others too, where the server allows it.</param>
    public async Task ClearAsync(IReadOnlyList<string> conversationIds, bool forEveryone = false, CancellationToken ct = default)
    {
        await _api.TellAsync("/msg/clear_conversation_msg", new JsonObject
        {
            ["userID"] = _api.UserId,
            ["conversationIDs"] = JsonFields.Array(conversationIds),
            ["deleteSyncOpt"] = new JsonObject { ["IsSyncSelf"] = true, ["IsSyncOther"] = forEveryone },
        }, ct);
        await _lists.RefreshConversationsAsync(conversationIds, ct);
    }

    /// <summary>Clears a conversation, and shows it no more until there is a message in it again.</summary>
    public async Task DeleteAsync(string conversationId, CancellationToken ct = default)
    {
        await ClearAsync([conversationId], forEveryone: false, ct);
        Hide(conversationId);
    }

    /// <summary>Shows a conversation no more until there is a message in it again, on this device. Local.</summary>
    public void Hide(string conversationId) => _store.Conversations.Hide([conversationId]);
}
