using Parley.Store.Feeds;
using Parley.Store.Snapshots;

namespace Parley.Store.Segments;

/// <summary>Builds an index file's bytes from its segment and the indexes of the segments before, without the log's own tables.</summary>
static class IndexRebuild
{
    /// <param name="before">The feeds' heads before the first of the earlier.</param>
    /// <returns>Null when the segment itself can't be read to its end.</returns>
    public static byte[]? Build(ulong log, Segment segment, IReadOnlyList<Segment> earlier, IEnumerable<HeadRow> before)
    {
        var feeds = new FeedTable(new Lock());
        var copy = new Segment(segment.Ordinal, segment.File)
        {
            First = segment.First,
            Last = segment.Last,
            LastEpoch = segment.LastEpoch,
            PreviousEpoch = segment.PreviousEpoch,
            LastTime = segment.LastTime,
            Tail = new TailIndex(),
        };
        if (!TryFile(copy, segment.End, feeds)) return null;
        Link(copy.Tail, feeds, earlier, before);
        return SegmentIndexWriter.Build(log, copy, feeds);
    }

    static bool TryFile(Segment segment, long end, FeedTable feeds)
    {
        using var scanner = new BatchScanner(segment.File);
        var position = segment.First;
        while (segment.End < end)
        {
            if (!scanner.TryRead(segment.End) || scanner.Header.First != position) return false;
            segment.Tail!.AddBatch(position, segment.End);
            var headers = scanner.RecordHeaders;
            for (var at = 0; at < headers.Length; position++)
            {
                var record = new RecordHeader(headers[at..]);
                for (var i = 0; i < record.FeedCount; i++)
                {
                    var filing = record[i];
                    var index = feeds.FindOrAdd(new FeedKey(record.App, filing.Feed));
                    feeds[index].Last = filing.Sequence - 1;
                    segment.Tail.Add(feeds, index, segment.Ordinal, segment.End + BatchHeader.Bytes + at, position);
                }
                at += RecordHeader.Size(record.FeedCount);
            }
            segment.End += scanner.Header.TotalBytes;
        }
        return segment.End == end && position == segment.Last + 1;
    }

    /// <summary>Finds where each feed goes on towards its beginning: the newest segment before that has it.</summary>
    static void Link(TailIndex tail, FeedTable feeds, IReadOnlyList<Segment> earlier, IEnumerable<HeadRow> before)
    {
        var open = 0;
        for (var slot = 0; slot < tail.FeedCount; slot++) open += tail.Feed(slot).First > 1 ? 1 : 0;
        for (var i = earlier.Count - 1; i >= 0 && open > 0; i--)
        {
            foreach (var row in earlier[i].Index!.Rows())
            {
                var index = feeds.Find(row.Key);
                if (index < 0) continue;
                ref var feed = ref tail.Feed(feeds[index].Slot);
                if (feed.PreviousSegment > 0 || row.Last + 1 != feed.First) continue;
                feed.PreviousSegment = earlier[i].Ordinal;
                open--;
            }
        }
        if (open == 0) return;
        foreach (var head in before)
        {
            var index = feeds.Find(head.Key);
            if (index < 0) continue;
            ref var feed = ref tail.Feed(feeds[index].Slot);
            if (feed.PreviousSegment == 0 && head.Last + 1 == feed.First) feed.PreviousSegment = head.Segment;
        }
    }
}
