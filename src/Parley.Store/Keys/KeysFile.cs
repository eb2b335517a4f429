using Parley.Store.Disks;

namespace Parley.Store.Keys;

/// <summary>The keys of a full segment on disk. Nothing of it is in memory but its header; whatever is read is verified then, so that opening it costs one read.</summary>
sealed class KeysFile : IDisposable
{
    // Keys are hashes, so a guess by their value lands within a page or two. Halving goes on where it does not.
    const int Guesses = 4;

    readonly IDiskFile _file;

    KeysFile(IDiskFile file, in KeysHeader header) => (_file, Header) = (file, header);

    public KeysHeader Header { get; }

    /// <summary>Opens a file whose header is whole.</summary>
    public static KeysFile? TryOpen(IDisk disk, int ordinal)
    {
        var file = disk.Open(KeysHeader.FileName(ordinal));
        KeysFile? keys = null;
        try
        {
            Span<byte> first = stackalloc byte[KeysHeader.Bytes];
            if (file.Read(first, 0) < first.Length || !KeysHeader.TryRead(first, out var header)) return null;
            if (header.Ordinal != ordinal || header.FileBytes != file.Length) return null;
            return keys = new KeysFile(file, header);
        }
        finally
        {
            if (keys is null) file.Dispose();
        }
    }

    /// <summary>Where the headers of records with this key lie, ascending. One read of 64 bytes says of nearly every key that is not there that it is not.</summary>
    /// <exception cref="IOException">What had to be read is damaged.</exception>
    public IReadOnlyList<uint> Find(ulong key)
    {
        if (Header.Rows == 0) return [];
        Span<byte> block = stackalloc byte[KeyFilter.BlockBytes];
        ReadBlock(KeyFilter.BlockOf(key, Header.Blocks), block);
        return KeyFilter.MayHold(block, key) ? FindRows(key) : [];
    }

    List<uint> FindRows(ulong key)
    {
        var found = new List<uint>();
        Span<byte> bytes = stackalloc byte[KeyPage.Bytes];
        var held = -1;
        for (var number = FirstPage(key, bytes, ref held); number < Header.Pages; number++)
        {
            if (number != held) ReadPage(number, bytes);
            var page = new KeyPage(bytes);
            var row = page.FirstAtLeast(key);
            for (; row < page.Count && page[row].Key == key; row++) found.Add(page[row].Offset);
            if (row < page.Count) break;
        }

        return found;
    }

    /// <summary>The first page whose last row has the key or a greater one.</summary>
    /// <param name="held">The page that was read last into <paramref name="bytes"/>.</param>
    int FirstPage(ulong key, Span<byte> bytes, ref int held)
    {
        int low = 0, high = Header.Pages;
        var (lowKey, highKey) = (0UL, ulong.MaxValue);
        for (var tried = 0; low < high; tried++)
        {
            var middle = tried < Guesses ? low + Guess(key - lowKey, highKey - lowKey, high - low) : (low + high) / 2;
            ReadPage(held = middle, bytes);
            var (first, last) = (new KeyPage(bytes).First.Key, new KeyPage(bytes).Last.Key);
            if (first < key && key <= last) return middle;
            if (last < key) (low, lowKey) = (middle + 1, last);
            else (high, highKey) = (middle, first);
        }

        return low;
    }

    static int Guess(ulong distance, ulong range, int pages) => range == 0 ? 0 : (int)Math.Min((ulong)pages - 1, (ulong)((UInt128)distance * (ulong)pages / range));

    /// <summary>Reads all of it.</summary>
    /// <returns>What is wrong with it, as a clause; null when it is whole.</returns>
    public string? Verify()
    {
        try
        {
            Span<byte> bytes = stackalloc byte[KeyPage.Bytes];
            for (var i = 0; i < Header.Blocks; i++) ReadBlock(i, bytes[..KeyFilter.BlockBytes]);
            var (rows, previous) = (0L, default(KeyRow));
            Span<byte> block = stackalloc byte[KeyFilter.BlockBytes];
            for (var i = 0; i < Header.Pages; i++)
            {
                ReadPage(i, bytes);
                var page = new KeyPage(bytes);
                for (var row = 0; row < page.Count; row++, rows++)
                {
                    if (page[row].CompareTo(previous) <= 0 || page[row].Offset >= Header.End) return "its rows are out of order";
                    previous = page[row];
                    ReadBlock(KeyFilter.BlockOf(previous.Key, Header.Blocks), block);
                    if (!KeyFilter.MayHold(block, previous.Key)) return "its filter denies a key that is there";
                }
            }

            return rows == Header.Rows ? null : "it has another number of rows than its header says";
        }
        catch (IOException)
        {
            return "it fails its checksums";
        }
    }

    void ReadBlock(int number, Span<byte> block)
    {
        Read(block, KeysHeader.Bytes + ((long)number * KeyFilter.BlockBytes));
        if (!KeyFilter.IsWhole(block, Header.Ordinal, number)) throw Damaged();
    }

    void ReadPage(int number, Span<byte> page)
    {
        Read(page, Header.PagesOffset + ((long)number * KeyPage.Bytes));
        if (!new KeyPage(page).IsWhole(Header.Ordinal, number)) throw Damaged();
    }

    void Read(Span<byte> bytes, long offset)
    {
        if (_file.Read(bytes, offset) < bytes.Length) throw Damaged();
    }

    IOException Damaged() => new($"{KeysHeader.FileName(Header.Ordinal)} fails a checksum; it is built anew from its segment.");

    /// <param name="rows">Sorted here.</param>
    /// <returns>The bytes of the whole file.</returns>
    public static byte[] Build(in KeysHeader header, Span<KeyRow> rows)
    {
        rows.Sort();
        var bytes = new byte[header.FileBytes];
        header.Write(bytes);
        var filter = bytes.AsSpan(KeysHeader.Bytes, header.Blocks * KeyFilter.BlockBytes);
        foreach (var row in rows) KeyFilter.Add(filter.Slice(KeyFilter.BlockOf(row.Key, header.Blocks) * KeyFilter.BlockBytes, KeyFilter.BlockBytes), row.Key);
        for (var i = 0; i < header.Blocks; i++) KeyFilter.Seal(filter.Slice(i * KeyFilter.BlockBytes, KeyFilter.BlockBytes), header.Ordinal, i);
        for (var i = 0; i < header.Pages; i++)
        {
            var part = rows[(i * KeyPage.MaxRows)..Math.Min(rows.Length, (i + 1) * KeyPage.MaxRows)];
            KeyPage.Write(bytes.AsSpan((int)header.PagesOffset + (i * KeyPage.Bytes)), header.Ordinal, i, part);
        }

        return bytes;
    }

    public void Dispose() => _file.Dispose();
}
