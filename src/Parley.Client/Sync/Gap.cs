namespace Parley.Client.Sync;

/// <summary>Sequences of one conversation that are not here, both ends included.</summary>
readonly record struct Gap(string Conversation, long From, long To)
{
    /// <summary>No server counts so far; a number beyond is a fault that must not make our sums overflow.</summary>
    public const long MaxSequence = long.MaxValue >> 1;

    public long Length => To - From + 1;

    /// <summary>Cuts gaps into pages of at most <paramref name="pageLength"/> sequences together; each conversation ascending.</summary>
    public static IEnumerable<List<Gap>> Pages(IEnumerable<Gap> gaps, int pageLength)
    {
        var page = new List<Gap>();
        long room = pageLength;
        foreach (var gap in gaps)
        {
            for (var from = gap.From; from <= gap.To;)
            {
                var to = Math.Min(gap.To, from + room - 1);
                page.Add(new Gap(gap.Conversation, from, to));
                room -= to - from + 1;
                from = to + 1;
                if (room > 0) continue;
                yield return page;
                page = [];
                room = pageLength;
            }
        }
        if (page.Count > 0) yield return page;
    }
}
