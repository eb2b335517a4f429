using System.Runtime.InteropServices;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Conversations;

/// <summary>Per user and conversation marks. On disk: add, never renumber.</summary>
public enum MarkKind
{
    None = 0,

    /// <summary>Everything up to this sequence was read.</summary>
    Read = 1,

    /// <summary>The first sequence the user can still see; what lies below was cleared.</summary>
    Minimum = 2,
}

/// <summary>A conversation as one of its users sees it.</summary>
/// <param name="Last">Last sequence; 0 when nothing was said yet.</param>
/// <param name="LastTime">Record time of the last message, µs.</param>
/// <param name="Read">The user's read mark.</param>
/// <param name="Minimum">First sequence the user can see; at least 1.</param>
public readonly record struct ConversationView(ConversationKey Key, long Last, long LastTime, long Read, long Minimum);

/// <summary>The conversations of one app, rows by index; each user's conversations are a list threaded through the rows.</summary>
public sealed class ConversationTable(UserTable users)
{
    readonly Dictionary<FeedId, int> _indexes = [];
    ConversationRow[] _rows = new ConversationRow[16];

    public int Count => _indexes.Count;

    public bool TryView(ConversationKey key, UserNumber user, out ConversationView view)
    {
        view = default;
        if (!key.Includes(user) || !_indexes.TryGetValue(key.Feed, out var index)) return false;
        view = View(ref _rows[index], user);
        return true;
    }

    /// <summary>The user's conversations, the newest first by creation.</summary>
    public IEnumerable<ConversationView> Of(UserNumber user)
    {
        for (var link = users.Row(user).FirstConversation; link != 0;)
        {
            var index = link - 1;
            yield return View(ref _rows[index], user);
            link = _rows[index].Key.First == user ? _rows[index].NextOfFirst : _rows[index].NextOfSecond;
        }
    }

    internal long LastSequence(ConversationKey key) => _indexes.TryGetValue(key.Feed, out var index) ? _rows[index].Last : 0;

    internal void Append(ConversationKey key, UserNumber sender, long sequence, long time)
    {
        ref var row = ref RowOf(key);
        row.Last = sequence;
        row.LastTime = time;
        Mark(ref row, sender).Read = sequence;
    }

    internal void Move(ConversationKey key, UserNumber user, MarkKind kind, long sequence)
    {
        ref var mark = ref Mark(ref _rows[_indexes[key.Feed]], user);
        if (kind == MarkKind.Read) mark.Read = Math.Max(mark.Read, sequence);
        else if (kind == MarkKind.Minimum) mark.Minimum = Math.Max(mark.Minimum, sequence);
    }

    ref ConversationRow RowOf(ConversationKey key)
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes, key.Feed, out var exists);
        if (exists) return ref _rows[index];

        index = _indexes.Count - 1;
        if (_rows.Length == index) Array.Resize(ref _rows, _rows.Length * 2);
        ref var row = ref _rows[index];
        row = new ConversationRow { Key = key, NextOfFirst = users.Row(key.First).FirstConversation };
        users.Row(key.First).FirstConversation = index + 1;
        if (key.First != key.Second)
        {
            row.NextOfSecond = users.Row(key.Second).FirstConversation;
            users.Row(key.Second).FirstConversation = index + 1;
        }

        return ref row;
    }

    static ref Marks Mark(ref ConversationRow row, UserNumber user)
    {
        if (row.Key.First == user) return ref row.OfFirst;
        return ref row.OfSecond;
    }

    static ConversationView View(ref ConversationRow row, UserNumber user)
    {
        ref var mark = ref Mark(ref row, user);
        return new ConversationView(row.Key, row.Last, row.LastTime, mark.Read, Math.Max(1, mark.Minimum));
    }

    struct Marks
    {
        public long Read;
        public long Minimum;
    }

    struct ConversationRow
    {
        public ConversationKey Key;
        public long Last;
        public long LastTime;
        public Marks OfFirst;
        public Marks OfSecond;
        public int NextOfFirst;
        public int NextOfSecond;
    }
}
