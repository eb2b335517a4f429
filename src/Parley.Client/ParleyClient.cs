using System.Threading.Channels;
using Parley.Client.Api;
using Parley.Client.Connection;
using Parley.Client.Contacts;
using Parley.Client.Conversations;
using Parley.Client.Groups;
using Parley.Client.Lists;
using Parley.Client.Messages;
using Parley.Client.Notices;
using Parley.Client.Sending;
using Parley.Client.Storage;
using Parley.Client.Sync;
using Parley.Client.Users;

namespace Parley.Client;

/// <summary>
/// A user's end of the conversation: a long connection that comes back by itself, a local store that is always readable, and a queue of unsent messages.
/// Any thread may call it.
/// </summary>
public sealed class ParleyClient : IAsyncDisposable
{
    const int MaxPageLength = 1_000;

    readonly ParleyClientOptions _options;
    readonly LocalStore _store;
    readonly EventQueue _events;
    readonly ApiClient _api;
    readonly Questions _questions;
    readonly LongConnection _connection;
    readonly MessageSyncer _syncer;
    readonly SequencePoll _poll;
    readonly HistoryReader _history;
    readonly ListSyncer _lists;
    readonly PresenceWatch _presence;
    readonly OwnMessages _own;
    readonly OutgoingMessages _outgoing;
    readonly CancellationTokenSource _stop = new();
    readonly CancellationTokenSource _disposed = new();
    readonly TaskCompletionSource _tokenRefused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task _running;
    readonly Lock _turn = new();
    Task? _disposing;

    ParleyClient(ParleyClientOptions options, LocalStore store, ConnectTransport connect, HttpMessageHandler http)
    {
        _options = options;
        _store = store;
        _events = new EventQueue(options.EventQueueLength);
        var tokens = new TokenSource(options.Token);
        _api = new ApiClient(options, tokens, http, (code, reason) => _tokenRefused.TrySetException(new LoginEndedException(code, reason, kicked: false)));
        var inbox = new SyncInbox(options.PushQueueBytes);
        _connection = new LongConnection(options, connect, tokens, _events, Connected, inbox.Pushed, TellPresence);
        _questions = new Questions(_connection.RequestAsync, options.UserId, options.Platform);
        var presence = _presence = new PresenceWatch(_questions, _events, options.MaxWatchedUsers);
        _own = new OwnMessages(store, _events);
        var readMarks = new ReadMarks(store, _questions, _api, IsConnected);
        var listEvents = new ListEvents(store, _events, readMarks);
        _lists = new ListSyncer(_api, store, IsConnected, listEvents, options);
        var notices = new NoticeReader(store, _events, readMarks, _lists, listEvents, options.UserId);
        _syncer = new MessageSyncer(store, inbox, _events, _questions, _own.Tell, notices, readMarks, AfterSyncAsync, options);
        _poll = new SequencePoll(_connection, _questions, inbox, options);
        _history = new HistoryReader(store, _questions, _own.Tell);
        _outgoing = new OutgoingMessages(store, _own, _connection, _questions, options);

        Messages = new ClientMessages(_api, store, readMarks, new Composer(options), _outgoing, _questions, options.TimeProvider);
        Conversations = new ClientConversations(_api, store, _lists, readMarks);
        Groups = new ClientGroups(_api, store.Lists, _lists);
        Contacts = new ClientContacts(_api, store.Lists, _lists);
        Users = new ClientUsers(_api, presence, _questions, options.Platform);
        // Away from the caller's synchronization context: an application's user interface must not carry our loops.
        _running = Task.Run(RunAsync);

        void Connected()
        {
            inbox.Connected();
            RequestLists();
        }

        async Task AfterSyncAsync(CancellationToken ct)
        {
            await readMarks.ReconcileAsync(ct);
            await presence.RepeatAsync(ct);
        }
    }

    /// <summary>Opens the local store and starts connecting in the background; returns even when the server can't be reached.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The store is in use, damaged, of another user, or of a newer version.</exception>
    public static Task<ParleyClient> OpenAsync(ParleyClientOptions options, CancellationToken ct = default) =>
        OpenOverAsync(options, WebSocketTransport.Connector(options.MaxFrameBytes), new SocketsHttpHandler(), ct);

    internal static Task<ParleyClient> OpenOverAsync(ParleyClientOptions options, ConnectTransport connect, HttpMessageHandler http, CancellationToken ct = default)
    {
        options.Check();
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(new ParleyClient(options, LocalStore.Open(options.StorePath, options.UserId), connect, http));
    }

    public string UserId => _options.UserId;

    public ConnectionState Connection => _connection.State;

    /// <summary>
    /// What happened, in order. Messages wait here until read (they are in the store already, and the syncer waits with them); any other event is dropped while the
    /// queue is full, since <see cref="Connection"/> and the store tell the same. Completes when the client is disposed, with an error if it failed.
    /// </summary>
    public ChannelReader<ParleyEvent> Events => _events.Reader;

