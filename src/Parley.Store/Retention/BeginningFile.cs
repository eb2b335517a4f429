using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Retention;

/// <summary>Says where a log begins, and how far each feed had come by then; layout in FORMAT.md. Absent while nothing was dropped. Replaced as a whole: what lies before counts no more from then on.</summary>
static class BeginningFile
{
    public const string Name = "beginning";
    public const string TemporaryName = "beginning.new";
    const uint Magic = 0x31464C50; // "PLF1"
    const ushort Version = 1;
    const int HeaderBytes = 64;
    const int HeadsCrcOffset = 56;
    const int CrcOffset = 60;
    const int HeadsAtOnce = 4096;

    /// <exception cref="CorruptLogException">The file is there and damaged, or of another log.</exception>
    /// <exception cref="NewerFormatException">The file is whole, but of a later release.</exception>
    public static Beginning Read(IDisk disk, ulong log) => !disk.List().Contains(Name) ? Beginning.OfAll
        : TryRead(disk, log) ?? throw Damaged();

    /// <summary>Only the header; the heads are verified while they are read.</summary>
    /// <returns>Null when it is not whole, or of another log.</returns>
    public static Beginning? TryRead(IDisk disk, ulong log)
    {
        using var file = disk.Open(Name);
        Span<byte> bytes = stackalloc byte[HeaderBytes];
        if (!IsWhole(file, bytes)) return null;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version > Version) throw new NewerFormatException(Name, version, Version);
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) != log || file.Length != HeaderBytes + (CountOf(bytes) * HeadRow.Bytes)) return null;
        return new Beginning(BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]), LogPoint.Read(bytes[24..]));
    }

    /// <summary>The last of each feed before the beginning, by app and feed; none when the file is absent.</summary>
    /// <exception cref="CorruptLogException">At the end: what was read is damaged.</exception>
    public static IEnumerable<HeadRow> Heads(IDisk disk)
    {
        if (!disk.List().Contains(Name)) yield break;
        using var file = disk.Open(Name);
        var header = new byte[HeaderBytes];
        if (!IsWhole(file, header)) throw Damaged();
        var crc = new Crc32C();
        var rows = new byte[HeadsAtOnce * HeadRow.Bytes];
        for (var left = CountOf(header); left > 0;)
        {
            var part = rows.AsMemory(0, (int)Math.Min(left, HeadsAtOnce) * HeadRow.Bytes);
            if (file.Read(part.Span, file.Length - (left * HeadRow.Bytes)) < part.Length) throw Damaged();
            crc.Add(part.Span);
            for (var at = 0; at < part.Length; at += HeadRow.Bytes) yield return HeadRow.Read(part.Span[at..]);
            left -= part.Length / HeadRow.Bytes;
        }
        if (crc.Value != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(HeadsCrcOffset))) throw Damaged();
    }

    /// <summary>Returns once the file would survive a power cut under its temporary name.</summary>
    /// <param name="heads">By app and feed.</param>
    public static async ValueTask PrepareAsync(IDisk disk, ulong log, Beginning beginning, IEnumerable<HeadRow> heads)
    {
        using var file = disk.Open(TemporaryName);
        file.SetLength(0);
        var (count, filled, crc) = (0L, 0, new Crc32C());
        var rows = new byte[HeadsAtOnce * HeadRow.Bytes];
        foreach (var head in heads)
        {
            head.Write(rows.AsSpan(filled));
            filled += HeadRow.Bytes;
            count++;
            if (filled == rows.Length) Flush();
        }
        Flush();
        file.Write(HeaderOf(log, beginning, count, crc.Value), 0);
        await file.SyncAsync();

        void Flush()
        {
            if (filled == 0) return;
            crc.Add(rows.AsSpan(0, filled));
            file.Write(rows.AsSpan(0, filled), HeaderBytes + (count * HeadRow.Bytes) - filled);
            filled = 0;
        }
    }

    static byte[] HeaderOf(ulong log, Beginning beginning, long count, uint headsCrc)
    {
        var bytes = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), log);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), beginning.Segment);
        beginning.Before.Write(bytes.AsSpan(24));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), count);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeadsCrcOffset), headsCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcOffset), Crc32C.Of(bytes.AsSpan(0, CrcOffset)));
        return bytes;
    }

    static bool IsWhole(IDiskFile file, Span<byte> header) => file.Read(header, 0) == HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic
        && BinaryPrimitives.ReadUInt32LittleEndian(header[CrcOffset..]) == Crc32C.Of(header[..CrcOffset]);

    static long CountOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt64LittleEndian(header[48..]);

    static CorruptLogException Damaged() => new(Name, 0, "the file that says where the log begins is damaged; put that of a backup in its place", 0);
}
