using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Storage;

/// <summary>Finds where in a feed something begins. Position and time rise with the sequence, so a few single reads are enough.</summary>
sealed class FeedSearch(Log log, FeedKey feed, FeedHead head)
{
    /// <summary>The first readable sequence whose record lies behind a position, in the feed or not; one past the last when none does.</summary>
    public long FirstAfter(long position) => position >= head.LastPosition ? head.Last + 1 : First(record => record.Position > position);

    /// <param name="time">µs.</param>
    public long FirstSince(long time) => time > log.LastTime ? head.Last + 1 : First(record => record.Time >= time);

    /// <summary>Looks near the end first, where a client that syncs regularly has stopped.</summary>
    long First(Func<LogRecord, bool> isWanted)
    {
        // Known: everything from high on is wanted.
        var (high, step) = (head.Last + 1, 1L);
        while (high > head.FirstReadable)
        {
            var probe = Math.Max(head.FirstReadable, high - step);
            if (!IsWanted(probe, isWanted)) return Between(probe + 1, high, isWanted);
            (high, step) = (probe, step * 2);
        }

        return high;
    }

    long Between(long low, long high, Func<LogRecord, bool> isWanted)
    {
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (IsWanted(middle, isWanted)) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    /// <summary>What was dropped meanwhile lies before whatever is looked for.</summary>
    bool IsWanted(long sequence, Func<LogRecord, bool> isWanted) => log.ReadFeed(feed, sequence, sequence, 1, int.MaxValue) is [var record] && isWanted(record);
}
