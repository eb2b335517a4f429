using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Connection;
using Parley.Client.Sending;
using Parley.Client.Storage;
using Parley.Client.Sync;

namespace Parley.Client.Messages;

/// <summary>
/// Sending, and what can be done to messages afterwards. Sending works offline; everything else asks the server and throws <see cref="ParleyException"/> when it declines
/// or can't be reached. When a change returns, the local store shows it.
/// </summary>
public sealed class ClientMessages
{
    readonly ApiClient _api;
    readonly LocalStore _store;
    readonly ReadMarks _readMarks;
    readonly Composer _composer;
    readonly OutgoingMessages _outgoing;
    readonly Questions _questions;
    readonly TimeProvider _time;

    internal ClientMessages(
        ApiClient api, LocalStore store, ReadMarks readMarks, Composer composer, OutgoingMessages outgoing, Questions questions, TimeProvider time) =>
        (_api, _store, _readMarks, _composer, _outgoing, _questions, _time) = (api, store, readMarks, composer, outgoing, questions, time);

    /// <summary>Stores the message as unsent and returns; it leaves as soon as there is a connection, in order, surviving restarts.</summary>
    /// <exception cref="ArgumentException">The content is longer than <see cref="ParleyClientOptions.MaxContentBytes"/>.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ParleyClientOptions.MaxUnsent"/> messages are waiting already.</exception>
    public Task<Message> SendAsync(Recipient to, MessageContent content, SendOptions? options = null, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(_outgoing.Queue(to.ConversationOf(_api.UserId), _composer.Compose(to, content, options ?? SendOptions.Default)));
    }

    /// <summary>For devices that are online now; stored nowhere, not repeated, in no order with other messages.</summary>
    public Task SendOnlineOnlyAsync(Recipient to, MessageContent content, CancellationToken ct = default) =>
        _questions.SendAsync(_composer.ComposeOnlineOnly(to, content), ct);

    /// <summary>Tells that this user is typing, or no longer is. As <see cref="SendOnlineOnlyAsync"/>.</summary>
    public Task TypingAsync(Recipient to, bool isTyping = true, CancellationToken ct = default) => SendOnlineOnlyAsync(to, MessageContent.Typing(isTyping), ct);

    /// <summary>Takes a message back for everyone; who may and until when is the server's to say.</summary>
    public async Task RecallAsync(string conversationId, long sequence, CancellationToken ct = default)
    {
        await _api.TellAsync("/msg/revoke_msg", At(conversationId, sequence), ct);
        _store.Operations.Recall(new Recall(conversationId, sequence, _api.UserId, _time.GetUtcNow()));
        await _readMarks.TouchedAsync(conversationId, [sequence], ct);
    }

    /// <summary>Deletes messages for this user, on all devices; or for everyone, where the server allows it.</summary>
    public async Task DeleteAsync(string conversationId, IReadOnlyList<long> sequences, bool forEveryone = false, CancellationToken ct = default)
    {
        await _api.TellAsync("/msg/delete_msgs", Of(
            conversationId, ("seqs", JsonFields.Array(sequences)), ("deleteSyncOpt", new JsonObject { ["IsSyncSelf"] = true, ["IsSyncOther"] = forEveryone })), ct);
        _store.Operations.Delete(conversationId, sequences);
        await _readMarks.TouchedAsync(conversationId, sequences, ct);
    }

    /// <summary>Gives an own message other content.</summary>
    public async Task EditAsync(string conversationId, long sequence, MessageContent content, CancellationToken ct = default)
    {
        await _api.TellAsync("/msg/edit_msg", At(conversationId, sequence, ("contentType", content.ContentType), ("content", JsonNode.Parse(content.Json.Span))), ct);
        _store.Operations.Edit(conversationId, sequence, content.ContentType, System.Text.Encoding.UTF8.GetString(content.Json.Span));
    }

    /// <param name="symbol">An emoji, or a name that the application knows.</param>
    public Task ReactAsync(string conversationId, long sequence, string symbol, CancellationToken ct = default) =>
        _api.TellAsync("/msg/set_reaction", At(conversationId, sequence, ("reaction", symbol), ("removed", false)), ct);

    public Task UnreactAsync(string conversationId, long sequence, string symbol, CancellationToken ct = default) =>
        _api.TellAsync("/msg/set_reaction", At(conversationId, sequence, ("reaction", symbol), ("removed", true)), ct);

    public Task<IReadOnlyList<Reaction>> GetReactionsAsync(string conversationId, IReadOnlyList<long> sequences, CancellationToken ct = default) =>
        _api.AskAsync<IReadOnlyList<Reaction>>(
            "/msg/get_reactions", Of(conversationId, ("seqs", JsonFields.Array(sequences))),
            data => [.. data.Items("reactions").Select(one => new Reaction(one.Whole("seq"), one.Text("userID"), one.Text("reaction")))], ct);

    /// <summary>Pins a message for everyone in the conversation.</summary>
    public Task PinAsync(string conversationId, long sequence, CancellationToken ct = default) =>
        _api.TellAsync("/msg/set_pinned_msg", At(conversationId, sequence, ("pinned", true)), ct);

    public Task UnpinAsync(string conversationId, long sequence, CancellationToken ct = default) =>
        _api.TellAsync("/msg/set_pinned_msg", At(conversationId, sequence, ("pinned", false)), ct);

    /// <returns>Sequences.</returns>
    public Task<IReadOnlyList<long>> GetPinnedAsync(string conversationId, CancellationToken ct = default) =>
        _api.AskAsync("/msg/get_pinned_msgs", Of(conversationId), data => data.Wholes("seqs"), ct);

    /// <summary>Who of a group has read a message, or has not.</summary>
    public Task<MessageReaders> GetReadersAsync(
        string conversationId, long sequence, bool hasRead = true, int page = 1, int pageLength = 100, CancellationToken ct = default) => _api.AskAsync(
        "/msg/get_group_message_readers", At(conversationId, sequence, ("pagination", JsonFields.Page(page, pageLength)), ("hasRead", hasRead)),
        data => new MessageReaders(data.Whole("readCount"), data.Whole("unreadCount"), data.Texts("userIDs")), ct);

    JsonObject At(string conversationId, long sequence, params ReadOnlySpan<(string Key, JsonNode? Value)> more)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return Of(conversationId, [("seq", sequence), .. more]);
    }

    JsonObject Of(string conversationId, params ReadOnlySpan<(string Key, JsonNode? Value)> more)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        var body = new JsonObject { ["userID"] = _api.UserId, ["conversationID"] = conversationId };
        foreach (var (key, value) in more) body[key] = value;
        return body;
    }
}
