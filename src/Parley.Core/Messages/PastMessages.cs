using System.Text;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Disks;

namespace Parley.Core.Messages;

/// <summary>A message that memory may have forgotten, found in the log for a command that seems to repeat it.</summary>
/// <param name="SeenTo">Up to this position it was looked whether the message was erased since.</param>
sealed record PastMessage(RememberedMessage Message, long SeenTo);

/// <summary>
/// Finds the first answer to messages that <see cref="RememberedMessages"/> no longer holds, through the log's keys: <see cref="DedupeOptions.KeptFor"/> long. It reads files, so it is asked before
/// a command is queued, and only for one whose message may be that old.
/// </summary>
/// <param name="keys">Those that the log uses.</param>
/// <param name="gate">The state's lock. What is seen under it may not be committed yet, and is shown to nobody.</param>
sealed class PastMessages(Log log, MessageKeys keys, DedupeOptions options, TimeProvider time, Lock gate, Func<State> state)
{
    const int MaxClientIdBytes = 64;

    readonly bool _isOn = options.KeptFor > options.Window;
    readonly long _old = (long)options.Window.TotalMilliseconds / 2;
    readonly long _early = (long)options.Window.TotalMilliseconds / 4;

    /// <summary>
    /// Whether a command's message may have been sent before, longer ago than memory reaches. A message says when it was made: a repeat of one that was forgotten is older than half the window unless its
    /// sender's clock is that much ahead. One from far ahead, or that says nothing, may be of any age; and so may what a back end saves, which never says.
    /// </summary>
    public bool MayHave(Command command) => _isOn && command switch
    {
        SendMessage send => IsOutside(send.Message.CreatedAt) && !send.Message.Traits.HasFlag(MessageTraits.Transient),
        SaveCommand => true,
        _ => false,
    };

    bool IsOutside(long createdAt)
    {
        var now = Now / 1_000;
        return createdAt < now - _old || createdAt > now + _early;
    }

    // As the sequencer's: records may be ahead of a clock that was set back, and memory goes by records.
    long Now => Math.Max(log.LastTime, (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    /// <returns>No message when there is none, or the command will be refused anyway. A refusal when what had to be read can't be: rather that than carrying the command out a second time.</returns>
    public async ValueTask<(PastMessage? Past, Refusal Refusal)> FindAsync(Command command, CancellationToken cancellation)
    {
        try
        {
            return (await SearchAsync(command, cancellation), Refusal.None);
        }
        catch (ObjectDisposedException)
        {
            // The log was closed, which comes after the last batch.
            return (null, Refusal.Stopping);
        }
        catch (IOException e)
        {
            return (null, e switch
            {
                DiskFullException => Refusal.StoreFull,
                LogReadOnlyException => Refusal.ReadOnly,
                _ => Refusal.OutcomeUnknown,
            });
        }
    }

    async ValueTask<PastMessage?> SearchAsync(Command command, CancellationToken cancellation)
    {
        var (seenTo, now) = (log.CommittedPosition, Now);
        MessageName name;
        lock (gate)
        {
            var app = state().App(command.App);
            name = NameOf(app, command);
            if (name == default) return null;
            // Memory may forget it before the command is decided.
            if (app.Remembered.TryFind(name, now, out var remembered)) return new PastMessage(remembered, state().Position);
        }

        var since = now - (long)options.KeptFor.TotalMicroseconds;
        await foreach (var stored in log.FindByKeyAsync(keys.KeyOf(log.LogId, command.App, name), since, cancellation))
        {
            if (stored.App != command.App || MessageOf(stored) is not { } found || found.Name != name) continue;
            if (!IsErased(command.App, found, seenTo)) return new PastMessage(found, seenTo);
        }

        return null;
    }

    /// <returns>Default where there is nothing to look for.</returns>
    static MessageName NameOf(AppState app, Command command) => command switch
    {
        SendMessage send => NameOf(app, send),
        SaveToGroup save => save.Actor.MayManage && save.Group.TryFind(app.Groups, out var group) && IsId(save.ClientId)
            ? MessageName.Of(UserNumber.Administration, ConversationKey.Of(group), Encoding.UTF8.GetBytes(save.ClientId)) : default,
        SaveToInboxes save => NameOf(app, save),
        _ => default,
    };

    static MessageName NameOf(AppState app, SendMessage send)
    {
        var sender = send.Message.Sender;
        if (!IsId(send.Message.ClientId) || !send.Actor.MayActFor(sender) || !app.Users.Contains(sender)) return default;
        if (send.To.Kind == ConversationKind.Group) return app.Groups.TryFind(send.To.Id, out var group) ? MessageName.Of(send.Message, ConversationKey.Of(group)) : default;
        return app.Users.TryFind(send.To.Id, out var receiver) ? MessageName.Of(send.Message, ConversationKey.Peer(sender, receiver)) : default;
    }

    static MessageName NameOf(AppState app, SaveToInboxes save)
    {
        if (!save.Actor.MayManage || !IsId(save.ClientId)) return default;
        UserNumber? first = null;
        foreach (var addressee in save.Users)
        {
            if (!addressee.TryFind(app.Users, out var user)) return default;
            if (first is null || user.Value < first.Value.Value) first = user;
        }

        return first is { } owner ? MessageSaved.NameIn(FeedIds.Inbox(owner), save.ClientId) : default;
    }

    static bool IsId(string clientId) => clientId.Length is > 0 and <= MaxClientIdBytes;

    /// <summary>As <see cref="Record.Apply"/> would remember it.</summary>
    static RememberedMessage? MessageOf(LogRecord stored)
    {
        var first = stored.Filings[0];
        switch (Record.Read(stored.Type, stored.Body))
        {
            case MessageSent { IsErased: false, Message: { Kind: not ContentKind.Event } message }:
                return new RememberedMessage(MessageName.Of(message, new ConversationKey(first.Feed)), stored.Position, first.Sequence, stored.Time, RememberedMessages.FingerprintOf(message));
            case MessageSaved { ClientId.Length: > 0 } saved:
                return new RememberedMessage(saved.NameIn(first.Feed), stored.Position, first.Sequence, stored.Time, saved.Fingerprint);
            default:
                return null;
        }
    }

    /// <summary>Whether a record says that it is erased, though its bytes may still be there.</summary>
    bool IsErased(long app, RememberedMessage found, long seenTo)
    {
        MessageOperation operation;
        lock (gate) operation = state().App(app).Operations.Of(found.Name.Conversation, found.Sequence);
        // What came later, the decision sees.
        return operation.Fate == MessageFate.Deleted && operation.Position <= seenTo
            && log.ReadFrom(operation.Position, 1, int.MaxValue) is [{ Type: RecordTypes.MessagesErased }];
    }
}
