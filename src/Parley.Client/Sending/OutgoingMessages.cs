using Parley.Client.Connection;
using Parley.Client.Storage;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Sending;

/// <summary>
/// Sends what the store holds as unsent, in order and one at a time, always the same bytes under the same client message id: the server gives a repeat its first answer,
/// so a lost acknowledgement costs a repeat and never a second message.
/// </summary>
sealed class OutgoingMessages(LocalStore store, OwnMessages own, LongConnection connection, Questions questions, ParleyClientOptions options)
{
    readonly Signal _queued = new();
    readonly BackOff _backOff = new(options.BackOff, options.BackOffJitter, options.Random);
    int _declined;

    public Message Queue(string conversation, MsgData message)
    {
        var queued = store.AddUnsent(conversation, message, options.MaxUnsent);
        _queued.Set();
        return queued;
    }

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            await connection.WhenConnectedAsync(ct);
            if (store.OldestUnsent() is { } message) await SendAsync(message, ct);
            else await _queued.WaitAsync(ct);
        }
    }

    async Task SendAsync(MsgData message, CancellationToken ct)
    {
        try
        {
            var answer = await questions.SendAsync(message, ct);
            Settle(store.MarkSent(message.ClientMsgID, answer));
        }
        // Whether it arrived is unknown: it stays first in the queue and is repeated.
        catch (ParleyException e) when (e.Code is ParleyException.NotConnected or ParleyException.TimedOut) { }
        catch (ParleyException e) when (e.IsPassing && ++_declined < options.MaxSendAttempts)
        {
            await Task.Delay(_backOff.Next(), options.TimeProvider, ct);
        }
        catch (ParleyException e) { Settle(store.MarkFailed(message.ClientMsgID, e.Code)); }
    }

    /// <param name="message">Null when the echo was quicker and has told it already.</param>
    void Settle(Message? message)
    {
        _declined = 0;
        _backOff.Reset();
        if (message is not null) own.Tell(message);
    }
}
