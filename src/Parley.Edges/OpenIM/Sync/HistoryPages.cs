using Microsoft.Extensions.Logging;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Sync;

/// <summary>Reads histories so that every sequence of a range is there: the message, or a placeholder for what can't be read as one.</summary>
sealed partial class HistoryPages(MessageReader reader, NoticeReader notices, NoticeTranslation noticeTranslation, OpenIMOptions options, ILogger<HistoryPages> logger)
{
    const int PageMessages = 100;

    /// <summary>The newest of a readable range that the budget allows, ascending.</summary>
    public async ValueTask<List<MsgData>> ReadNewestAsync(long app, UserConversation conversation, long from, long to, AnswerBudget budget)
    {
        var newestFirst = new List<MsgData>();
        while (from <= to && !budget.IsSpent)
        {
            var start = Math.Max(from, to - Math.Min(PageMessages, budget.Messages) + 1);
            var page = await ReadAllAsync(app, conversation, start, to);
            for (var i = page.Count - 1; i >= 0 && budget.TrySpend(page[i].CalculateSize()); i--) newestFirst.Add(page[i]);
            to = start - 1;
        }

        newestFirst.Reverse();
        return newestFirst;
    }

    /// <summary>Notices of a range that the budget allows, the newest kept, ascending and without a gap.</summary>
    public async ValueTask<List<MsgData>> ReadNoticesAsync(long app, UserNumber user, UserNotices named, long from, long to, AnswerBudget budget)
    {
        var newestFirst = new List<MsgData>();
        var feed = named.Conversation is { } about ? FeedIds.Notices(about) : FeedIds.Notices(user);
        to = Math.Min(to, notices.Last(app, feed));
        for (from = Math.Max(notices.First(app, feed), from); from <= to && !budget.IsSpent;)
        {
            var start = Math.Max(from, to - PageMessages + 1);
            var page = named.Conversation is { } key
                ? await notices.ReadAsync(app, key, user, start, to, PageMessages)
                : await notices.ReadAsync(app, user, start, to, PageMessages);
            for (var i = page.Count - 1; i >= 0; i--)
            {
                var data = Write(named, user, page[i]);
                if (!budget.TrySpend(data.CalculateSize())) break;
                newestFirst.Add(data);
            }

            to = start - 1;
        }

        newestFirst.Reverse();
        return newestFirst;
    }

    async ValueTask<List<MsgData>> ReadAllAsync(long app, UserConversation conversation, long from, long to)
    {
        var messages = new List<MsgData>((int)(to - from + 1));
        while (from <= to)
        {
            var found = await ReadAsync(app, conversation, from, to);
            foreach (var message in found)
            {
                for (; from < message.Sequence; from++) messages.Add(Placeholder(conversation, from));
                messages.Add(MessageTranslation.Write(message, options.AdminUserId));
                from = message.Sequence + 1;
            }

            if (found.Count > 0) continue;
            for (; from <= to; from++) messages.Add(Placeholder(conversation, from));
        }

        Date(messages);
        return messages;
    }

    /// <summary>What can't be read gets the time of the message before it, or of the first that has one.</summary>
    static void Date(List<MsgData> messages)
    {
        var time = messages.Find(message => message.SendTime > 0)?.SendTime ?? 0;
        foreach (var message in messages)
        {
            if (message.SendTime == 0) message.SendTime = message.CreateTime = time;
            time = message.SendTime;
        }
    }

    async ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(long app, UserConversation conversation, long from, long to)
    {
        try
        {
            return await reader.ReadAsync(app, conversation.View.User, conversation.View.Key, from, to, (int)(to - from + 1));
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
        for (; from <= to; from++) messages.AddRange(await ReadAsync(app, conversation, from, from));
        return messages;
    }

    static MsgData Placeholder(UserConversation conversation, long sequence) => MessageTranslation.Placeholder(conversation.View.Name, conversation.PeerId, sequence);

    MsgData Write(UserNotices named, UserNumber user, StoredNotice stored)
        => stored.Notice is { } notice && noticeTranslation.Write(notice, stored.Sequence, stored.Position, stored.Time, NoticeTranslation.IsAbout(notice, user)) is { } written
            ? written.Message
            : NoticeTranslation.Placeholder(named.Id, stored.Sequence, stored.Time);

    static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Message {Sequence} of a conversation can't be read and is shown as deleted; run 'parley check'")]
        public static partial void Unreadable(ILogger logger, Exception error, long sequence);
    }
}
