using System.Numerics;
using Parley.Core.Snapshots;

namespace Parley.Core;

/// <summary>Rows by index, in chunks: growing copies next to nothing, so neither time nor memory jumps. References do not outlive the next <see cref="Add"/>.</summary>
sealed class Rows<T> where T : struct
{
    const int ChunkBits = 14;
    const int FirstChunkRows = 16;

    T[][] _chunks = [new T[FirstChunkRows]];

    public int Count { get; private set; }

    public ref T this[int index] => ref _chunks[index >> ChunkBits][index & ((1 << ChunkBits) - 1)];

    /// <returns>The index of the new row.</returns>
    public int Add(in T row)
    {
        var (chunk, at) = (Count >> ChunkBits, Count & ((1 << ChunkBits) - 1));
        if (chunk == _chunks.Length) Array.Resize(ref _chunks, chunk + 1);
        // Only the first chunk grows by copying: most apps are small, and there may be many.
        if (_chunks[chunk] is null) _chunks[chunk] = new T[1 << ChunkBits];
        else if (at == _chunks[chunk].Length) Array.Resize(ref _chunks[chunk], at * 2);
        _chunks[chunk][at] = row;
        return Count++;
    }

    /// <summary>Rows without references, as they lie in memory: no byte of them may be undefined.</summary>
    public void Write(StateWriter output)
    {
        output.Count(Count);
        for (var left = Count; left > 0; left -= 1 << ChunkBits)
            output.Values<T>(_chunks[(Count - left) >> ChunkBits].AsSpan(0, Math.Min(left, 1 << ChunkBits)));
    }

    /// <summary>Fills an empty table.</summary>
    public void Read(StateReader input)
    {
        var count = input.Count();
        // A chunk at a time: a count that is not true ends with the stream, not with the memory.
        for (var left = count; left > 0; left -= 1 << ChunkBits)
        {
            var (chunk, rows) = ((count - left) >> ChunkBits, Math.Min(left, 1 << ChunkBits));
            if (chunk == _chunks.Length) Array.Resize(ref _chunks, chunk + 1);
            var size = chunk > 0 ? 1 << ChunkBits : Math.Max(FirstChunkRows, (int)BitOperations.RoundUpToPowerOf2((uint)rows));
            _chunks[chunk] = GC.AllocateUninitializedArray<T>(size);
            input.Values(_chunks[chunk].AsSpan(0, rows));
            _chunks[chunk].AsSpan(rows).Clear();
        }

        Count = count;
    }
}
