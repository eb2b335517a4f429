using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>The index file of a sealed segment: finds records by feed and sequence, and batches by position.</summary>
/// <remarks>A start that has a snapshot reads the header only, and verifying the tables would mean reading them all for a first page. So reads may use them unverified: each
/// record says itself whose it is, and who finds a contradiction calls <see cref="Verify"/> and asks again. What is built on the tables verifies them first.</remarks>
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

    /// <summary>Reads all of the tables, if that was not done before, and builds them anew from the segment when they are damaged.</summary>
    /// <returns>True when they were.</returns>
    /// <exception cref="IOException">They were, and can't be built.</exception>
    public bool Verify()
    {
        if (_tables is not null) return false;
        lock (_gate)
        {
            if (_tables is not null) return false;
            _tables = IndexTables.Verify(_file, _header);
            if (_tables is not null) return false;
            _tables = BuildAnew();
            return true;
        }
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

    /// <summary>One read of up to 64 rows; while unverified, one more for each halving of the table down to them.</summary>
    public FeedRow? Find(FeedKey key)
    {
        var first = _tables is { } tables ? LastAtMost(tables.FeedKeys, key, FeedRow.Compare) * Stride : Narrow(key);
        if (first < 0) return null;
        Span<byte> rows = stackalloc byte[Stride * FeedRow.Bytes];
        rows = rows[..(Math.Min(Stride, _header.Feeds - first) * FeedRow.Bytes)];
        Read(rows, IndexHeader.Bytes + ((long)first * FeedRow.Bytes));
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

    /// <returns>The first of 64 rows among which the key is, if it is there.</returns>
    int Narrow(FeedKey key)
    {
        Span<byte> bytes = stackalloc byte[FeedRow.KeyBytes];
        int low = 0, high = _header.Feeds;
        while (high - low > Stride)
        {
            var middle = (low + high) / 2;
            Read(bytes, IndexHeader.Bytes + ((long)middle * FeedRow.Bytes));
            if (FeedRow.Compare(FeedRow.ReadKey(bytes), key) <= 0) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>All rows of the feeds table, by app and feed.</summary>
    public IEnumerable<FeedRow> Rows()
    {
        Verify();
        var bytes = new byte[Math.Min(RowsAtOnce, _header.Feeds) * FeedRow.Bytes];
        for (var row = 0; row < _header.Feeds; row += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, _header.Feeds - row);
            Read(bytes.AsSpan(0, count * FeedRow.Bytes), IndexHeader.Bytes + ((long)row * FeedRow.Bytes));
            for (var i = 0; i < count; i++) yield return FeedRow.Read(bytes.AsSpan(i * FeedRow.Bytes));
        }
    }

    /// <summary>Fills <paramref name="offsets"/> with the places of the feed's records from sequence <paramref name="from"/> on; one read.</summary>
    public void CopyOffsets(in FeedRow row, long from, Span<uint> offsets)
    {
        var entry = row.FirstEntry + (from - row.First);
        if (entry < 0 || entry > _header.Entries - offsets.Length) throw new IOException($"{Name} places a feed's records outside of itself; run 'parley check'.");
        Span<byte> entries = stackalloc byte[offsets.Length * IndexHeader.EntryBytes];
        Read(entries, _header.EntriesOffset + (entry * IndexHeader.EntryBytes));
        for (var i = 0; i < offsets.Length; i++) offsets[i] = BinaryPrimitives.ReadUInt32LittleEndian(entries[(i * IndexHeader.EntryBytes)..]);
    }

    /// <summary>Offset of the batch that holds a position of this segment; one read, while unverified more, as with <see cref="Find"/>.</summary>
    public long BatchAt(long position)
    {
        var first = _tables is { } tables ? LastAtMost(tables.BatchFirsts, position, static (left, right) => left.CompareTo(right)) * Stride : Narrow(position);
        Span<byte> rows = stackalloc byte[Stride * IndexHeader.BatchRowBytes];
        rows = rows[..(Math.Min(Stride, _header.Batches - first) * IndexHeader.BatchRowBytes)];
        Read(rows, _header.BatchesOffset + ((long)first * IndexHeader.BatchRowBytes));
        var found = 0;
        for (var at = 0; at < rows.Length && BinaryPrimitives.ReadInt64LittleEndian(rows[at..]) <= position; at += IndexHeader.BatchRowBytes) found = at;
        return BinaryPrimitives.ReadUInt32LittleEndian(rows[(found + sizeof(long))..]);
    }

    int Narrow(long position)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        int low = 0, high = _header.Batches;
        while (high - low > Stride)
        {
            var middle = (low + high) / 2;
            Read(bytes, _header.BatchesOffset + ((long)middle * IndexHeader.BatchRowBytes));
            if (BinaryPrimitives.ReadInt64LittleEndian(bytes) <= position) low = middle;
            else high = middle;
        }
        return low;
    }

    void Read(Span<byte> bytes, long offset)
    {
        if (_tables is { Bytes: { } inMemory }) inMemory.AsSpan((int)offset, bytes.Length).CopyTo(bytes);
        else if (_file.Read(bytes, offset) < bytes.Length) throw new IOException($"{Name} was cut while in use. Restart: it is rebuilt from its segment.");
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
