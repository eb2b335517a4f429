using System.Runtime.InteropServices;
using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Contacts;

/// <summary>Whom users blocked: a row of 40 bytes each, listed the newest first.</summary>
sealed class BlockTable
{
    readonly UserTable _users;
    readonly PairTable<BlockRow> _rows = new();
    readonly Ring<BlockRow, BlockRow.LinkOfOwner> _lists;

    public BlockTable(UserTable users)
    {
        _users = users;
        _lists = new(_rows);
    }

    public int Find(UserNumber owner, UserNumber user) => _rows.Find(owner.Value, user.Value);

    public IEnumerable<int> Of(UserNumber owner) => _lists.Forwards(_users.Row(owner).FirstBlock);

    public Block View(int index)
    {
        ref var row = ref _rows[index];
        return new Block(_users.IdOf(new UserNumber(row.Owner)), _users.Profile(new UserNumber(row.User)), row.Extra ?? "", _users.IdOrEmpty(new UserNumber(row.Operator)), row.BlockedAt);
    }

    public void Add(UserNumber owner, UserNumber user, string extra, UserNumber by, long time)
    {
        if (Find(owner, user) >= 0) return;
        var index = _rows.Add(new BlockRow { Owner = owner.Value, User = user.Value, Operator = by.Value, BlockedAt = time, Extra = extra.Length == 0 ? null : extra });
        _lists.InsertFirst(ref _users.Row(owner).FirstBlock, index);
        _users.Row(owner).BlockCount++;
    }

    public void Remove(UserNumber owner, UserNumber user)
    {
        var index = Find(owner, user);
        if (index < 0) return;
        _lists.Remove(ref _users.Row(owner).FirstBlock, index);
        _users.Row(owner).BlockCount--;
        _rows.Remove(index);
    }

    /// <summary>Who blocked a user. Walks over all rows.</summary>
    public IEnumerable<UserNumber> BlockersOf(UserNumber user)
    {
        for (var i = 0; i < _rows.End; i++)
            if (_rows[i].User == user.Value) yield return new UserNumber(_rows[i].Owner);
    }

    /// <summary>In both directions. Walks over all rows.</summary>
    public void RemoveAll(UserNumber user)
    {
        for (var i = 0; i < _rows.End; i++)
            if (_rows[i].User == user.Value || _rows[i].Owner == user.Value) Remove(new UserNumber(_rows[i].Owner), new UserNumber(_rows[i].User));
    }

    public int End => _rows.End;

    public void Write(StateWriter output)
    {
        output.Begin(Section.Blocks, version: 1);
        output.Count(_rows.End);
        for (var i = 0; i < _rows.End; i++)
        {
            ref var row = ref _rows[i];
            output.Value(new Entry { Owner = row.Owner, User = row.User, OfOwner = row.OfOwner, Operator = row.Operator, BlockedAt = row.BlockedAt });
            output.Text(row.Extra);
        }

        _rows.WriteFree(output);
        output.End();
    }

    public void Read(StateReader input)
    {
        input.Begin(Section.Blocks, newest: 1);
        for (var left = input.Count(); left > 0; left--)
        {
            var entry = input.Value<Entry>();
            _rows.Restore(new BlockRow { Owner = entry.Owner, User = entry.User, OfOwner = entry.OfOwner, Operator = entry.Operator, BlockedAt = entry.BlockedAt, Extra = input.Text() });
        }

        _rows.ReadFree(input);
        input.End();
        var users = _users.Count + 1;
        for (var i = 0; i < _rows.End; i++)
        {
            ref var row = ref _rows[i];
            if ((row.Owner | row.User) == 0) continue;
            if (row.Owner >= users || row.User >= users || row.Operator >= users || row.User == 0 || !_lists.IsClosed(i)) throw input.Broken($"block {i} is nobody's");
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    struct Entry
    {
        public uint Owner;
        public uint User;
        public Link OfOwner;
        public uint Operator;
        public long BlockedAt;
    }

    struct BlockRow : IPair
    {
        public uint Owner;
        public uint User;
        public Link OfOwner;
        public uint Operator;
        public long BlockedAt;
        public string? Extra;

        readonly uint IPair.First => Owner;

        readonly uint IPair.Second => User;

        internal readonly struct LinkOfOwner : ILinkOf<BlockRow>
        {
            public static ref Link Of(ref BlockRow row) => ref row.OfOwner;
        }
    }
}
