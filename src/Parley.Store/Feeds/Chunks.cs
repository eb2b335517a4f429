namespace Parley.Store.Feeds;

/// <summary>A list that grows without moving what it holds: no copying pause for the writer, and references stay good.</summary>
/// <remarks>One thread adds. What was added before a reader learnt its index may be read without a lock.</remarks>
sealed class Chunks<T> where T : struct
{
    const int Shift = 9;
    const int Mask = (1 << Shift) - 1;
    const int SmallestList = 4;

    // Twice as long when it is full, so that adding stays cheap at millions. A chunk's place in it is written before anybody can know an
    // index in that chunk, and what a longer list replaces keeps all that was in it: so readers need no lock to find theirs.
    volatile T[][] _chunks = new T[SmallestList][];
    int _chunkCount;

    public int Count { get; private set; }

    public ref T this[int index] => ref _chunks[index >> Shift][index & Mask];

    public int Add(in T item)
    {
        var index = Count;
        if (index >> Shift == _chunkCount) AddChunk();
        _chunks[index >> Shift][index & Mask] = item;
        Count = index + 1;
        return index;
    }

    void AddChunk()
    {
        var chunks = _chunks;
        if (_chunkCount == chunks.Length) Array.Resize(ref chunks, chunks.Length * 2);
        // Pinned: the collector would copy young ones, and they only ever become old.
        chunks[_chunkCount++] = GC.AllocateArray<T>(1 << Shift, pinned: true);
        _chunks = chunks;
    }
}
