using System.Buffers.Binary;
using Parley.Store.Segments;

namespace Parley.Store.Keys;

/// <summary>A key, and the offset in its segment of the header of a record that has it.</summary>
readonly record struct KeyRow(ulong Key, uint Offset) : IComparable<KeyRow>
{
    public int CompareTo(KeyRow other) => Key != other.Key ? Key.CompareTo(other.Key) : Offset.CompareTo(other.Offset);
}

/// <summary>4 KiB of sorted rows where they lie; layout in <c>Segments/FORMAT.md</c>. Reads are only as true as <see cref="IsWhole"/>.</summary>
readonly ref struct KeyPage(ReadOnlySpan<byte> bytes)
{
    public const int Bytes = 4 << 10;
    public const int MaxRows = (Bytes - HeaderBytes) / RowBytes;
    const int HeaderBytes = 16;
    const int RowBytes = 12;

    readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Count => BinaryPrimitives.ReadInt32LittleEndian(_bytes[12..]);

    public KeyRow this[int index] => new(
        BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(HeaderBytes + (index * RowBytes))..]),
        BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(HeaderBytes + (index * RowBytes) + sizeof(ulong))..]));

    public KeyRow First => this[0];
    public KeyRow Last => this[Count - 1];

    public bool IsWhole(int ordinal, int number) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes) == Crc32C.Of(_bytes[sizeof(uint)..Bytes])
        && BinaryPrimitives.ReadInt32LittleEndian(_bytes[4..]) == ordinal && BinaryPrimitives.ReadInt32LittleEndian(_bytes[8..]) == number && Count is > 0 and <= MaxRows;

    /// <summary>Index of the first row that has the key or a greater one.</summary>
    public int FirstAtLeast(ulong key)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle].Key < key) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public static void Write(Span<byte> bytes, int ordinal, int number, ReadOnlySpan<KeyRow> rows)
    {
        bytes[..Bytes].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(HeaderBytes + (i * RowBytes))..], rows[i].Key);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(HeaderBytes + (i * RowBytes) + sizeof(ulong))..], rows[i].Offset);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C.Of(bytes[sizeof(uint)..Bytes]));
    }
}
