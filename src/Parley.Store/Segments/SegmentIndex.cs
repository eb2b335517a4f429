using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>The index file of a sealed segment: finds records by feed and sequence, and batches by position.</summary>
/// <remarks>A start that has a snapshot reads the header only; the tables are verified when first used and, when damaged, built anew from the segment.</remarks>
sealed class SegmentIndex : IDisposable
{
    const int Stride = IndexTables.Stride;
    const int RowsAtOnce = 4096;

    readonly IDiskFile _file;
    readonly IndexHeader _header;
    readonly Lock _gate = new();
    volatile IndexTables? _tables;
    byte[]? _rebuilt;

    SegmentIndex(IDiskFile file, in IndexHeader header) => (_file, _header) = (file, header);

    public IndexHeader Header => _header;
    public string Name => IndexHeader.FileName(_header.Ordinal);

    /// <summary>Builds the whole file anew from the segment; null where that is not possible.</summary>
    public Func<byte[]?>? Rebuild { get; set; }

    /// <summary>Called when the file turned out to be damaged and its content was built anew.</summary>
    public Action? OnRebuilt { get; set; }

    /// <summary>What should be written in the damaged file's place.</summary>
    public byte[]? TakeRebuilt() => Interlocked.Exchange(ref _rebuilt, null);

    /// <summary>Opens the index of a segment if its header is whole; nothing else is read.</summary>
    public static SegmentIndex? TryOpenHeader(IDisk disk, int ordinal)
    {
        var file = disk.Open(IndexHeader.FileName(ordinal));
        SegmentIndex? index = null;
        try
        {
            Span<byte> first = stackalloc byte[IndexHeader.Bytes];
            if (file.Read(first, 0) < first.Length || !IndexHeader.TryRead(first, out var header)) return null;
            if (header.Ordinal != ordinal || header.FileBytes != file.Length) return null;
            return index = new SegmentIndex(file, header);
        }
        finally
        {
            if (index is null) file.Dispose();
        }
    }

    /// <summary>Opens the index of a segment if all of it is whole.</summary>
    public static SegmentIndex? TryOpen(IDisk disk, int ordinal)
    {
        if (TryOpenHeader(disk, ordinal) is not { } index) return null;
        index._tables = IndexTables.Verify(index._file, index._header);
        if (index._tables is not null) return index;
        index.Dispose();
        return null;
    }

    IndexTables Tables()
    {
        if (_tables is { } tables) return tables;
        lock (_gate) return _tables ??= IndexTables.Verify(_file, _header) ?? BuildAnew();
    }

    IndexTables BuildAnew()
    {
        var bytes = Rebuild?.Invoke();
        // The same segment gives the same bytes, so what the header was written with is known.
        if (bytes is null || !IndexHeader.TryRead(bytes, out var header) || header != _header)
            throw new IOException($"{Name} fails its checksum and can't be built anew from its segment; run 'parley check'.");
        _rebuilt = bytes;
        var tables = IndexTables.InMemory(bytes, _header);
        OnRebuilt?.Invoke();
        return tables;
    }

    /// <summary>One read of up to 64 rows.</summary>
    public FeedRow? Find(FeedKey key)
    {
        var tables = Tables();
        var block = LastAtMost(tables.FeedKeys, key, FeedRow.Compare);
        if (block < 0) return null;
        Span<byte> rows = stackalloc byte[Stride * FeedRow.Bytes];
        rows = rows[..(Math.Min(Stride, _header.Feeds - (block * Stride)) * FeedRow.Bytes)];
        tables.Read(rows, IndexHeader.Bytes + ((long)block * Stride * FeedRow.Bytes), Name);
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

    /// <summary>All rows of the feeds table, by app and feed.</summary>
    public IEnumerable<FeedRow> Rows()
    {
        var tables = Tables();
        var bytes = new byte[Math.Min(RowsAtOnce, _header.Feeds) * FeedRow.Bytes];
        for (var row = 0; row < _header.Feeds; row += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, _header.Feeds - row);
            tables.Read(bytes.AsSpan(0, count * FeedRow.Bytes), IndexHeader.Bytes + ((long)row * FeedRow.Bytes), Name);
            for (var i = 0; i < count; i++) yield return FeedRow.Read(bytes.AsSpan(i * FeedRow.Bytes));
        }
    }

    /// <summary>Fills <paramref name="offsets"/> with the places of the feed's records from sequence <paramref name="from"/> on; one read.</summary>
    public void CopyOffsets(in FeedRow row, long from, Span<uint> offsets)
    {
        Span<byte> entries = stackalloc byte[offsets.Length * IndexHeader.EntryBytes];
        Tables().Read(entries, _header.EntriesOffset + ((row.FirstEntry + (from - row.First)) * IndexHeader.EntryBytes), Name);
        for (var i = 0; i < offsets.Length; i++) offsets[i] = BinaryPrimitives.ReadUInt32LittleEndian(entries[(i * IndexHeader.EntryBytes)..]);
    }

    /// <summary>Offset of the batch that holds a position of this segment; one read.</summary>
    public long BatchAt(long position)
    {
        var tables = Tables();
        var block = LastAtMost(tables.BatchFirsts, position, static (left, right) => left.CompareTo(right));
        Span<byte> rows = stackalloc byte[Stride * IndexHeader.BatchRowBytes];
        rows = rows[..(Math.Min(Stride, _header.Batches - (block * Stride)) * IndexHeader.BatchRowBytes)];
        tables.Read(rows, _header.BatchesOffset + ((long)block * Stride * IndexHeader.BatchRowBytes), Name);
        var found = 0;
        for (var at = 0; at < rows.Length && BinaryPrimitives.ReadInt64LittleEndian(rows[at..]) <= position; at += IndexHeader.BatchRowBytes) found = at;
        return BinaryPrimitives.ReadUInt32LittleEndian(rows[(found + sizeof(long))..]);
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
