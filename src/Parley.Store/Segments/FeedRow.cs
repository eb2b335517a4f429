using System.Buffers.Binary;
using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>One feed in an index file; layout in FORMAT.md.</summary>
readonly record struct FeedRow(FeedKey Key, long First, long LastPosition, int Count, int FirstEntry, int PreviousSegment)
{
    public const int Bytes = 48;
    public const int KeyBytes = 16;

    public long Last => First + Count - 1;

    public static FeedRow Read(ReadOnlySpan<byte> bytes) => new(
        ReadKey(bytes),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]));

    public static FeedKey ReadKey(ReadOnlySpan<byte> bytes)
        => new(BinaryPrimitives.ReadInt64LittleEndian(bytes), new FeedId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Key.App);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Key.Feed.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], First);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], LastPosition);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[36..], FirstEntry);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], PreviousSegment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[44..], 0);
    }

    public static int Compare(FeedKey left, FeedKey right)
    {
        var apps = left.App.CompareTo(right.App);
        return apps != 0 ? apps : left.Feed.Value.CompareTo(right.Feed.Value);
    }
}
