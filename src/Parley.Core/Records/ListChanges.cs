namespace Parley.Core.Records;

/// <summary>What happened to the entries of a list over a range of its change feed. Entries are named by a number: that of a user or group, or a conversation's feed.</summary>
sealed class ListChanges
{
    /// <summary>The entry that stands for the list's subject itself: a group, in the list of its members.</summary>
    public const ulong Subject = 0;

    readonly Dictionary<ulong, bool> _entries = [];

    /// <summary>Each entry once, and whether it came into the list in this range (it may have left again).</summary>
    public IReadOnlyDictionary<ulong, bool> Entries => _entries;

    /// <summary>What changed can't be said: the whole list is to be read.</summary>
    public bool IsLost { get; private set; }

    public void Lost() => IsLost = true;

    public void Added(ulong entry) => _entries[entry] = true;

    /// <summary>Changed in a way that counts more than that it may have come in the same range: clients take no settings from what is new to them.</summary>
    public void Set(ulong entry) => _entries[entry] = false;

    /// <summary>Changed, or left the list: the state says which.</summary>
    public void Changed(ulong entry) => _entries.TryAdd(entry, false);
}
