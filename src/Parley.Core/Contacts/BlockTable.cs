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
