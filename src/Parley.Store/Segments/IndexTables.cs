using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>What memory holds of an index file once it is verified: every 64th key of two of its tables; all of it when it had to be built anew.</summary>
sealed class IndexTables
{
    public const int Stride = 64;
    const int PieceBytes = 1 << 20;

    IndexTables(byte[]? bytes, in IndexHeader header)
    {
        Bytes = bytes;
        FeedKeys = new FeedKey[(header.Feeds + Stride - 1) / Stride];
        BatchFirsts = new long[(header.Batches + Stride - 1) / Stride];
    }

    /// <summary>The whole file, when what lies on the disk is not to be used.</summary>
    public byte[]? Bytes { get; }
    public FeedKey[] FeedKeys { get; }
    public long[] BatchFirsts { get; }

    /// <summary>Reads all of it once, a piece at a time.</summary>
    /// <returns>Null when it fails its checksum.</returns>
    public static IndexTables? Verify(IDiskFile file, in IndexHeader header)
    {
        var tables = new IndexTables(null, header);
        // Whole feed rows, and so whole batch rows too unless they begin in the middle of a piece.
        var piece = new byte[Math.Min(PieceBytes / FeedRow.Bytes * FeedRow.Bytes, header.FileBytes - IndexHeader.Bytes)];
        var crc = new Crc32C();
        for (var at = (long)IndexHeader.Bytes; at < header.FileBytes;)
        {
            var bytes = piece.AsSpan(0, (int)Math.Min(piece.Length, header.FileBytes - at));
            if (file.Read(bytes, at) < bytes.Length) return null;
            crc.Add(bytes);
            tables.Note(bytes, at, header);
            at += bytes.Length;
        }
        return crc.Value == header.ContentCrc ? tables : null;
    }

    /// <param name="bytes">A whole index file.</param>
    public static IndexTables InMemory(byte[] bytes, in IndexHeader header)
    {
        var tables = new IndexTables(bytes, header);
        tables.Note(bytes.AsSpan(IndexHeader.Bytes), IndexHeader.Bytes, header);
        return tables;
    }

    void Note(ReadOnlySpan<byte> bytes, long at, in IndexHeader header)
    {
        for (var row = RowAtOrAfter(at, IndexHeader.Bytes, FeedRow.Bytes); row < FeedKeys.Length; row++)
        {
            var offset = IndexHeader.Bytes + ((long)row * Stride * FeedRow.Bytes) - at;
            if (offset + FeedRow.Bytes > bytes.Length) break;
            FeedKeys[row] = FeedRow.ReadKey(bytes[(int)offset..]);
        }
        for (var row = RowAtOrAfter(at, header.BatchesOffset, IndexHeader.BatchRowBytes); row < BatchFirsts.Length; row++)
        {
            var offset = header.BatchesOffset + ((long)row * Stride * IndexHeader.BatchRowBytes) - at;
            if (offset + IndexHeader.BatchRowBytes > bytes.Length) break;
            BatchFirsts[row] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(int)offset..]);
        }
    }

    static long RowAtOrAfter(long at, long table, int rowBytes)
        => Math.Max(0, (at - table + ((long)Stride * rowBytes) - 1) / ((long)Stride * rowBytes));
}
