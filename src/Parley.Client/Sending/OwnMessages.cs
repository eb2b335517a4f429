using Parley.Client.Storage;

namespace Parley.Client.Sending;

/// <summary>Tells those who wait for it what became of an own message. Safe for any thread.</summary>
sealed class OwnMessages(LocalStore store, EventQueue events)
{
    readonly Lock _turn = new();
    readonly Dictionary<string, TaskCompletionSource<Message>> _waiting = [];
    ParleyException? _stopped;

    /// <exception cref="ParleyException">Declined, or stopped before.</exception>
    /// <exception cref="ArgumentException">No such own message.</exception>
    public async Task<Message> WaitAsync(string clientMessageId, CancellationToken ct)
    {
        TaskCompletionSource<Message>? wait;
        lock (_turn)
        {
            if (!_waiting.TryGetValue(clientMessageId, out wait))
                _waiting.Add(clientMessageId, wait = new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        // Looked up after registering: an acknowledgement in between reaches the wait, one before it is in the store.
        var known = store.FindOwn(clientMessageId);
        if (known is not { State: MessageState.Unsent }) Settle(clientMessageId, known);
        else if (_stopped is { } reason) Fail(clientMessageId, reason);
        if (known is null) throw new ArgumentException($"No own message has the client id '{clientMessageId}'.", nameof(clientMessageId));

        var message = await wait.Task.WaitAsync(ct);
        return message.State == MessageState.Failed
            ? throw new ParleyException(message.ErrorCode, $"The server declined the message: {message.ErrorCode}")
            : message;
    }

    public void Tell(Message message)
    {
        events.Tell(message.State == MessageState.Failed ? new ParleyEvent.MessageFailed(message) : new ParleyEvent.MessageSent(message));
        Settle(message.ClientMessageId, message);
    }

    public void Tell(IReadOnlyList<Message> messages)
    {
        foreach (var message in messages) Tell(message);
    }

    public void Stop(ParleyException reason)
    {
        List<string> open;
        lock (_turn)
        {
            _stopped = reason;
            open = [.. _waiting.Keys];
        }
        foreach (var clientMessageId in open) Fail(clientMessageId, reason);
    }

    void Settle(string clientMessageId, Message? message)
    {
        if (Remove(clientMessageId) is { } wait && message is not null) wait.TrySetResult(message);
    }

    void Fail(string clientMessageId, ParleyException reason) => Remove(clientMessageId)?.TrySetException(reason);

    TaskCompletionSource<Message>? Remove(string clientMessageId)
    {
        lock (_turn) return _waiting.Remove(clientMessageId, out var wait) ? wait : null;
    }
}
