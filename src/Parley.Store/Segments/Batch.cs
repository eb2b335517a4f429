using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>Records being gathered for one write and one sync. Used by the single writer only; borrowed from the log and reused by it after the commit.</summary>
public sealed class Batch
{
    public int Count => throw new NotImplementedException();

    /// <summary>Position the next record will get.</summary>
    public long NextPosition => throw new NotImplementedException();

    /// <summary>Whether so many more records with so many feeds and body bytes together fit.</summary>
    public bool HasRoomFor(int records, int feeds, int bodyBytes) => throw new NotImplementedException();

    /// <summary>Last sequence given in a feed, the open batch included; 0 when there is none.</summary>
    public long LastSequence(FeedKey feed) => throw new NotImplementedException();

    /// <summary>Numbers a record and adds it.</summary>
    /// <param name="feeds">1 to 1,024 different feeds of <paramref name="app"/>. (0 feeds is allowed: a record read by position only.)</param>
    /// <param name="filings">Receives the sequence in each feed; as long as <paramref name="feeds"/>.</param>
    /// <param name="time">Microseconds, greater than that of the record before.</param>
    /// <returns>The record's position.</returns>
    public long Add(ushort type, long app, long time, ReadOnlySpan<FeedId> feeds, ReadOnlySpan<byte> body, Span<Filing> filings)
        => throw new NotImplementedException();
}
