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
sealed class FeedTable
{
    const int PartBits = 8;
    const int SmallestBits = 3;

    // Between two steps of finding many: the first slot holds another feed.
    const int Other = -2;

    readonly Lock _gate;
    readonly Chunks<Feed> _feeds = new();
    // By index, as far as there is a feed of which something was dropped: nobody else pays for it.
    readonly Chunks<long> _dropped = new();
    // Open addressing over 1 + index; 0 is a free slot. A Dictionary would cost twice the memory, its key being in the feed already.
    // In 256 parts that grow on their own: growing all at once stopped the writer for 0.8 s at 6 million feeds.
    readonly Part[] _parts = new Part[1 << PartBits];

    struct Part
    {
        public int[] Slots;
        public int Bits;
        public int Count;
    }

    public FeedTable(Lock gate)
    {
        _gate = gate;
        foreach (ref var part in _parts.AsSpan()) Resize(ref part, SmallestBits);
    }

    public int Count => _feeds.Count;

    public ref Feed this[int index] => ref _feeds[index];

    /// <returns>The feed's index, or -1.</returns>
    public int Find(FeedKey key)
    {
        var hash = Hash(key);
        ref var part = ref PartOf(hash);
        for (var slot = SlotOf(hash, part.Bits); ; slot = (slot + 1) & (part.Slots.Length - 1))
        {
            var index = part.Slots[slot] - 1;
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
        for (var i = 0; i < keys.Length; i++)
        {
            var hash = Hash(keys[i]);
            ref var part = ref PartOf(hash);
            found[i] = part.Slots[SlotOf(hash, part.Bits)] - 1;
        }
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
        lock (_gate)
        {
            index = _feeds.Add(new Feed { App = key.App, Id = key.Feed.Value });
            Place(index);
        }
        return index;
    }

    /// <summary>Last sequence that was dropped; 0 when all of the feed can be read.</summary>
    public long DroppedUpTo(int index) => index < _dropped.Count ? _dropped[index] : 0;

    /// <summary>Notes that a feed can be read from a later sequence on.</summary>
    /// <returns>False when there is no such feed, or it does not go so far.</returns>
    public bool Drop(FeedKey key, long last)
    {
        var index = Find(key);
        if (index < 0 || _feeds[index].Last < last) return false;
        while (_dropped.Count <= index) _dropped.Add(0);
        _dropped[index] = Math.Max(_dropped[index], last);
        return true;
    }

    /// <summary>Fills an empty table with feeds that all differ, before there are any readers. None of them is searched for.</summary>
    public void Load(IEnumerable<Feed> feeds)
    {
        Debug.Assert(_feeds.Count == 0, "Feeds are loaded into an empty table.");
        foreach (var feed in feeds) _feeds.Add(feed);
        var bits = SmallestBits;
        while (IsFull(_feeds.Count >> PartBits, bits)) bits++;
        foreach (ref var part in _parts.AsSpan()) Resize(ref part, bits);
        for (var index = 0; index < _feeds.Count; index++) Place(index);
    }

    void Place(int index)
    {
        var hash = Hash(_feeds[index].Key);
        ref var part = ref PartOf(hash);
        if (IsFull(++part.Count, part.Bits)) Resize(ref part, part.Bits + 1);
        Place(part.Slots, SlotOf(hash, part.Bits), index);
    }

    static void Place(int[] slots, int slot, int index)
    {
        while (slots[slot] != 0) slot = (slot + 1) & (slots.Length - 1);
        slots[slot] = index + 1;
    }

    void Resize(ref Part part, int bits)
    {
        var slots = new int[1 << bits];
        foreach (var taken in part.Slots ?? [])
        {
            if (taken > 0) Place(slots, SlotOf(Hash(_feeds[taken - 1].Key), bits), taken - 1);
        }
        (part.Slots, part.Bits) = (slots, bits);
    }

    static bool IsFull(int count, int bits) => count > (1 << bits) / 4 * 3;

    ref Part PartOf(ulong hash) => ref _parts[(int)(hash & ((1 << PartBits) - 1))];

    static int SlotOf(ulong hash, int bits) => (int)(hash >> (64 - bits));

    static ulong Hash(FeedKey key)
    {
        // Feed ids are kind and numbers side by side, so neighbours differ in a few bits: mix them all (the finalizer of MurmurHash3).
        var hash = key.Feed.Value ^ BitOperations.RotateLeft((ulong)key.App, 32);
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        // The last step matters: the part comes from the lowest bits, the slot from the highest.
        return hash ^ (hash >> 33);
    }
}
