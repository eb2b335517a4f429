using System.Globalization;
using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Messages;

/// <summary>A message as it stands in a conversation's history, with what happened to it since.</summary>
/// <param name="Time">Record time, µs.</param>
/// <param name="SenderId">Empty for the administration.</param>
/// <param name="Message">As it is now: edited content in the place of the first; nothing but who sent it when it was recalled or deleted.</param>
public sealed record StoredMessage(long Position, long Sequence, long Time, ConversationName Conversation, string SenderId, Message Message)
{
    /// <summary>Record time of the last edit, µs; 0 when it is as it was sent.</summary>
    public long EditedAt { get; init; }

    /// <summary>Set when it was taken back.</summary>
    public Recall? Recall { get; init; }

    /// <summary>Deleted for everyone, or hidden by the reader.</summary>
    public bool IsDeleted { get; init; }
}

/// <summary>Reads messages for whoever shows them: from the log, never through the writer, with recalls, edits and deletions laid over them.</summary>
public sealed class MessageReader(Log log, Sequencer sequencer)
{
    /// <summary>Bodies read at once, in bytes; a page may end early because of it.</summary>
    const int MaxPageBytes = 4 << 20;

    readonly ShownLog _log = new(log, sequencer);

    /// <summary>Messages <paramref name="from"/>..<paramref name="to"/> of a conversation, ascending, at most <paramref name="maxCount"/> of the lowest.</summary>
    /// <returns>Nothing when the user has no part in the conversation; what lies outside of what they can see is left out.</returns>
    public async ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(long app, UserNumber user, ConversationKey key, long from, long to, int maxCount)
    {
        if (maxCount <= 0) return [];
        // Read before the operations are asked for: whatever happened up to then is laid over what was read.
        var page = _log.ReadFeed(new FeedKey(app, key.Feed), Math.Max(1, from), to, maxCount, MaxPageBytes);
        if (page.Count == 0) return [];
        var found = new List<(LogRecord Record, long Sequence, Message Message)>(page.Count);
        foreach (var record in page)
            if (Record.Read(record.Type, record.Body) is MessageSent sent)
                found.Add((record, new Applied(record.Position, record.Time, record.Filings).SequenceIn(key.Feed), sent.Message));

        var (messages, operations, hidden) = await sequencer.QueryAsync((state, _) =>
        {
            var (conversations, users) = (state.App(app).Conversations, state.App(app).Users);
            var visible = new List<StoredMessage>(found.Count);
            if (!conversations.TryView(key, user, out var view)) return (visible, [], []);
            foreach (var (record, sequence, message) in found)
                if (sequence >= view.Minimum && sequence <= view.Last)
                    visible.Add(new StoredMessage(record.Position, sequence, record.Time, view.Name, users.IdOrEmpty(message.Sender), message));
            return (visible, conversations.OperationsIn(key, from, to), conversations.HiddenIn(key, user, from, to));
        });

        if (hidden.Count > 0 || operations.Count > 0) await LayOverAsync(app, messages, operations.ToDictionary(operation => operation.Sequence), hidden.ToHashSet());
        return messages;
    }

    /// <summary>A message that a user can see, for a command about it; for the administration any message.</summary>
    /// <returns>Null when there is none.</returns>
    public async ValueTask<MessageTarget?> FindAsync(long app, UserNumber user, ConversationKey key, long sequence)
    {
        if (sequence < 1 || _log.ReadFeed(new FeedKey(app, key.Feed), sequence, sequence, 1, MaxPageBytes) is not [var record]) return null;
        if (Record.Read(record.Type, record.Body) is not MessageSent { Message: { Kind: not ContentKind.Event } message }) return null;
        var isVisible = user == UserNumber.Administration || await sequencer.QueryAsync((state, _)
            => state.App(app).Conversations.TryView(key, user, out var view) && sequence >= view.Minimum && sequence <= view.Last);
        return isVisible ? new MessageTarget(key, sequence, record.Position, record.Time, message.Sender, message.ClientId, message.SenderNickname) : null;
    }

    /// <param name="messages">Of one conversation; changed in place.</param>
    internal async ValueTask LayOverAsync(long app, List<StoredMessage> messages, Dictionary<long, MessageOperation> operations, HashSet<long> hidden)
    {
        var recalls = new List<(int Index, MessageRecalled Record, long Time)>();
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var operation = operations.GetValueOrDefault(message.Sequence);
            if (operation.Fate == MessageFate.Deleted || hidden.Contains(message.Sequence)) messages[i] = message with { Message = Emptied(message), IsDeleted = true };
            else if (operation.Fate != MessageFate.None && _log.ReadFrom(operation.Position, 1, MaxPageBytes) is [var stored])
            {
                switch (Record.Read(stored.Type, stored.Body))
                {
                    case MessageRecalled recalled:
                        messages[i] = message with { Message = Emptied(message) };
                        recalls.Add((i, recalled, stored.Time));
                        break;
                    case MessageEdited edited:
                        messages[i] = message with { Message = message.Message with { Kind = edited.Kind, Body = edited.Body }, EditedAt = stored.Time };
                        break;
                }
            }
        }

        if (recalls.Count == 0) return;
        var left = await sequencer.QueryAsync((state, _) => recalls.ConvertAll(recall => recall.Record.RecallOf(state.App(app), recall.Time)));
        for (var i = 0; i < recalls.Count; i++) messages[recalls[i].Index] = messages[recalls[i].Index] with { Recall = left[i] };
    }

    /// <summary>What may still be known of a message that is gone: who sent it and under which id. Of an erased one the log knows no id, and devices need one to keep its place by.</summary>
    static Message Emptied(StoredMessage stored)
    {
        var message = stored.Message;
        var clientId = message.ClientId.Length > 0 ? message.ClientId : string.Create(CultureInfo.InvariantCulture, $"erased-{stored.Position}");
        return new Message(message.Sender, clientId, ContentKind.None, default, message.CreatedAt, message.Platform)
        {
            Traits = message.Traits,
            SenderNickname = message.SenderNickname,
            SenderFaceUrl = message.SenderFaceUrl,
        };
    }
}
