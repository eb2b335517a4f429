using System.Buffers;
using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Segments;

namespace Parley.Store.Snapshots;

/// <summary>Reads blocks in order and verifies each before it shows it.</summary>
/// <param name="end">Offset behind the last block.</param>
/// <param name="ordinal">Of the first block to read, counted from the file's first.</param>
sealed class BlockReader(IDiskFile file, string name, long offset, long end, uint ordinal) : IDisposable
{
    byte[] _block = ArrayPool<byte>.Shared.Rent(BlockWriter.HeaderBytes + BlockWriter.MaxContentBytes);

    /// <summary>The next block's content, good until the next call; empty at the end.</summary>
    /// <exception cref="CorruptSnapshotException">It is not as it was written.</exception>
    public ReadOnlyMemory<byte> Next()
    {
        if (offset == end) return default;
        var header = _block.AsSpan(0, BlockWriter.HeaderBytes);
        // Most blocks are full ones, so that one read mostly fetches the whole of it.
        var read = file.Read(_block.AsSpan(0, (int)Math.Min(BlockWriter.HeaderBytes + BlockWriter.MaxContentBytes, Math.Max(0, end - offset))), offset);
        if (read <= BlockWriter.HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(header) != BlockWriter.Magic) throw Corrupt("no block begins there");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != ordinal) throw Corrupt($"the block there is not number {ordinal}");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (length < 1 || length > read - BlockWriter.HeaderBytes) throw Corrupt($"a block of {length} bytes does not fit");
        var content = _block.AsMemory(BlockWriter.HeaderBytes, length);
        if (Crc32C.Of(header[..BlockWriter.CrcOffset], content.Span) != BinaryPrimitives.ReadUInt32LittleEndian(header[BlockWriter.CrcOffset..]))
            throw Corrupt("the block there fails its checksum");
        offset += BlockWriter.HeaderBytes + length;
        ordinal++;
        return content;
    }

    public CorruptSnapshotException Corrupt(string problem) => new(name, offset, problem);

    public void Dispose()
    {
        if (_block.Length > 0) ArrayPool<byte>.Shared.Return(_block);
        _block = [];
    }
}
