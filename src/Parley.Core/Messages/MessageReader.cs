using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Messages;

/// <summary>A message as it stands in a conversation's history.</summary>
/// <param name="Time">Record time, µs.</param>
public sealed record StoredMessage(long Position, long Sequence, long Time, ConversationKey Conversation, Message Message);

/// <summary>Reads messages for edges: from the log, never through the writer. Ranges are clamped to what the caller's view allows.</summary>
public sealed class MessageReader(Log log)
{
    /// <summary>Bodies read at once, in bytes; a page may end early because of it.</summary>
    const int MaxPageBytes = 4 << 20;

    /// <summary>Messages <paramref name="from"/>..<paramref name="to"/> of a conversation, ascending, at most <paramref name="maxCount"/> of the lowest.</summary>
    /// <param name="view">The caller's view, taken from the state: its minimum and last sequence bound the range.</param>
    public IReadOnlyList<StoredMessage> Read(long app, in ConversationView view, long from, long to, int maxCount)
    {
        from = Math.Max(from, view.Minimum);
        to = Math.Min(to, view.Last);
        if (from > to || maxCount <= 0) return [];

        var feed = view.Key.Feed;
        var records = log.ReadFeed(new FeedKey(app, feed), from, to, maxCount, MaxPageBytes);
        var messages = new List<StoredMessage>(records.Count);
        foreach (var record in records)
        {
            if (Record.Read(record.Type, record.Body) is not MessageSent sent) continue;
            foreach (var filing in record.Filings)
                if (filing.Feed == feed) messages.Add(new StoredMessage(record.Position, filing.Sequence, record.Time, view.Key, sent.Message));
        }

        return messages;
    }
}
