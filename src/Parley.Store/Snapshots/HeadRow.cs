using System.Buffers.Binary;
using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Snapshots;

/// <summary>A feed's head as a snapshot keeps it; layout in Segments/FORMAT.md.</summary>
/// <param name="First">First sequence that this row speaks for: 1 in a snapshot, later where it stands for one segment. Not written.</param>
/// <param name="Segment">Ordinal of the newest segment with a record of the feed.</param>
readonly record struct HeadRow(FeedKey Key, long First, long Last, long LastPosition, int Segment)
{
    public const int Bytes = 48;
    const long FirstReadable = 1;

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Key.App);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Key.Feed.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Last);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], FirstReadable);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], LastPosition);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], Segment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[44..], 0);
    }

    public static HeadRow Read(ReadOnlySpan<byte> bytes) => new(FeedRow.ReadKey(bytes), 1,
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]));
}
