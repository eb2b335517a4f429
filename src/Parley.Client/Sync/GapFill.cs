using Parley.Client.Connection;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Sync;

/// <summary>Pulls one page of gaps.</summary>
static class GapFill
{
    /// <summary>
    /// Asks for what is missing, and again while each answer brings something: a server may cut an answer short. An answer that brings nothing ends it, so a hole that the
    /// server can't fill costs one request.
    /// </summary>
    /// <param name="have">Messages at hand already, by conversation; what lies within the page is used and not asked for.</param>
    /// <returns>For each gap of the page, in its order, what is there: ascending, each sequence once.</returns>
    public static async Task<List<SortedDictionary<long, MsgData>>> FetchAsync(
        Questions questions, List<Gap> page, IReadOnlyDictionary<string, IReadOnlyList<MsgData>> have, CancellationToken ct)
    {
        var found = new List<SortedDictionary<long, MsgData>>();
        foreach (var gap in page)
        {
            found.Add([]);
            if (have.TryGetValue(gap.Conversation, out var messages)) Add(found[^1], gap, messages);
        }

        while (true)
        {
            var ranges = page.Zip(found, Missing).OfType<SeqRange>().ToList();
            if (ranges.Count == 0) return found;
            var answer = await questions.PullAsync(ranges, ct);
            var progress = false;
            for (var i = 0; i < page.Count; i++)
            {
                if (answer.TryGetValue(page[i].Conversation, out var pulled)) progress |= Add(found[i], page[i], pulled.Msgs);
            }
            if (!progress) return found;
        }
    }

    static bool Add(SortedDictionary<long, MsgData> found, Gap gap, IEnumerable<MsgData> messages)
    {
        var added = false;
        foreach (var message in messages)
        {
            if (message.Seq >= gap.From && message.Seq <= gap.To) added |= found.TryAdd(message.Seq, message);
        }
        return added;
    }

    // From the first to the last hole: what lies between and is here already comes again, which costs less than many ranges.
    static SeqRange? Missing(Gap gap, SortedDictionary<long, MsgData> found)
    {
        if (found.Count == gap.Length) return null;
        var (begin, end) = (gap.From, gap.To);
        while (found.ContainsKey(begin)) begin++;
        while (found.ContainsKey(end)) end--;
        return new SeqRange { ConversationID = gap.Conversation, Begin = begin, End = end, Num = end - begin + 1 };
    }
}
