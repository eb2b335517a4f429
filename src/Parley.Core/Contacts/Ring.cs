namespace Parley.Core.Contacts;

/// <summary>A row's neighbours in a <see cref="Ring{TRow, TLink}"/>, as indexes.</summary>
struct Link
{
    public int Next;
    public int Previous;
}

/// <summary>Which of a row's links a ring goes through: a row may lie in several.</summary>
interface ILinkOf<TRow>
{
    static abstract ref Link Of(ref TRow row);
}

/// <summary>
/// Threads rows of one table into ordered rings, one for each owner; the owner keeps the index + 1 of its first row, 0 for none. The first row's previous one is the last, so
/// both ends are at hand. Rows come and go anywhere in constant time.
/// </summary>
sealed class Ring<TRow, TLink>(PairTable<TRow> rows)
    where TRow : struct, IPair
    where TLink : ILinkOf<TRow>
{
    ref Link this[int index] => ref TLink.Of(ref rows[index]);

    /// <param name="before">The row that is to follow; -1 for none: the new one becomes the last.</param>
    public void Insert(ref int first, int index, int before)
    {
        if (first == 0)
        {
            this[index] = new Link { Next = index, Previous = index };
            first = index + 1;
            return;
        }

        var next = before < 0 ? first - 1 : before;
        var previous = this[next].Previous;
        this[index] = new Link { Next = next, Previous = previous };
        this[previous].Next = index;
        this[next].Previous = index;
        if (before == first - 1) first = index + 1;
    }

    public void InsertFirst(ref int first, int index) => Insert(ref first, index, first - 1);

    public void Remove(ref int first, int index)
    {
        var link = this[index];
        if (link.Next == index)
        {
            first = 0;
            return;
        }

        this[link.Previous].Next = link.Next;
        this[link.Next].Previous = link.Previous;
        if (first == index + 1) first = link.Next + 1;
    }

    /// <summary>Whether each neighbour of a row has that row as its neighbour: then whoever walks on comes back to where they began.</summary>
    public bool IsClosed(int index)
    {
        var link = this[index];
        return (uint)link.Next < rows.End && (uint)link.Previous < rows.End && this[link.Next].Previous == index && this[link.Previous].Next == index;
    }

    public IEnumerable<int> Forwards(int first)
    {
        if (first == 0) yield break;
        for (var index = first - 1; ;)
        {
            yield return index;
            index = this[index].Next;
            if (index == first - 1) yield break;
        }
    }

    public IEnumerable<int> Backwards(int first)
    {
        if (first == 0) yield break;
        for (var index = this[first - 1].Previous; ; index = this[index].Previous)
        {
            yield return index;
            if (index == first - 1) yield break;
        }
    }
}
