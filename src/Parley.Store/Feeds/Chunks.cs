namespace Parley.Store.Feeds;

/// <summary>A list that grows without moving what it holds: no copying pause for the writer, and references stay good.</summary>
/// <remarks>One thread adds. What was added before a reader learnt its index may be read without a lock.</remarks>
sealed class Chunks<T> where T : struct
{
    const int Shift = 9;
    const int Mask = (1 << Shift) - 1;

    // Replaced, never changed, when a chunk is added, so that readers need no lock to find theirs.
    volatile T[][] _chunks = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _chunks[index >> Shift][index & Mask];

    public int Add(in T item)
    {
        var index = Count;
        if (index >> Shift == _chunks.Length) _chunks = [.. _chunks, new T[1 << Shift]];
        _chunks[index >> Shift][index & Mask] = item;
        Count = index + 1;
        return index;
    }
}
