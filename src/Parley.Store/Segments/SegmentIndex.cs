using System.Buffers;
using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>The index file of a sealed segment: finds records by feed and sequence, and batches by position. Memory holds each table's every 64th key.</summary>
sealed class SegmentIndex : IDisposable
{
    const int Stride = 64;

    readonly IDiskFile _file;
    readonly IndexHeader _header;
    readonly FeedKey[] _feedKeys;
    readonly long[] _batchFirsts;

    SegmentIndex(IDiskFile file, in IndexHeader header, ReadOnlySpan<byte> content)
    {
        (_file, _header) = (file, header);
        _feedKeys = new FeedKey[(header.Feeds + Stride - 1) / Stride];
        for (var i = 0; i < _feedKeys.Length; i++) _feedKeys[i] = FeedRow.ReadKey(content[(i * Stride * FeedRow.Bytes)..]);
        var batches = content[(header.Feeds * FeedRow.Bytes)..];
        _batchFirsts = new long[(header.Batches + Stride - 1) / Stride];
        for (var i = 0; i < _batchFirsts.Length; i++)
            _batchFirsts[i] = BinaryPrimitives.ReadInt64LittleEndian(batches[(i * Stride * IndexHeader.BatchRowBytes)..]);
    }

    public ulong Log => _header.Log;
    public long First => _header.First;
    public long Last => _header.Last;
    public ulong LastEpoch => _header.LastEpoch;
    public ulong PreviousEpoch => _header.PreviousEpoch;
    public long LastTime => _header.LastTime;
    public long End => _header.End;

    /// <summary>Opens the index of a segment if it is there and whole.</summary>
    /// <param name="feedRows">All rows of the feeds table.</param>
    public static SegmentIndex? TryOpen(IDisk disk, string name, int ordinal, out byte[] feedRows)
    {
        feedRows = [];
        var file = disk.Open(name);
        SegmentIndex? index = null;
        try
        {
            Span<byte> first = stackalloc byte[IndexHeader.Bytes];
            var length = file.Length;
            if (file.Read(first, 0) < first.Length || !IndexHeader.TryRead(first, out var header)) return null;
            if (header.Ordinal != ordinal || header.FileBytes != length) return null;
            var content = ArrayPool<byte>.Shared.Rent((int)(length - IndexHeader.Bytes));
            try
            {
                var span = content.AsSpan(0, (int)(length - IndexHeader.Bytes));
                if (file.Read(span, IndexHeader.Bytes) < span.Length || Crc32C.Of(span) != header.ContentCrc) return null;
                feedRows = span[..(header.Feeds * FeedRow.Bytes)].ToArray();
                return index = new SegmentIndex(file, header, span);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(content);
            }
        }
        finally
        {
            if (index is null) file.Dispose();
        }
    }

    /// <summary>One read of up to 64 rows.</summary>
    public FeedRow? Find(FeedKey key)
    {
        var block = LastAtMost(_feedKeys, key, FeedRow.Compare);
        if (block < 0) return null;
        Span<byte> rows = stackalloc byte[Stride * FeedRow.Bytes];
        rows = rows[..(Math.Min(Stride, _header.Feeds - (block * Stride)) * FeedRow.Bytes)];
        Read(rows, IndexHeader.Bytes + ((long)block * Stride * FeedRow.Bytes));
        int low = 0, high = (rows.Length / FeedRow.Bytes) - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var row = rows[(middle * FeedRow.Bytes)..];
            switch (FeedRow.Compare(FeedRow.ReadKey(row), key))
            {
                case 0: return FeedRow.Read(row);
                case < 0: low = middle + 1; break;
                default: high = middle - 1; break;
            }
        }
        return null;
    }

    /// <summary>Fills <paramref name="offsets"/> with the places of the feed's records from sequence <paramref name="from"/> on; one read.</summary>
    public void CopyOffsets(in FeedRow row, long from, Span<uint> offsets)
    {
        Span<byte> entries = stackalloc byte[offsets.Length * IndexHeader.EntryBytes];
        Read(entries, _header.EntriesOffset + ((row.FirstEntry + (from - row.First)) * IndexHeader.EntryBytes));
        for (var i = 0; i < offsets.Length; i++) offsets[i] = BinaryPrimitives.ReadUInt32LittleEndian(entries[(i * IndexHeader.EntryBytes)..]);
    }

    /// <summary>Offset of the batch that holds a position of this segment; one read.</summary>
    public long BatchAt(long position)
    {
        var block = LastAtMost(_batchFirsts, position, static (left, right) => left.CompareTo(right));
        Span<byte> rows = stackalloc byte[Stride * IndexHeader.BatchRowBytes];
        rows = rows[..(Math.Min(Stride, _header.Batches - (block * Stride)) * IndexHeader.BatchRowBytes)];
        Read(rows, _header.BatchesOffset + ((long)block * Stride * IndexHeader.BatchRowBytes));
        var found = 0;
        for (var at = 0; at < rows.Length && BinaryPrimitives.ReadInt64LittleEndian(rows[at..]) <= position; at += IndexHeader.BatchRowBytes) found = at;
        return BinaryPrimitives.ReadUInt32LittleEndian(rows[(found + sizeof(long))..]);
    }

    void Read(Span<byte> bytes, long offset)
    {
        if (_file.Read(bytes, offset) < bytes.Length)
            throw new IOException($"{IndexHeader.FileName(_header.Ordinal)} was cut while in use. Restart: it is rebuilt from its segment.");
    }

    /// <returns>Index of the last key that is not greater, or -1.</returns>
    static int LastAtMost<T>(T[] keys, T key, Comparison<T> compare)
    {
        int low = -1, high = keys.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (compare(keys[middle], key) <= 0) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    public void Dispose() => _file.Dispose();
}
