using Parley.Core.Records;
using Parley.Core.Storage;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Sequencing;

/// <summary>
/// The part of the log that anybody may be shown: what lies behind <see cref="Sequencer.CommittedPosition"/> still waits for a replica that must have it, and may never have been. Readers that ask the log how far it goes do so here; others are bounded by what
/// a query of the state told them.
/// </summary>
sealed class ShownLog(Log log, Sequencer sequencer)
{
    /// <summary>As <see cref="Log.Head"/>.</summary>
    public FeedHead Head(FeedKey feed)
    {
        var (shown, head) = (sequencer.CommittedPosition, log.Head(feed));
        if (head.LastPosition <= shown) return head;
        var last = new FeedSearch(log, feed, head).FirstAfter(shown) - 1;
        return last < head.FirstReadable ? head with { Last = last, LastPosition = 0 } : head with { Last = last, LastPosition = log.ReadFeed(feed, last, last, 1, int.MaxValue)[0].Position };
    }

    /// <summary>As <see cref="Log.ReadFeed"/>.</summary>
    public IReadOnlyList<LogRecord> ReadFeed(FeedKey feed, long from, long to, int maxCount, int maxBytes)
        => Shown(sequencer.CommittedPosition, log.ReadFeed(feed, from, to, maxCount, maxBytes));

    /// <summary>As <see cref="Log.ReadLast"/>.</summary>
    public IReadOnlyList<LogRecord> ReadLast(FeedKey feed, int count, int maxBytes)
    {
        var (shown, all) = (sequencer.CommittedPosition, log.ReadLast(feed, count, maxBytes));
        if (all.Count == 0 || all[^1].Position <= shown) return all;
        var last = Head(feed).Last;
        for (var from = Math.Max(1, last - count + 1); ;)
        {
            var page = log.ReadFeed(feed, from, last, count, maxBytes);
            if (page.Count == 0 || SequenceOf(page[^1], feed) is var reached && reached >= last) return page;
            from = reached + 1;
        }
    }

    /// <summary>As <see cref="Log.ReadFrom"/>.</summary>
    public IReadOnlyList<LogRecord> ReadFrom(long position, int maxCount, int maxBytes)
        => Shown(sequencer.CommittedPosition, log.ReadFrom(position, maxCount, maxBytes));

    static IReadOnlyList<LogRecord> Shown(long position, IReadOnlyList<LogRecord> page)
        => page.Count == 0 || page[^1].Position <= position ? page : [.. page.TakeWhile(record => record.Position <= position)];

    static long SequenceOf(LogRecord stored, FeedKey feed) => new Applied(stored.Position, stored.Time, stored.Filings).SequenceIn(feed.Feed);
}
