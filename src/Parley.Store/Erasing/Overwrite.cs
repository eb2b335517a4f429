namespace Parley.Store.Erasing;

/// <summary>A body that is to lie where another one does.</summary>
/// <param name="Segment">Its ordinal.</param>
/// <param name="Header">Offset of the record's header in it.</param>
/// <param name="Body">With the checksum that the header has.</param>
readonly record struct Overwrite(long Position, int Segment, long Header, ReadOnlyMemory<byte> Body);