    public ClientMessages Messages { get; }

    public ClientConversations Conversations { get; }

    public ClientGroups Groups { get; }

    public ClientContacts Contacts { get; }

    public ClientUsers Users { get; }

    /// <summary>Stores the message as unsent and returns; it leaves as soon as there is a connection, in order, surviving restarts.</summary>
    /// <exception cref="ArgumentException">The text is longer than <see cref="ParleyClientOptions.MaxContentBytes"/>.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ParleyClientOptions.MaxUnsent"/> messages are waiting already.</exception>
    public Task<Message> SendTextAsync(string toUserId, string text, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(toUserId);
        return Messages.SendAsync(Recipient.User(toUserId), MessageContent.Text(text), ct: ct);
    }

    /// <summary>Waits until the server has acknowledged an own message.</summary>
    /// <exception cref="ParleyException">The server declined it, or the client was stopped before.</exception>
    /// <exception cref="ArgumentException">No such own message.</exception>
    public Task<Message> WaitSentAsync(string clientMessageId, CancellationToken ct = default) => _own.WaitAsync(clientMessageId, ct);

    /// <summary>Names the conversation with a user, whether anything was said in it or not.</summary>
    public string ConversationWith(string userId) => ConversationIds.BetweenTwo(UserId, userId);

    /// <summary>Names the conversation with a user or in a group.</summary>
    public string ConversationWith(Recipient to) => to.ConversationOf(UserId);

    /// <summary>All conversations known here, the latest first. Local.</summary>
    public Task<IReadOnlyList<Conversation>> GetConversationsAsync(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<Conversation>>(
            [.. _store.Conversations.All().OrderByDescending(conversation => conversation.LastMessage?.SentAt).ThenBy(conversation => conversation.Id, StringComparer.Ordinal)]);
    }

    /// <summary>
    /// The newest messages before a sequence, ascending, holes filled from the server when connected. Own messages without a sequence stand where they were written,
    /// in addition to <paramref name="count"/>. With fewer than <paramref name="count"/> others, nothing older can be had now.
    /// </summary>
    /// <param name="beforeSequence">Null for the newest; else the lowest sequence of the page before.</param>
    /// <param name="count">1 to 1,000.</param>
    /// <exception cref="ParleyException">The server declined for good.</exception>
    public Task<IReadOnlyList<Message>> GetHistoryAsync(string conversationId, long? beforeSequence = null, int count = 50, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxPageLength);
        return _history.ReadAsync(conversationId, beforeSequence, count, ct);
    }

    /// <summary>As <see cref="ClientConversations.MarkReadAsync"/>.</summary>
    public Task MarkReadAsync(string conversationId, CancellationToken ct = default) => Conversations.MarkReadAsync(conversationId, ct);

    /// <summary>Tells the server that this login ends, as far as it can be reached, and stops. The store stays.</summary>
    public async Task LogoutAsync(CancellationToken ct = default)
    {
        try { await _questions.LogoutAsync(ct); }
        // The server may close before its answer is through; without a connection there is nothing to end.
        catch (ParleyException) { }
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Stops without logging out.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_turn) return new ValueTask(_disposing ??= StopAsync());
    }

    bool IsConnected() => _connection.State == ConnectionState.Connected;

    void RequestLists() => _lists.RequestAll();

    void TellPresence(Wire.OpenIM.Messages.SubUserOnlineStatusTips tips) => _presence.Tell(tips);

    async Task StopAsync()
    {
        await _disposed.CancelAsync();
        await _stop.CancelAsync();
        await _running;
        _events.Complete();
        _api.Dispose();
        _store.Dispose();
        _stop.Dispose();
        _disposed.Dispose();
    }

    /// <summary>Runs the loops until one ends, which ends all. Never fails: what happened is told as an event.</summary>
    async Task RunAsync()
    {
        Task[] loops = [_connection.RunAsync(_stop.Token), _syncer.RunAsync(_stop.Token), _poll.RunAsync(_stop.Token), _outgoing.RunAsync(_stop.Token), _lists.RunAsync(_stop.Token)];
        var cause = (await Task.WhenAny([.. loops, _tokenRefused.Task])).Exception?.InnerException;
        await _stop.CancelAsync();

        var reason = cause?.Message ?? "The client was closed.";
        _connection.Stop(reason);
        _own.Stop(new ParleyException(ParleyException.Stopped, reason));
        await Task.WhenAll(loops).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (cause is LoginEndedException end) await TellEndAsync(end);
        // Not the server's doing but a full disk or a fault of ours: whoever reads the events must not wait for more.
        else if (cause is not null) _events.Complete(cause);
    }

    async Task TellEndAsync(LoginEndedException end)
    {
        ParleyEvent told = end.Kicked ? new ParleyEvent.Kicked() : new ParleyEvent.TokenRefused(end.Code, end.Message);
        try { await _events.WriteAsync(told, _disposed.Token); }
        // Disposed before anyone read it.
        catch (OperationCanceledException) { }
    }
}
