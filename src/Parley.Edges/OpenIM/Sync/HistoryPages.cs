using Microsoft.Extensions.Logging;
using Parley.Core.Messages;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Sync;

/// <summary>Reads histories so that every sequence of a range is there: the message, or a placeholder for what can't be read as one.</summary>
sealed partial class HistoryPages(MessageReader reader, OpenIMOptions options, ILogger<HistoryPages> logger)
{
    const int PageMessages = 100;

    /// <summary>The newest of a readable range that the budget allows, ascending.</summary>
    public List<MsgData> ReadNewest(UserConversation conversation, long from, long to, AnswerBudget budget)
    {
        var newestFirst = new List<MsgData>();
        while (from <= to && !budget.IsSpent)
        {
            var start = Math.Max(from, to - Math.Min(PageMessages, budget.Messages) + 1);
            var page = ReadAll(conversation, start, to);
            for (var i = page.Count - 1; i >= 0 && budget.TrySpend(page[i].CalculateSize()); i--) newestFirst.Add(page[i]);
            to = start - 1;
        }

        newestFirst.Reverse();
        return newestFirst;
    }

    List<MsgData> ReadAll(UserConversation conversation, long from, long to)
    {
        var messages = new List<MsgData>((int)(to - from + 1));
        while (from <= to)
        {
            var found = Read(conversation, from, to);
            foreach (var message in found)
            {
                for (; from < message.Sequence; from++) messages.Add(Placeholder(conversation, from));
                messages.Add(Write(conversation, message));
                from = message.Sequence + 1;
            }

            if (found.Count > 0) continue;
            for (; from <= to; from++) messages.Add(Placeholder(conversation, from));
        }

        return messages;
    }

    IReadOnlyList<StoredMessage> Read(UserConversation conversation, long from, long to)
    {
        try
        {
            return reader.Read(options.App, conversation.View, from, to, (int)(to - from + 1));
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            if (from == to)
            {
                Log.Unreadable(logger, e, from);
                return [];
            }
        }

        // One broken record must not hide its neighbours.
        var messages = new List<StoredMessage>();
        for (; from <= to; from++) messages.AddRange(Read(conversation, from, from));
        return messages;
    }

    static MsgData Placeholder(UserConversation conversation, long sequence) => MessageTranslation.Placeholder(conversation.Id, conversation.PeerId, sequence);

    static MsgData Write(UserConversation conversation, StoredMessage stored)
    {
        var (sender, receiver) = stored.Message.Sender == conversation.Peer ? (conversation.PeerId, conversation.OwnId) : (conversation.OwnId, conversation.PeerId);
        return MessageTranslation.Write(stored.Message, sender, receiver, stored.Sequence, stored.Position, stored.Time);
    }

    static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Message {Sequence} of a conversation can't be read and is shown as deleted; run 'parley check'")]
        public static partial void Unreadable(ILogger logger, Exception error, long sequence);
    }
}
