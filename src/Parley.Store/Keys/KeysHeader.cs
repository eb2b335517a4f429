using System.Buffers.Binary;
using System.Globalization;
using Parley.Store.Segments;

namespace Parley.Store.Keys;

/// <summary>The first 96 bytes of a keys file; layout in <c>Segments/FORMAT.md</c>.</summary>
readonly record struct KeysHeader
{
    public const int Bytes = 96;
    const uint Magic = 0x314B4C50; // "PLK1"
    const ushort Version = 1;
    const int CrcOffset = 92;

    public ulong Log { get; init; }
    public int Ordinal { get; init; }

    /// <summary>See <see cref="RecordKeys.Version"/>.</summary>
    public uint KeyVersion { get; init; }
    public long First { get; init; }
    public long Last { get; init; }
    public ulong LastEpoch { get; init; }
    public long LastTime { get; init; }

    /// <summary>End of the segment's last batch.</summary>
    public long End { get; init; }

    /// <summary>Records that have a key.</summary>
    public int Rows { get; init; }

    public int Blocks => (int)(((long)Rows + KeyFilter.KeysPerBlock - 1) / KeyFilter.KeysPerBlock);
    public int Pages => (int)(((long)Rows + KeyPage.MaxRows - 1) / KeyPage.MaxRows);
    public long PagesOffset => Bytes + ((long)Blocks * KeyFilter.BlockBytes);
    public long FileBytes => PagesOffset + ((long)Pages * KeyPage.Bytes);

    /// <summary>What the keys of a full segment have to say of it.</summary>
    public static KeysHeader Of(ulong log, Segment segment, uint keyVersion, int rows) => new()
    {
        Log = log,
        Ordinal = segment.Ordinal,
        KeyVersion = keyVersion,
        First = segment.First,
        Last = segment.Last,
        LastEpoch = segment.LastEpoch,
        LastTime = segment.LastTime,
        End = segment.End,
        Rows = rows,
    };

    public static string FileName(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{ordinal:D8}.keys");

    public static bool TryParseName(string name, out int ordinal)
    {
        ordinal = 0;
        return name.EndsWith(".keys", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(0, name.Length - ".keys".Length), NumberStyles.None, CultureInfo.InvariantCulture, out ordinal)
            && FileName(ordinal) == name;
    }

    public void Write(Span<byte> bytes)
    {
        bytes[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Log);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Ordinal);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], KeyVersion);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], First);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Last);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], LastEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], LastTime);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], End);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[64..], Rows);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Crc32C.Of(bytes[..CrcOffset]));
    }

    /// <summary>False for anything but a whole header of this version: keys of another one are simply built anew.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out KeysHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return false;
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) != Version) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Of(bytes[..CrcOffset])) return false;
        header = new KeysHeader
        {
            Log = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            Ordinal = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            KeyVersion = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            First = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            Last = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            LastEpoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
            LastTime = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            End = BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            Rows = BinaryPrimitives.ReadInt32LittleEndian(bytes[64..]),
        };
        return header.Rows >= 0;
    }
}
