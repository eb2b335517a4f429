using System.Numerics;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>One feed's part of a segment that has no index file yet.</summary>
struct TailFeed
{
    /// <summary>Sequence of the feed's first record in the segment.</summary>
    public long First;

    /// <summary>Position of its last record in the segment.</summary>
    public long LastPosition;

    /// <summary>The feed's index in the <see cref="FeedTable"/>.</summary>
    public int Feed;
    public int Newest;
    public int Count;

    /// <summary>Where the feed goes on towards its beginning; 0 when it begins here.</summary>
    public int PreviousSegment;
    public int PreviousSlot;
}

/// <summary>Where the records of a segment without index file lie: by feed and sequence, and by position.</summary>
/// <remarks>Changed and read under the log's gate while the segment is the last; frozen after.</remarks>
sealed class TailIndex
{
    // Per filing 12 bytes. Jump is a skew-binary pointer (Myers 1983): it skips as far as makes every earlier entry reachable in O(log n)
    // steps. How far follows from the entry's ordinal alone, so that it need not be stored.
    struct Entry
    {
        public uint Offset;
        public int Previous;
        public int Jump;
    }

    struct BatchPlace
    {
        public long First;
        public uint Offset;
    }

    const int None = -1;

    readonly Chunks<Entry> _entries = new();
    readonly Chunks<TailFeed> _feeds = new();
    readonly Chunks<BatchPlace> _batches = new();

    public int EntryCount => _entries.Count;
    public int FeedCount => _feeds.Count;
    public int BatchCount => _batches.Count;

    public ref TailFeed Feed(int slot) => ref _feeds[slot];

    public (long First, uint Offset) Batch(int index) => (_batches[index].First, _batches[index].Offset);

    public void AddBatch(long first, long offset) => _batches.Add(new BatchPlace { First = first, Offset = checked((uint)offset) });

    /// <summary>Files a record's header at <paramref name="offset"/> as the feed's next. Moves the feed's newest segment here.</summary>
    public void Add(FeedTable feeds, int feedIndex, int segment, long offset, long position)
    {
        ref var feed = ref feeds[feedIndex];
        if (feed.Segment != segment)
        {
            var slot = _feeds.Add(new TailFeed
            {
                First = feed.Last + 1,
                Feed = feedIndex,
                Newest = None,
                PreviousSegment = feed.Segment,
                PreviousSlot = feed.Slot,
            });
            feed.Segment = segment;
            feed.Slot = slot;
        }
        ref var tail = ref _feeds[feed.Slot];
        tail.Newest = _entries.Add(new Entry
        {
            Offset = checked((uint)offset),
            Previous = tail.Newest,
            Jump = JumpAfter(tail.Newest, tail.Count),
        });
        tail.Count++;
        tail.LastPosition = position;
    }

    int JumpAfter(int newest, int count)
    {
        if (count == 0) return None;
        var middle = JumpTarget(count);
        var twoEqualSpans = middle > 0 && count - middle == middle - JumpTarget(middle);
        return twoEqualSpans ? _entries[_entries[newest].Jump].Jump : newest;
    }

    /// <summary>The ordinal (1 for a feed's first entry, 0 for none) that the jump of an entry with this ordinal leads to.</summary>
    /// <remarks>The ordinal as a sum of terms 2ᵏ - 1, largest first; the jump takes the last term away.</remarks>
    internal static int JumpTarget(int ordinal)
    {
        var rest = ordinal;
        var term = 0;
        while (rest > 0)
        {
            term = (1 << BitOperations.Log2((uint)rest + 1)) - 1;
            rest -= term;
        }
        return ordinal - term;
    }

    /// <summary>Fills <paramref name="offsets"/> with the places of the feed's records from sequence <paramref name="from"/> on, all in this segment.</summary>
    public void CopyOffsets(int slot, long from, Span<uint> offsets)
    {
        ref var feed = ref _feeds[slot];
        var entry = Reach(in feed, (int)(from - feed.First) + offsets.Length);
        for (var i = offsets.Length - 1; i >= 0; i--)
        {
            offsets[i] = _entries[entry].Offset;
            entry = _entries[entry].Previous;
        }
    }

    int Reach(in TailFeed feed, int ordinal)
    {
        var entry = feed.Newest;
        var at = feed.Count;
        while (at > ordinal)
        {
            var jump = JumpTarget(at);
            (entry, at) = jump >= ordinal ? (_entries[entry].Jump, jump) : (_entries[entry].Previous, at - 1);
        }
        return entry;
    }

    /// <summary>Offset of the batch that holds a position of this segment.</summary>
    public long BatchAt(long position)
    {
        int low = 0, high = _batches.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_batches[middle].First <= position) low = middle;
            else high = middle - 1;
        }
        return _batches[low].Offset;
    }
}
