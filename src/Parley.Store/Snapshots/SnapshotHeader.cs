using System.Buffers.Binary;
using System.Globalization;
using Parley.Store.Disks;
using Parley.Store.Segments;

namespace Parley.Store.Snapshots;

/// <summary>The first 128 bytes of a snapshot file; layout in Segments/FORMAT.md.</summary>
readonly record struct SnapshotHeader
{
    public const int Bytes = 128;
    public const string Extension = ".snapshot";
    const uint Magic = 0x314E4C50; // "PLN1"
    const ushort Version = 1;
    const int CrcOffset = 124;

    public ulong Log { get; init; }

    /// <summary>The record the snapshot stands at.</summary>
    public LogPoint At { get; init; }

    /// <summary>The last record of a sealed segment, as of which the feed heads are; all zero when there was no such segment.</summary>
    public LogPoint HeadsAt { get; init; }

    /// <summary>Ordinal of that segment.</summary>
    public int HeadsSegment { get; init; }
    public int Heads { get; init; }

    /// <summary>Length of the caller's stream.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Offset of the first block of the body.</summary>
    public long BodyOffset { get; init; }
    public long TrailerOffset { get; init; }

    public static string FileName(long position) => string.Create(CultureInfo.InvariantCulture, $"{position:D20}{Extension}");

    public static bool TryParseName(string name, out long position)
    {
        position = 0;
        return name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out position)
            && FileName(position) == name;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Log);
        At.Write(bytes.AsSpan(16));
        HeadsAt.Write(bytes.AsSpan(40));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(64), HeadsSegment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(68), Heads);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(72), BodyBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(80), BodyOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(88), TrailerOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcOffset), Crc32C.Of(bytes.AsSpan(0, CrcOffset)));
        return bytes;
    }

    /// <summary>False for anything but a whole header of this version: a snapshot of another one is not used.</summary>
    public static bool TryRead(IDiskFile file, out SnapshotHeader header)
    {
        header = default;
        var bytes = new byte[Bytes];
        if (file.Read(bytes, 0) < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) != Version) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(CrcOffset)) != Crc32C.Of(bytes.AsSpan(0, CrcOffset))) return false;
        header = new SnapshotHeader
        {
            Log = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)),
            At = LogPoint.Read(bytes.AsSpan(16)),
            HeadsAt = LogPoint.Read(bytes.AsSpan(40)),
            HeadsSegment = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(64)),
            Heads = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(68)),
            BodyBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(72)),
            BodyOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(80)),
            TrailerOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(88)),
        };
        return true;
    }
}

/// <summary>A record and what tells it from any other at the same position: a start raises the epoch, so what replaces a lost record has another.</summary>
readonly record struct LogPoint(long Position, ulong Epoch, long Time)
{
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Position);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Time);
    }

    public static LogPoint Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
}
