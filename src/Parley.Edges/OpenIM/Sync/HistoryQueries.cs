using Parley.Core.Users;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Sync;

/// <summary>
/// Messages by range (1002), by list (1005) and the last of each conversation (1007); ranges may name notices (<c>n_…</c>), which are answered whole. An answer that its bounds cut keeps the newest and never says that it is the end. Messages are ascending whatever order was asked for: the order only says
/// which end is meant by <c>isEnd</c> (the WebAssembly SDK takes a page from the answer without sorting it).
/// </summary>
sealed class HistoryQueries(UserConversations conversations, HistoryPages pages, OpenIMOptions options)
{
    const int ShownBelowStatus = 4;

    /// <returns>Null when too much was asked for.</returns>
    public async ValueTask<PullMessageBySeqsResp?> PullAsync(long app, UserNumber user, PullMessageBySeqsReq request)
    {
        if (request.SeqRanges.Count > options.MaxRangesPerRequest) return null;
        var found = await conversations.FindAsync(app, user, request.SeqRanges.Select(range => range.ConversationID));
        var named = await conversations.FindNoticesAsync(app, user, request.SeqRanges.Select(range => range.ConversationID));
        var (answer, budget) = (new PullMessageBySeqsResp(), NewBudget());
        foreach (var range in request.SeqRanges)
        {
            if (found.TryGetValue(range.ConversationID, out var conversation)) await AddAsync(app, answer, conversation, range, request.Order, budget);
            else if (named.TryGetValue(range.ConversationID, out var notices)) await AddAsync(app, answer, user, notices, range, budget);
        }

        return answer;
    }

    /// <returns>Null when too much was asked for.</returns>
    public async ValueTask<GetSeqMessageResp?> PullAsync(long app, UserNumber user, GetSeqMessageReq request)
    {
        if (request.Conversations.Count > options.MaxRangesPerRequest) return null;
        var found = await conversations.FindAsync(app, user, request.Conversations.Select(asked => asked.ConversationID));
        var (answer, budget) = (new GetSeqMessageResp(), NewBudget());
        foreach (var asked in request.Conversations)
        {
            if (asked.Seqs.Count == 0 || !found.TryGetValue(asked.ConversationID, out var conversation)) continue;
            var page = await ReadAsync(app, conversation, [.. asked.Seqs.Distinct().Order()], request.Order, budget);
            // Also where nothing is there to read: the JavaScript SDK looks into the answer of the conversation that it asked for without asking whether it is there.
            answer.Msgs[conversation.Id] = answer.Msgs.TryGetValue(conversation.Id, out var earlier) ? Merged(earlier, page, budget) : page;
        }

        return answer;
    }

    /// <returns>Null when too much was asked for.</returns>
    public async ValueTask<GetLastMessageResp?> LastAsync(long app, UserNumber user, GetLastMessageReq request)
    {
        if (request.ConversationIDs.Count > options.MaxRangesPerRequest) return null;
        var answer = new GetLastMessageResp();
        var budget = NewBudget();
        foreach (var conversation in (await conversations.FindAsync(app, user, request.ConversationIDs)).Values)
            if (await LastShownAsync(app, conversation) is { } last && budget.TrySpend(last.CalculateSize())) answer.Msgs[conversation.Id] = last;
        return answer;
    }

    /// <summary>The last message that can be shown; null when there is none.</summary>
    public async ValueTask<MsgData?> LastShownAsync(long app, UserConversation conversation)
    {
        var to = conversation.View.Last;
        // One message first, for that is nearly always it.
        for (var count = 1; to >= conversation.View.Minimum; count = 100)
        {
            var from = Math.Max(conversation.View.Minimum, to - count + 1);
            var page = await pages.ReadNewestAsync(app, conversation, from, to, new AnswerBudget(count, int.MaxValue));
            if (page.FindLast(message => message.Status < ShownBelowStatus) is { } shown) return shown;
            to = from - 1;
        }

        return null;
    }

    AnswerBudget NewBudget() => new(options.MaxAnswerMessages, options.MaxAnswerBytes);

    async ValueTask AddAsync(long app, PullMessageBySeqsResp answer, UserNumber user, UserNotices notices, SeqRange range, AnswerBudget budget)
    {
        var messages = await pages.ReadNoticesAsync(app, user, notices, range.Begin, range.End, budget);
        if (messages.Count > 0) answer.NotificationMsgs[notices.Id] = new PullMsgs { Msgs = { messages } };
    }

    async ValueTask AddAsync(long app, PullMessageBySeqsResp answer, UserConversation conversation, SeqRange range, PullOrder order, AnswerBudget budget)
    {
        var view = conversation.View;
        var (from, to) = (Math.Max(range.Begin, view.Minimum), Math.Min(range.End, view.Last));
        if (from > to) return;

        // Without a number the range is asked for as it is.
        var first = range.Num > 0 ? Math.Max(from, to - Math.Min(range.Num, to - from + 1) + 1) : from;
        var messages = await pages.ReadNewestAsync(app, conversation, first, to, budget);
        var isWhole = messages.Count == to - first + 1;
        var page = new PullMsgs { Msgs = { messages } };
        page.IsEnd = isWhole && (order == PullOrder.Asc ? range.End >= view.Last : first == view.Minimum);
        if (page.IsEnd) page.EndSeq = order == PullOrder.Asc ? view.Last : view.Minimum;
        answer.Msgs[conversation.Id] = answer.Msgs.TryGetValue(conversation.Id, out var earlier) ? Merged(earlier, page, budget) : page;
    }

    /// <param name="sequences">Ascending, each once.</param>
    async ValueTask<PullMsgs> ReadAsync(long app, UserConversation conversation, long[] sequences, PullOrder order, AnswerBudget budget)
    {
        var view = conversation.View;
        var readable = Array.FindAll(sequences, sequence => sequence >= view.Minimum && sequence <= view.Last);
        var runs = new List<List<MsgData>>();
        // The newest run first: that is what a cut keeps.
        for (var last = readable.Length - 1; last >= 0;)
        {
            var first = last;
            while (first > 0 && readable[first - 1] == readable[first] - 1) first--;
            runs.Add(await pages.ReadNewestAsync(app, conversation, readable[first], readable[last], budget));
            last = first - 1;
        }

        var page = new PullMsgs();
        for (var i = runs.Count - 1; i >= 0; i--) page.Msgs.AddRange(runs[i]);
        var isWhole = page.Msgs.Count == readable.Length;
        page.IsEnd = isWhole && (order == PullOrder.Asc ? sequences[^1] >= view.Last : sequences[0] <= view.Minimum);
        if (page.IsEnd) page.EndSeq = order == PullOrder.Asc ? view.Last : view.Minimum;
        return page;
    }

    /// <summary>A conversation may be named more than once in a request. When the budget is spent either part may have been cut.</summary>
    static PullMsgs Merged(PullMsgs one, PullMsgs other, AnswerBudget budget)
    {
        var merged = new PullMsgs { IsEnd = (one.IsEnd || other.IsEnd) && !budget.IsSpent };
        if (merged.IsEnd) merged.EndSeq = Math.Max(one.EndSeq, other.EndSeq);
        merged.Msgs.AddRange(one.Msgs.Concat(other.Msgs).DistinctBy(message => message.Seq).OrderBy(message => message.Seq));
        return merged;
    }
}
