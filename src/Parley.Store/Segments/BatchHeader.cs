using System.Buffers.Binary;

namespace Parley.Store.Segments;

/// <summary>The first 80 bytes of a batch; layout in FORMAT.md.</summary>
readonly record struct BatchHeader
{
    public const int Bytes = 80;
    public const int Alignment = 8;
    const uint Magic = 0x31424C50; // "PLB1"
    const ushort Version = 1;
    const int RecordsCrcOffset = 72;
    const int OwnCrcOffset = 76;

    public ulong Log { get; init; }
    public ulong Epoch { get; init; }
    public ulong PreviousEpoch { get; init; }
    public long First { get; init; }

    /// <summary>Everything up to this position was known to survive a power cut when the batch was written.</summary>
    public long Synced { get; init; }
    public long Time { get; init; }
    public int Count { get; init; }
    public int HeaderBytes { get; init; }
    public int BodyBytes { get; init; }

    public static ReadOnlySpan<byte> MagicBytes => "PLB1"u8;

    public long Last => First + Count - 1;

    public long TotalBytes => Padded((long)Bytes + HeaderBytes + BodyBytes);

    public static long Padded(long bytes) => (bytes + (Alignment - 1)) & ~(Alignment - 1L);

    /// <summary>Writes the header in front of the record headers that already lie in <paramref name="batch"/>.</summary>
    public void Write(Span<byte> batch)
    {
        var header = batch[..Bytes];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], Log);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], PreviousEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], First);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], Synced);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], Time);
        BinaryPrimitives.WriteInt32LittleEndian(header[56..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[60..], HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[64..], BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[OwnCrcOffset..], Crc32C.Of(header[..RecordsCrcOffset]));
        BinaryPrimitives.WriteUInt32LittleEndian(header[RecordsCrcOffset..], RecordsCrc(batch, HeaderBytes));
    }

    /// <summary>Reads a header that stands alone; the record headers are vouched for by <see cref="RecordsMatch"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BatchHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[OwnCrcOffset..]) != Crc32C.Of(bytes[..RecordsCrcOffset])) return false;
        // Version and flags in one look: both would have to be known to this release.
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Version) return false;
        header = new BatchHeader
        {
            Log = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            PreviousEpoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            First = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            Synced = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            Time = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            Count = BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]),
            HeaderBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[60..]),
            BodyBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[64..]),
        };
        return header is { First: > 0, Count: > 0, BodyBytes: >= 0 } && header.HeaderBytes >= (long)header.Count * RecordHeader.Size(0);
    }

    /// <summary>Whether the record headers behind this header are the ones it was written with.</summary>
    public bool RecordsMatch(ReadOnlySpan<byte> batch)
        => BinaryPrimitives.ReadUInt32LittleEndian(batch[RecordsCrcOffset..]) == RecordsCrc(batch, HeaderBytes);

    static uint RecordsCrc(ReadOnlySpan<byte> batch, int headerBytes)
        => Crc32C.Of(batch[..RecordsCrcOffset], batch[OwnCrcOffset..(Bytes + headerBytes)]);
}
