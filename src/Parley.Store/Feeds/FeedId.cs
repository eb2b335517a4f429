namespace Parley.Store.Feeds;

/// <summary>Names a feed inside one app: 64 bits that the caller computes from the feed's kind and numbers. The store never looks inside.</summary>
public readonly record struct FeedId(ulong Value)
{
    /// <summary>Both halves of an id are small numbers, and merely laid over each other they fall on each other.</summary>
    public override int GetHashCode() => (int)((Value * 0x9E3779B97F4A7C15) >> 32);
}

/// <summary>Names a feed in the log: a feed id is unique only within its app.</summary>
public readonly record struct FeedKey(long App, FeedId Feed);

/// <summary>Where a record stands in one of its feeds. Sequences of a feed are 1, 2, 3 … without gap.</summary>
public readonly record struct Filing(FeedId Feed, long Sequence);

/// <summary>The committed ends of a feed.</summary>
/// <param name="FirstReadable">Sequence of the first record that was not dropped; one past the last when all of them were.</param>
/// <param name="Last">Sequence of the last committed record; 0 when the feed is empty.</param>
/// <param name="LastPosition">Log position of that record; 0 when the feed is empty.</param>
public readonly record struct FeedHead(long FirstReadable, long Last, long LastPosition);
