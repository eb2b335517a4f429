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
}
