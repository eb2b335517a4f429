using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Segments;

namespace Parley.Store.Recovery;

/// <summary>The log's id and the last epoch given out; layout in FORMAT.md. Replaced as a whole at every open, so that an epoch without a batch isn't given twice.</summary>
readonly record struct EpochFile(ulong Log, ulong Epoch)
{
    public const string Name = "epoch";
    public const string TemporaryName = "epoch.new";
    const int Bytes = 32;
    const int CrcOffset = 28;
    const uint Magic = 0x31454C50; // "PLE1"
    const ushort Version = 1;

    /// <exception cref="CorruptLogException">The file is there and damaged.</exception>
    public static EpochFile Read(IDisk disk)
        => TryRead(disk, out var epoch) ? epoch : throw new CorruptLogException(Name, 0, "the epoch file fails its checksum", 0);

    /// <exception cref="NewerFormatException">The file is whole, but of a later release.</exception>
    public static bool TryRead(IDisk disk, out EpochFile epoch)
    {
        epoch = default;
        using var file = disk.Open(Name);
        Span<byte> bytes = stackalloc byte[Bytes];
        var isWhole = file.Read(bytes, 0) == Bytes && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) == Crc32C.Of(bytes[..CrcOffset]);
        if (!isWhole) return false;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version > Version) throw new NewerFormatException(Name, version, Version);
        epoch = new EpochFile(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
        return true;
    }

    public async ValueTask WriteAsync(IDisk disk)
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Log);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcOffset), Crc32C.Of(bytes.AsSpan(0, CrcOffset)));
        using (var file = disk.Open(TemporaryName))
        {
            file.SetLength(0);
            file.Write(bytes, 0);
            await file.SyncAsync();
        }
        disk.Rename(TemporaryName, Name);
        disk.SyncDirectory();
    }
}
