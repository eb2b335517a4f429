using System.Threading.Channels;

namespace Parley.Client;

/// <summary>
/// A user's end of the conversation: a long connection that comes back by itself, a local store that is always readable, and a queue of unsent messages.
/// Any thread may call it.
/// </summary>
public sealed class ParleyClient : IAsyncDisposable
{
    /// <summary>Opens the local store and starts connecting in the background; returns even when the server can't be reached.</summary>
    /// <exception cref="IOException">The store is in use, damaged, of another user, or of a newer version.</exception>
    public static Task<ParleyClient> OpenAsync(ParleyClientOptions options, CancellationToken ct = default) => throw new NotImplementedException();

    public string UserId => throw new NotImplementedException();

    public ConnectionState Connection => throw new NotImplementedException();

    /// <summary>
    /// What happened, in order. Messages wait here until read (they are in the store already, and the syncer waits with them); any other event is dropped while the
    /// queue is full, since <see cref="Connection"/> and the store tell the same. Completes when the client is disposed.
    /// </summary>
    public ChannelReader<ParleyEvent> Events => throw new NotImplementedException();

    /// <summary>Stores the message as unsent and returns; it leaves as soon as there is a connection, in order, surviving restarts.</summary>
    /// <exception cref="ArgumentException">The text is longer than <see cref="ParleyClientOptions.MaxContentBytes"/>.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ParleyClientOptions.MaxUnsent"/> messages are waiting already.</exception>
    public Task<Message> SendTextAsync(string toUserId, string text, CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>Waits until the server has acknowledged an own message.</summary>
    /// <exception cref="ParleyException">The server declined it, or the client was stopped before.</exception>
    /// <exception cref="ArgumentException">No such own message.</exception>
    public Task<Message> WaitSentAsync(string clientMessageId, CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>All conversations known here, the latest first. Local.</summary>
    public Task<IReadOnlyList<Conversation>> GetConversationsAsync(CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>
    /// The newest messages before a sequence, ascending, holes filled from the server when connected. Own messages without a sequence stand where they were written,
    /// in addition to <paramref name="count"/>. Empty when nothing older can be read.
    /// </summary>
    /// <param name="beforeSequence">Null for the newest.</param>
    /// <param name="count">1 to 1,000.</param>
    public Task<IReadOnlyList<Message>> GetHistoryAsync(
        string conversationId, long? beforeSequence = null, int count = 50, CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>Moves the read mark to the newest message known here, and tells the server now or at the next connection.</summary>
    public Task MarkReadAsync(string conversationId, CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>Tells the server that this login ends, and stops. The store stays.</summary>
    public Task LogoutAsync(CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>Stops without logging out.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
