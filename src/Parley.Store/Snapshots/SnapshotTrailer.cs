using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Segments;

namespace Parley.Store.Snapshots;

/// <summary>The last 64 bytes of a snapshot file; layout in Segments/FORMAT.md. Without it the file was never complete.</summary>
/// <param name="Digest">SHA-256 of the body.</param>
readonly record struct SnapshotTrailer(long Offset, long BodyBytes, byte[] Digest)
{
    public const int Bytes = 64;
    public const int DigestBytes = 32;
    const uint Magic = 0x45314E50; // "PN1E"
    const int CrcOffset = 60;

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Offset + Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), BodyBytes);
        Digest.CopyTo(bytes, 24);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcOffset), Crc32C.Of(bytes.AsSpan(0, CrcOffset)));
        return bytes;
    }

    /// <summary>False unless the file ends with the trailer that its header says it has.</summary>
    public static bool TryRead(IDiskFile file, in SnapshotHeader header, out SnapshotTrailer trailer)
    {
        trailer = default;
        var bytes = new byte[Bytes];
        if (file.Length != header.TrailerOffset + Bytes || file.Read(bytes, header.TrailerOffset) < Bytes) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(CrcOffset)) != Crc32C.Of(bytes.AsSpan(0, CrcOffset))) return false;
        trailer = new SnapshotTrailer(header.TrailerOffset, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)), bytes[24..(24 + DigestBytes)]);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) == file.Length && trailer.BodyBytes == header.BodyBytes;
    }
}
