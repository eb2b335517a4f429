using System.Numerics;
using Parley.Core.Snapshots;

namespace Parley.Core;

/// <summary>A row that two numbers name.</summary>
interface IPair
{
    uint First { get; }

    uint Second { get; }
}

/// <summary>Rows found by two numbers: 4 bytes and a third beside each row, where a dictionary would take 24 or more. Indexes stay good while other rows come and go.</summary>
sealed class PairTable<T> where T : struct, IPair
{
    readonly Rows<T> _rows = new();
    readonly Stack<int> _free = new();
    // Open addressing over 1 + index; 0 is a free slot.
    int[] _slots = new int[16];
    int _shift = 64 - 4;

    public int Count => _rows.Count - _free.Count;

    public ref T this[int index] => ref _rows[index];

    /// <returns>The row's index, or -1.</returns>
    public int Find(uint first, uint second)
    {
        for (var slot = SlotOf(first, second); ; slot = (slot + 1) & (_slots.Length - 1))
        {
            var index = _slots[slot] - 1;
            if (index < 0) return -1;
            ref var row = ref _rows[index];
            if (row.First == first && row.Second == second) return index;
        }
    }

    /// <summary>Adds a row whose pair is not there yet.</summary>
    public int Add(in T row)
    {
        if (Count + 1 > _slots.Length / 4 * 3) Grow();
        int index;
        if (_free.TryPop(out var free)) _rows[index = free] = row;
        else index = _rows.Add(row);
        Place(index);
        return index;
    }

    public void Remove(int index)
    {
        var mask = _slots.Length - 1;
        var hole = SlotOf(_rows[index].First, _rows[index].Second);
        while (_slots[hole] != index + 1) hole = (hole + 1) & mask;
        // Whatever was pushed past the hole moves up, so that no marker for "was here" is needed.
        for (var slot = (hole + 1) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            ref var row = ref _rows[_slots[slot] - 1];
            if (((slot - SlotOf(row.First, row.Second)) & mask) < ((slot - hole) & mask)) continue;
            _slots[hole] = _slots[slot];
            hole = slot;
        }

        _slots[hole] = 0;
        _rows[index] = default;
        _free.Push(index);
    }

    /// <summary>Every index there may be, those of removed rows too; they name the pair (0, 0).</summary>
    public int End => _rows.Count;

    /// <summary>Writes rows without references. Their indexes and the order in which free ones are taken again are a function of the log.</summary>
    public void Write(StateWriter output)
    {
        _rows.Write(output);
        WriteFree(output);
    }

    /// <summary>Fills an empty table.</summary>
    public void Read(StateReader input)
    {
        _rows.Read(input);
        ReadFree(input);
    }

    /// <summary>Writes, behind rows that the caller wrote itself, which indexes are free.</summary>
    public void WriteFree(StateWriter output)
    {
        output.Count(_free.Count);
        foreach (var index in _free.Reverse()) output.Value(index);
    }

    /// <summary>The same when reading; finds rows from then on.</summary>
    public void ReadFree(StateReader input)
    {
        for (var left = input.Count(_rows.Count); left > 0; left--)
        {
            var index = input.Value<int>();
            if ((uint)index >= _rows.Count || (_rows[index].First | _rows[index].Second) != 0) throw input.Broken($"row {index} is not free");
            _free.Push(index);
        }

        Index(input);
    }

    /// <summary>Appends a row as it was, free ones too. Not to be found before <see cref="ReadFree"/>.</summary>
    public void Restore(in T row) => _rows.Add(row);

    void Index(StateReader input)
    {
        var slots = _slots.Length;
        while (slots / 4 * 3 < Count) slots *= 2;
        _slots = new int[slots];
        _shift = 64 - BitOperations.Log2((uint)slots);
        var free = 0;
        for (var index = 0; index < _rows.Count; index++)
        {
            if ((_rows[index].First | _rows[index].Second) != 0) Place(index);
            else free++;
        }

        if (free != _free.Count) throw input.Broken($"{free} rows are empty and {_free.Count} free");
    }

    void Grow()
    {
        var old = _slots;
        _slots = new int[old.Length * 2];
        _shift--;
        foreach (var entry in old)
            if (entry != 0) Place(entry - 1);
    }

    void Place(int index)
    {
        var slot = SlotOf(_rows[index].First, _rows[index].Second);
        while (_slots[slot] != 0) slot = (slot + 1) & (_slots.Length - 1);
        _slots[slot] = index + 1;
    }

    int SlotOf(uint first, uint second)
    {
        var hash = ((ulong)first << 32) | second;
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return (int)(hash >> _shift);
    }
}
