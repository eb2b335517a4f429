using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Reads;

/// <summary>Where a record's header lies.</summary>
readonly record struct RecordPlace(Segment Segment, long Offset);

/// <summary>Where a record's header and body lie, and what the header says of the body.</summary>
readonly record struct BodyPlace(Segment Segment, long Header, long Offset, int Length, uint Crc);

/// <summary>Finds a feed's records, walking its segments from the newest back.</summary>
sealed class FeedLocator(LogState state)
{
    /// <summary>Fills <paramref name="places"/> with those of the records from sequence <paramref name="from"/> on, all committed.</summary>
    public void Locate(FeedKey key, long from, Span<RecordPlace> places)
    {
        Span<uint> offsets = stackalloc uint[places.Length];
        int ordinal;
        lock (state.Gate) ordinal = LocateInTails(key, from, ref places, offsets);
        while (places.Length > 0)
        {
            var segment = SegmentOf(ordinal);
            var row = segment.Index!.Find(key) ?? throw new IOException(
                $"{IndexHeader.FileName(ordinal)} lacks a feed that a later segment says it has. Delete that file and restart: it is rebuilt.");
            var count = CountIn(row.First, from, places.Length);
            if (count > 0)
            {
                segment.Index.CopyOffsets(row, from + places.Length - count, offsets[..count]);
                places = Fill(places, segment, offsets[..count]);
            }
            // Downwards only: an index that points elsewhere must not lead in circles.
            if (places.Length > 0 && (row.PreviousSegment < 1 || row.PreviousSegment >= ordinal))
                throw new IOException($"{IndexHeader.FileName(ordinal)} lets a feed begin too early or go on in segment {row.PreviousSegment}. Delete that file and restart: it is rebuilt.");
            ordinal = row.PreviousSegment;
        }
    }

    /// <summary>Fills what lies in segments without index file.</summary>
    /// <returns>The segment to go on with.</returns>
    int LocateInTails(FeedKey key, long from, ref Span<RecordPlace> places, scoped Span<uint> offsets)
    {
        ref var head = ref state.Feeds[state.Feeds.Find(key)];
        var (ordinal, slot) = (head.Segment, head.Slot);
        while (places.Length > 0 && SegmentOf(ordinal) is { Tail: { } tail } segment)
        {
            var feed = tail.Feed(slot);
            var count = CountIn(feed.First, from, places.Length);
            if (count > 0)
            {
                tail.CopyOffsets(slot, from + places.Length - count, offsets[..count]);
                places = Fill(places, segment, offsets[..count]);
            }
            (ordinal, slot) = (feed.PreviousSegment, feed.PreviousSlot);
        }
        return ordinal;
    }

    /// <summary>Fills the last places.</summary>
    /// <returns>Those still to fill.</returns>
    static Span<RecordPlace> Fill(Span<RecordPlace> places, Segment segment, scoped ReadOnlySpan<uint> offsets)
    {
        var part = places[^offsets.Length..];
        for (var i = 0; i < part.Length; i++) part[i] = new RecordPlace(segment, offsets[i]);
        return places[..^offsets.Length];
    }

    /// <summary>How many of the wanted sequences, the last ones, a segment holds whose first one is <paramref name="first"/>.</summary>
    static int CountIn(long first, long from, int wanted) => (int)Math.Clamp(from + wanted - first, 0, wanted);

    Segment SegmentOf(int ordinal)
    {
        var segments = state.Segments;
        var index = ordinal - segments[0].Ordinal;
        // Whoever began to read before asks again, and for less.
        return index >= 0 ? segments[index] : throw new IOException($"{SegmentHeader.FileName(ordinal)} was dropped.");
    }
}
