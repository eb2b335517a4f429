using System.Buffers.Binary;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>A record header where it lies; layout in FORMAT.md. Reads are only as true as <see cref="IsIntact"/>.</summary>
readonly ref struct RecordHeader(ReadOnlySpan<byte> bytes)
{
    public const int MaxFeeds = 1024;

    /// <summary>Enough to know the header's size.</summary>
    public const int FixedBytes = 40;
    const int FilingBytes = 16;
    const int BodyDistanceOffset = 8;

    readonly ReadOnlySpan<byte> _bytes = bytes;

    public static int Size(int feeds) => (int)TotalSize(1, feeds);

    /// <summary>Size of the headers of several records that have so many feeds together.</summary>
    public static long TotalSize(int records, int feeds) => ((FixedBytes + (long)sizeof(ulong)) * records) + ((long)FilingBytes * feeds);

    public int Ordinal => BinaryPrimitives.ReadInt32LittleEndian(_bytes);
    public int BatchDistance => BinaryPrimitives.ReadInt32LittleEndian(_bytes[4..]);
    public int BodyDistance => BinaryPrimitives.ReadInt32LittleEndian(_bytes[BodyDistanceOffset..]);
    public int BodyLength => BinaryPrimitives.ReadInt32LittleEndian(_bytes[12..]);
    public uint BodyCrc => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[16..]);
    public ushort Type => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[20..]);
    public int FeedCount => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[22..]);
    public long App => BinaryPrimitives.ReadInt64LittleEndian(_bytes[24..]);
    public long Time => BinaryPrimitives.ReadInt64LittleEndian(_bytes[32..]);

    public Filing this[int index] => new(
        new FeedId(BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(FixedBytes + (index * FilingBytes))..])),
        BinaryPrimitives.ReadInt64LittleEndian(_bytes[(FixedBytes + (index * FilingBytes) + sizeof(ulong))..]));

    public uint StoredCrc => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(Size(FeedCount) - sizeof(ulong))..]);
    public uint ComputedCrc => Crc32C.Of(_bytes[..(Size(FeedCount) - sizeof(ulong))]);

    public bool IsIntact => _bytes.Length >= FixedBytes && FeedCount <= MaxFeeds && _bytes.Length >= Size(FeedCount)
        && StoredCrc == ComputedCrc && BodyLength >= 0 && BodyDistance > 0;

    public Filing[] Filings()
    {
        var filings = new Filing[FeedCount];
        for (var i = 0; i < filings.Length; i++) filings[i] = this[i];
        return filings;
    }

    /// <summary>Writes all but the distance to the body and the checksum, which <see cref="Finish"/> adds once the batch's size is known.</summary>
    public static void Write(Span<byte> header, int ordinal, int batchDistance, ReadOnlySpan<byte> body, ushort type, long app, long time,
        ReadOnlySpan<Filing> filings)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], batchDistance);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32C.Of(body));
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)filings.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], app);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], time);
        var at = FixedBytes;
        foreach (var filing in filings)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header[at..], filing.Feed.Value);
            BinaryPrimitives.WriteInt64LittleEndian(header[(at + sizeof(ulong))..], filing.Sequence);
            at += FilingBytes;
        }
    }

    public static void Finish(Span<byte> header, int bodyDistance)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header[BodyDistanceOffset..], bodyDistance);
        var end = header.Length - sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(header[end..], Crc32C.Of(header[..end]));
    }
}
