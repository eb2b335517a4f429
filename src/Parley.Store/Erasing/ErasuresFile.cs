using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Segments;

namespace Parley.Store.Erasing;

/// <summary>The bodies that are being overwritten, so that a crash on the way leaves none half done; layout in FORMAT.md.</summary>
static class ErasuresFile
{
    public const string Name = "erasures";
    public const string TemporaryName = "erasures.new";
    const uint Magic = 0x314F4C50; // "PLO1"
    const ushort Version = 1;
    const int HeaderBytes = 32;
    const int EntryBytes = 24;
    const int CrcOffset = 28;

    /// <summary>Returns once the file would survive a power cut under its temporary name.</summary>
    public static async ValueTask PrepareAsync(IDisk disk, ulong log, IReadOnlyList<Overwrite> overwrites)
    {
        var bytes = Build(log, overwrites);
        using var file = disk.Open(TemporaryName);
        file.SetLength(0);
        file.Write(bytes, 0);
        await file.SyncAsync();
    }

    static byte[] Build(ulong log, IReadOnlyList<Overwrite> overwrites)
    {
        var bytes = new byte[HeaderBytes + overwrites.Sum(one => EntryBytes + one.Body.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), log);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), overwrites.Count);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var one in overwrites)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, one.Position);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], one.Header);
            BinaryPrimitives.WriteInt32LittleEndian(rest[16..], one.Segment);
            BinaryPrimitives.WriteInt32LittleEndian(rest[20..], one.Body.Length);
            one.Body.Span.CopyTo(rest[EntryBytes..]);
            rest = rest[(EntryBytes + one.Body.Length)..];
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcOffset), ComputedCrc(bytes));
        return bytes;
    }

    /// <returns>Null when the file is not whole, or of another log.</returns>
    /// <exception cref="NewerFormatException">The file is whole, but of a later release.</exception>
    public static List<Overwrite>? Read(IDisk disk, ulong log)
    {
        using var file = disk.Open(Name);
        if (file.Length is < HeaderBytes or > int.MaxValue) return null;
        var bytes = new byte[file.Length];
        var isWhole = file.Read(bytes, 0) == bytes.Length && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(CrcOffset)) == ComputedCrc(bytes);
        if (!isWhole) return null;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(4));
        if (version > Version) throw new NewerFormatException(Name, version, Version);
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)) != log || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)) != bytes.Length) return null;
        return Entries(bytes.AsMemory(HeaderBytes), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24)));
    }

    static List<Overwrite>? Entries(ReadOnlyMemory<byte> rest, int count)
    {
        var overwrites = new List<Overwrite>();
        while (rest.Length >= EntryBytes)
        {
            var entry = rest.Span;
            var length = BinaryPrimitives.ReadInt32LittleEndian(entry[20..]);
            if (length < 0 || length > rest.Length - EntryBytes) return null;
            overwrites.Add(new Overwrite(BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), rest.Slice(EntryBytes, length)));
            rest = rest[(EntryBytes + length)..];
        }
        return rest.IsEmpty && overwrites.Count == count ? overwrites : null;
    }

    static uint ComputedCrc(ReadOnlySpan<byte> bytes) => Crc32C.Of(bytes[..CrcOffset], bytes[HeaderBytes..]);
}
