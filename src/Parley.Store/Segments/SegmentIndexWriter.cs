using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>Writes the index file of a segment that takes no more batches.</summary>
static class SegmentIndexWriter
{
    /// <summary>Replaces the segment's index file as one whole. The segment's batches must be synced before.</summary>
    public static async ValueTask<SegmentIndex> WriteAsync(IDisk disk, ulong log, Segment segment, FeedTable feeds)
    {
        await WriteAsync(disk, segment.Ordinal, Build(log, segment, feeds));
        return SegmentIndex.TryOpen(disk, segment.Ordinal)
            ?? throw new IOException($"{IndexHeader.FileName(segment.Ordinal)} does not read back as it was written.");
    }

    /// <param name="bytes">The whole file.</param>
    public static ValueTask WriteAsync(IDisk disk, int ordinal, byte[] bytes) => WriteFileAsync(disk, IndexHeader.FileName(ordinal), bytes);

    /// <summary>Replaces a file as one whole.</summary>
    public static async ValueTask WriteFileAsync(IDisk disk, string name, byte[] bytes)
    {
        var temporary = name + ".new";
        using (var file = disk.Open(temporary))
        {
            file.SetLength(0);
            file.Write(bytes, 0);
            await file.SyncAsync();
        }
        disk.Rename(temporary, name);
        disk.SyncDirectory();
    }

    /// <summary>The bytes of the index file, the same for the same segment.</summary>
    internal static byte[] Build(ulong log, Segment segment, FeedTable feeds)
    {
        var tail = segment.Tail!;
        var header = new IndexHeader
        {
            Log = log,
            Ordinal = segment.Ordinal,
            Feeds = tail.FeedCount,
            Batches = tail.BatchCount,
            Entries = tail.EntryCount,
            First = segment.First,
            Last = segment.Last,
            LastEpoch = segment.LastEpoch,
            PreviousEpoch = segment.PreviousEpoch,
            LastTime = segment.LastTime,
            End = segment.End,
        };
        var bytes = new byte[header.FileBytes];
        WriteFeeds(bytes, header, segment, feeds);
        for (var i = 0; i < tail.BatchCount; i++)
        {
            var row = bytes.AsSpan((int)header.BatchesOffset + (i * IndexHeader.BatchRowBytes));
            var (first, offset) = tail.Batch(i);
            BinaryPrimitives.WriteInt64LittleEndian(row, first);
            BinaryPrimitives.WriteUInt32LittleEndian(row[sizeof(long)..], offset);
        }
        (header with { ContentCrc = Crc32C.Of(bytes.AsSpan(IndexHeader.Bytes)) }).Write(bytes);
        return bytes;
    }

    static void WriteFeeds(byte[] bytes, IndexHeader header, Segment segment, FeedTable feeds)
    {
        var tail = segment.Tail!;
        var slots = new int[tail.FeedCount];
        var keys = new FeedKey[tail.FeedCount];
        for (var i = 0; i < slots.Length; i++) (slots[i], keys[i]) = (i, feeds[tail.Feed(i).Feed].Key);
        keys.AsSpan().Sort(slots.AsSpan(), FeedRow.Compare);

        var entry = 0;
        var entries = bytes.AsSpan((int)header.EntriesOffset);
        for (var i = 0; i < slots.Length; i++)
        {
            var feed = tail.Feed(slots[i]);
            var offsets = new uint[feed.Count];
            tail.CopyOffsets(slots[i], feed.First, offsets);
            var row = new FeedRow(keys[i], feed.First, feed.LastPosition, feed.Count, entry, feed.PreviousSegment);
            row.Write(bytes.AsSpan(IndexHeader.Bytes + (i * FeedRow.Bytes)));
            foreach (var offset in offsets)
                BinaryPrimitives.WriteUInt32LittleEndian(entries[(entry++ * IndexHeader.EntryBytes)..], offset);
        }
    }
}
