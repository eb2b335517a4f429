using System.Runtime.CompilerServices;
using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Contacts;

/// <summary>
/// Who is on whose list: a row of 40 bytes for each direction, found through 5 to 11 bytes of hash. A list is kept in the order in which it is read: pinned ones first, then
/// by when they were added.
/// </summary>
sealed class FriendTable
{
    readonly UserTable _users;
    readonly PairTable<FriendRow> _rows = new();
    readonly Ring<FriendRow, FriendRow.LinkOfOwner> _lists;
    readonly Ring<FriendRow, FriendRow.LinkOfUser> _listers;
    // What an owner notes about few of their friends.
    readonly Dictionary<int, FriendNotes> _notes = [];

    public FriendTable(UserTable users)
    {
        _users = users;
        _lists = new(_rows);
        _listers = new(_rows);
    }

    public int Find(UserNumber owner, UserNumber user) => _rows.Find(owner.Value, user.Value);

    public IEnumerable<int> Of(UserNumber owner) => _lists.Forwards(_users.Row(owner).FirstFriend);

    /// <summary>Whose list a user is on, the newest first.</summary>
    public IEnumerable<UserNumber> ListersOf(UserNumber user)
        => _listers.Forwards(_users.Row(user).FirstLister).Select(index => new UserNumber(_rows[index].Owner));

    public UserNumber UserAt(int index) => new(_rows[index].User);

    public Friend View(int index)
    {
        ref var row = ref _rows[index];
        var notes = NotesOf(index);
        return new Friend(_users.IdOf(new UserNumber(row.Owner)), _users.Profile(new UserNumber(row.User)), notes.Remark, notes.Extra, row.IsPinned, row.Source,
            _users.IdOrEmpty(new UserNumber(row.Operator)), row.AddedAt);
    }

    public void Add(UserNumber owner, UserNumber user, FriendSource source, UserNumber by, long time)
    {
        if (Find(owner, user) >= 0) return;
        var index = _rows.Add(new FriendRow { Owner = owner.Value, User = user.Value, Operator = by.Value, AddedAt = time, Source = source, Unused = 0 });
        Place(index);
        _listers.InsertFirst(ref _users.Row(user).FirstLister, index);
        _users.Row(owner).FriendCount++;
    }

    public void Remove(UserNumber owner, UserNumber user)
    {
        var index = Find(owner, user);
        if (index < 0) return;
        _lists.Remove(ref _users.Row(owner).FirstFriend, index);
        _listers.Remove(ref _users.Row(user).FirstLister, index);
        _users.Row(owner).FriendCount--;
        _notes.Remove(index);
        _rows.Remove(index);
    }

    /// <summary>Takes a user off every list, and everyone off theirs. In the order of the rows: that of a list may have been changed by what is erased.</summary>
    public void RemoveAll(UserNumber user)
    {
        int[] indexes = [.. Of(user).Concat(_listers.Forwards(_users.Row(user).FirstLister)).Order()];
        foreach (var index in indexes) Remove(new UserNumber(_rows[index].Owner), new UserNumber(_rows[index].User));
    }

    public void Change(UserNumber owner, UserNumber user, string? remark, bool? isPinned, string? extra)
    {
        var index = Find(owner, user);
        if (index < 0) return;
        var notes = NotesOf(index);
        notes = new FriendNotes(remark ?? notes.Remark, extra ?? notes.Extra);
        if (notes == FriendNotes.None) _notes.Remove(index);
        else _notes[index] = notes;

        if (isPinned is not { } pinned || pinned == _rows[index].IsPinned) return;
        _lists.Remove(ref _users.Row(owner).FirstFriend, index);
        _rows[index].IsPinned = pinned;
        Place(index);
    }

    public int End => _rows.End;

    public void Write(StateWriter output)
    {
        output.Begin(Section.Friends, version: 1);
        _rows.Write(output);
        output.Count(_notes.Count);
        foreach (var (index, notes) in _notes.OrderBy(entry => entry.Key))
        {
            output.Value(index);
            output.Text(notes.Remark);
            output.Text(notes.Extra);
        }

        output.End();
    }

    public void Read(StateReader input)
    {
        input.Begin(Section.Friends, newest: 1);
        _rows.Read(input);
        for (var left = input.Count(_rows.Count); left > 0; left--)
            _notes[(int)input.Below(input.Value<uint>(), _rows.End)] = new FriendNotes(input.NeededText(), input.NeededText());
        input.End();
        var users = _users.Count + 1;
        for (var i = 0; i < _rows.End; i++)
        {
            ref var row = ref _rows[i];
            if ((row.Owner | row.User) == 0) continue;
            if (row.Owner >= users || row.User >= users || row.Operator >= users || row.User == 0 || Unsafe.As<bool, byte>(ref row.IsPinned) > 1 || !_lists.IsClosed(i) || !_listers.IsClosed(i))
                throw input.Broken($"friendship {i} is nobody's");
        }
    }

    FriendNotes NotesOf(int index) => _notes.GetValueOrDefault(index) ?? FriendNotes.None;

    void Place(int index)
    {
        ref var first = ref _users.Row(new UserNumber(_rows[index].Owner)).FirstFriend;
        var before = -1;
        // Few are pinned, and who is new comes last: from the nearer end it is a step or two.
        if (_rows[index].IsPinned)
        {
            foreach (var other in _lists.Forwards(first))
            {
                if (!Precedes(ref _rows[index], ref _rows[other])) continue;
                before = other;
                break;
            }
        }
        else
        {
            foreach (var other in _lists.Backwards(first))
            {
                if (!Precedes(ref _rows[index], ref _rows[other])) break;
                before = other;
            }
        }

        _lists.Insert(ref first, index, before);
    }

    static bool Precedes(ref FriendRow one, ref FriendRow other)
        => one.IsPinned != other.IsPinned ? one.IsPinned : one.AddedAt != other.AddedAt ? one.AddedAt < other.AddedAt : one.User < other.User;

    sealed record FriendNotes(string Remark, string Extra)
    {
        public static readonly FriendNotes None = new("", "");
    }

    struct FriendRow : IPair
    {
        public uint Owner;
        public uint User;
        public Link OfOwner;
        public Link OfUser;
        public long AddedAt;
        public uint Operator;
        public FriendSource Source;
        public bool IsPinned;

        /// <summary>Always 0. Rows are written as they lie in memory, so no byte of them is left to chance.</summary>
        public ushort Unused;

        readonly uint IPair.First => Owner;

        readonly uint IPair.Second => User;

        internal readonly struct LinkOfOwner : ILinkOf<FriendRow>
        {
            public static ref Link Of(ref FriendRow row) => ref row.OfOwner;
        }

        internal readonly struct LinkOfUser : ILinkOf<FriendRow>
        {
            public static ref Link Of(ref FriendRow row) => ref row.OfUser;
        }
    }
}
