using System.Buffers.Binary;
using System.Globalization;
using Parley.Store.Disks;

namespace Parley.Store.Segments;

/// <summary>The first 64 bytes of a segment file; layout in FORMAT.md.</summary>
readonly record struct SegmentHeader(ulong Log, int Ordinal, long Created)
{
    public const int Bytes = 64;
    public const ushort Version = 1;
    const uint Magic = 0x31534C50; // "PLS1"
    const int CrcOffset = 60;

    public static string FileName(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{ordinal:D8}.segment");

    public static bool TryParseName(string name, out int ordinal)
    {
        ordinal = 0;
        return name.EndsWith(".segment", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(0, name.Length - ".segment".Length), NumberStyles.None, CultureInfo.InvariantCulture, out ordinal)
            && FileName(ordinal) == name;
    }

    /// <summary>The segment files of a directory, by ordinal.</summary>
    public static List<(string Name, int Ordinal)> NamesIn(IDisk disk)
    {
        var names = new List<(string Name, int Ordinal)>();
        foreach (var name in disk.List())
        {
            if (TryParseName(name, out var ordinal)) names.Add((name, ordinal));
        }
        names.Sort(static (left, right) => left.Ordinal.CompareTo(right.Ordinal));
        return names;
    }

    public void Write(Span<byte> bytes)
    {
        bytes[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Log);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Ordinal);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], Created);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Crc32C.Of(bytes[..CrcOffset]));
    }

    /// <exception cref="NewerFormatException">The header is whole, but of a later release.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, string name, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Of(bytes[..CrcOffset])) return false;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version > Version) throw new NewerFormatException(name, version, Version);
        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]));
        return true;
    }
}
