using System.Diagnostics;
using System.Numerics;

namespace Parley.Store.Feeds;

/// <summary>What memory knows of a feed: 48 bytes, and 5 to 11 more in the table's slots.</summary>
struct Feed
{
    public long App;
    public ulong Id;

    /// <summary>Last committed sequence.</summary>
    public long Last;
    public long LastPosition;

    /// <summary>Ordinal of the newest segment with a record of the feed; 0 when there is none.</summary>
    public int Segment;

    /// <summary>The feed's place in that segment's <see cref="Segments.TailIndex"/>; meaningless once the segment has its index file.</summary>
    public int Slot;

    /// <summary>Records in the open batch. Only the writer looks at it.</summary>
    public int Pending;

    /// <summary>1 + ordinal of the feed's newest record in the open batch. Only the writer looks at it.</summary>
    public int Stamp;

    public readonly FeedKey Key => new(App, new FeedId(Id));
}

/// <summary>All feeds of the log. Readers look up and read under the log's gate; the one writer takes it only to change something.</summary>
sealed class FeedTable(Lock gate)
{
    const int SmallestBits = 8;

    // Between two steps of finding many: the first slot holds another feed.
    const int Other = -2;

    readonly Chunks<Feed> _feeds = new();
    // Open addressing over 1 + index; 0 is a free slot. A Dictionary would cost twice the memory, its key being in the feed already.
    int[] _slots = new int[1 << SmallestBits];
    int _bits = SmallestBits;

    public int Count => _feeds.Count;

    public ref Feed this[int index] => ref _feeds[index];

    /// <returns>The feed's index, or -1.</returns>
    public int Find(FeedKey key)
    {
        for (var slot = SlotOf(key, _bits); ; slot = (slot + 1) & (_slots.Length - 1))
        {
            var index = _slots[slot] - 1;
            if (index < 0) return -1;
            ref var feed = ref _feeds[index];
            if (feed.Id == key.Feed.Value && feed.App == key.App) return index;
        }
    }

    /// <summary>Finds many at once. Each step's memory accesses don't wait for each other, which among millions of feeds is most of the time.</summary>
    /// <param name="found">Receives each feed's index, or -1.</param>
    public void Find(ReadOnlySpan<FeedKey> keys, Span<int> found)
    {
        found = found[..keys.Length];
        for (var i = 0; i < keys.Length; i++) found[i] = _slots[SlotOf(keys[i], _bits)] - 1;
        for (var i = 0; i < keys.Length; i++)
        {
            if (found[i] >= 0 && _feeds[found[i]].Key != keys[i]) found[i] = Other;
        }
        for (var i = 0; i < keys.Length; i++)
        {
            if (found[i] == Other) found[i] = Find(keys[i]);
        }
    }

    public int FindOrAdd(FeedKey key)
    {
        var index = Find(key);
        if (index >= 0) return index;
        lock (gate)
        {
            index = _feeds.Add(new Feed { App = key.App, Id = key.Feed.Value });
            if (_feeds.Count > _slots.Length / 4 * 3) Grow();
            else Place(_slots, _bits, index);
        }
        return index;
    }

    /// <summary>Fills an empty table with feeds that all differ, before there are any readers.</summary>
    /// <remarks>All are added before any is looked up, so that the lookup table is built once, in one pass, and no feed is searched for.</remarks>
    public void Load(IEnumerable<Feed> feeds)
    {
        Debug.Assert(_feeds.Count == 0, "Feeds are loaded into an empty table.");
        foreach (var feed in feeds) _feeds.Add(feed);
        var bits = _bits;
        while (_feeds.Count > (1 << bits) / 4 * 3) bits++;
        Resize(bits);
    }

    void Grow() => Resize(_bits + 1);

    void Resize(int bits)
    {
        var slots = new int[1 << bits];
        for (var index = 0; index < _feeds.Count; index++) Place(slots, bits, index);
        (_slots, _bits) = (slots, bits);
    }

    void Place(int[] slots, int bits, int index)
    {
        var slot = SlotOf(_feeds[index].Key, bits);
        while (slots[slot] != 0) slot = (slot + 1) & (slots.Length - 1);
        slots[slot] = index + 1;
    }

    static int SlotOf(FeedKey key, int bits)
    {
        // Feed ids are kind and numbers side by side, so neighbours differ in a few bits: mix them all (the finalizer of MurmurHash3).
        var hash = key.Feed.Value ^ BitOperations.RotateLeft((ulong)key.App, 32);
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return (int)(hash >> (64 - bits));
    }
}
