using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Snapshots;

/// <summary>Computes feed heads as of a sealed segment's end from files alone: the heads of an older snapshot and the indexes of the segments since, all sorted alike. The live tables are not touched.</summary>
static class HeadMerge
{
    sealed class ByKeyThenAge : IComparer<(FeedKey Key, int Age)>
    {
        public int Compare((FeedKey Key, int Age) x, (FeedKey Key, int Age) y)
        {
            var keys = FeedRow.Compare(x.Key, y.Key);
            return keys != 0 ? keys : x.Age.CompareTo(y.Age);
        }
    }

    public static IEnumerable<HeadRow> RowsOf(Segment segment)
    {
        foreach (var row in segment.Index!.Rows()) yield return new HeadRow(row.Key, row.First, row.Last, row.LastPosition, segment.Ordinal);
    }

    /// <param name="parts">From the oldest to the newest, each sorted by key.</param>
    public static IEnumerable<HeadRow> Merge(IReadOnlyList<IEnumerable<HeadRow>> parts)
    {
        var queue = new PriorityQueue<IEnumerator<HeadRow>, (FeedKey Key, int Age)>(parts.Count, new ByKeyThenAge());
        try
        {
            for (var age = 0; age < parts.Count; age++) Take(queue, parts[age].GetEnumerator(), age);
            while (queue.TryDequeue(out var source, out var next))
            {
                var head = source.Current;
                if (head.First != 1) throw Gap(head.Key, 0, head.First);
                Take(queue, source, next.Age);
                while (queue.TryPeek(out source, out next) && next.Key == head.Key)
                {
                    var newer = source.Current;
                    if (newer.First != head.Last + 1) throw Gap(head.Key, head.Last, newer.First);
                    head = newer;
                    queue.Dequeue();
                    Take(queue, source, next.Age);
                }
                yield return head;
            }
        }
        finally
        {
            while (queue.TryDequeue(out var source, out _)) source.Dispose();
        }
    }

    static void Take(PriorityQueue<IEnumerator<HeadRow>, (FeedKey Key, int Age)> queue, IEnumerator<HeadRow> source, int age)
    {
        if (source.MoveNext()) queue.Enqueue(source, (source.Current.Key, age));
        else source.Dispose();
    }

    static IOException Gap(FeedKey key, long last, long first)
        => new($"Feed {key.Feed.Value:x16} of app {key.App} goes from sequence {last} to {first} between the indexes; run 'parley check'.");
}
