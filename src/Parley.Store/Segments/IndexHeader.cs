using System.Buffers.Binary;
using System.Globalization;

namespace Parley.Store.Segments;

/// <summary>The first 96 bytes of an index file; layout in FORMAT.md.</summary>
readonly record struct IndexHeader
{
    public const int Bytes = 96;
    public const int BatchRowBytes = 16;
    public const int EntryBytes = 4;
    const uint Magic = 0x31494C50; // "PLI1"
    const ushort Version = 1;
    const int CrcOffset = 92;

    public ulong Log { get; init; }
    public int Ordinal { get; init; }
    public int Feeds { get; init; }
    public int Batches { get; init; }
    public int Entries { get; init; }
    public long First { get; init; }
    public long Last { get; init; }
    public ulong LastEpoch { get; init; }

    /// <summary>Epoch of the last batch before the segment.</summary>
    public ulong PreviousEpoch { get; init; }
    public long LastTime { get; init; }

    /// <summary>End of the segment's last batch.</summary>
    public long End { get; init; }
    public uint ContentCrc { get; init; }

    public long BatchesOffset => Bytes + ((long)Feeds * FeedRow.Bytes);
    public long EntriesOffset => BatchesOffset + ((long)Batches * BatchRowBytes);
    public long FileBytes => EntriesOffset + ((long)Entries * EntryBytes);

    public static string FileName(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{ordinal:D8}.index");

    public static bool TryParseName(string name, out int ordinal)
    {
        ordinal = 0;
        return name.EndsWith(".index", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(0, name.Length - ".index".Length), NumberStyles.None, CultureInfo.InvariantCulture, out ordinal)
            && FileName(ordinal) == name;
    }

    public void Write(Span<byte> bytes)
    {
        bytes[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Log);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], Feeds);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Batches);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[28..], Entries);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], First);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], Last);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[48..], LastEpoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], PreviousEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], LastTime);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[72..], End);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[80..], ContentCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Crc32C.Of(bytes[..CrcOffset]));
    }

    /// <summary>False for anything but a whole header of this version: an index of another one is simply built anew.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out IndexHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Version) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Of(bytes[..CrcOffset])) return false;
        header = new IndexHeader
        {
            Log = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            Ordinal = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            Feeds = BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            Batches = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            Entries = BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]),
            First = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            Last = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            LastEpoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]),
            PreviousEpoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]),
            LastTime = BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]),
            End = BinaryPrimitives.ReadInt64LittleEndian(bytes[72..]),
            ContentCrc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[80..]),
        };
        return true;
    }
}
