using Parley.Client.Connection;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Sync;

/// <summary>Pulls one page of gaps.</summary>
static class GapFill
{
    /// <summary>
    /// Asks for each hole until it is filled or an answer brings nothing of it: a server may cut an answer short, and what it can't give costs one request.
    /// </summary>
    /// <param name="have">Messages at hand already, by conversation; what lies within the page is used and not asked for.</param>
    /// <returns>For each gap of the page, in its order, what is there: ascending, each sequence once.</returns>
    public static async Task<List<SortedDictionary<long, MsgData>>> FetchAsync(
        Questions questions, List<Gap> page, IReadOnlyDictionary<string, IReadOnlyList<MsgData>> have, CancellationToken ct)
    {
        var found = page.ConvertAll(gap =>
        {
            var messages = new SortedDictionary<long, MsgData>();
            if (have.TryGetValue(gap.Conversation, out var known)) Add(messages, gap, known);
            return messages;
        });

        var settled = page.ConvertAll(gap => gap.From - 1);
        while (true)
        {
            // One hole of each conversation per request: answers are keyed by conversation, and anything in this one is progress.
            var holes = page.Select((gap, i) => NextHole(gap with { From = settled[i] + 1 }, found[i])).ToList();
            if (holes.TrueForAll(hole => hole.Length == 0)) return found;
            var answer = await questions.PullAsync(holes.Where(hole => hole.Length > 0).Select(Range), ct);
            for (var i = 0; i < page.Count; i++)
            {
                var brought = answer.TryGetValue(page[i].Conversation, out var pulled) && Add(found[i], holes[i], pulled.Msgs);
                if (!brought) settled[i] = holes[i].To;
            }
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

    /// <summary>The first run of sequences that are missing; of length 0, at the end, when there is none.</summary>
    static Gap NextHole(Gap gap, SortedDictionary<long, MsgData> found)
    {
        var from = gap.From;
        while (from <= gap.To && found.ContainsKey(from)) from++;
        var to = from;
        while (to <= gap.To && !found.ContainsKey(to)) to++;
        return gap with { From = from, To = to - 1 };
    }

    static SeqRange Range(Gap hole) => new() { ConversationID = hole.Conversation, Begin = hole.From, End = hole.To, Num = hole.Length };
}
