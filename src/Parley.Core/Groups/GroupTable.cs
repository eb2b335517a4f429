using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Groups;

/// <summary>The groups of one app, rows by number. Members are in <see cref="MemberTable"/>.</summary>
public sealed class GroupTable
{
    readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    readonly UserTable _users;
    readonly Rows<GroupRow> _rows = new();
    readonly JoinedIds _joinedIds = new();

    internal GroupTable(UserTable users)
    {
        _users = users;
        _rows.Add(default);
    }

    public int Count => _rows.Count - 1;

    internal uint NextNumber => (uint)_rows.Count;

    /// <summary>Finds a group, dismissed ones too.</summary>
    public bool TryFind(string id, out GroupNumber number)
    {
        var found = _numbers.TryGetValue(id, out var value);
        number = new GroupNumber(value);
        return found;
    }

    public bool Contains(GroupNumber group) => group.Value > 0 && group.Value < _rows.Count;

    public string IdOf(GroupNumber group) => Row(group).Id;

    public GroupView View(GroupNumber group)
    {
        ref var row = ref Row(group);
        return new GroupView(group, row.Id, row.Kind, row.Details, _users.IdOrEmpty(row.Owner), _users.IdOrEmpty(row.Creator), row.MemberCount,
            row.CreatedAt, row.AnnouncedAt, _users.IdOrEmpty(row.Announcer), row.IsDismissed, row.IsMuted, row.MembersVersion);
    }

    /// <summary>
    /// The conversation of notices is written <c>n_&lt;group&gt;</c>, and <c>n_&lt;user&gt;_&lt;user&gt;</c> between peers. Whether the user id, were it registered, would be one of two that
    /// together spell a group's id.
    /// </summary>
    public bool WouldBeAmbiguous(string userId, Func<string, bool> isTaken) => _joinedIds.OthersOf(userId).Any(other => other == userId || isTaken(other));

    /// <summary>Whether a group id, were it given, would read as two users' ids.</summary>
    internal static bool ReadsAsUsers(string groupId, Func<string, bool> isUser)
    {
        for (var cut = groupId.IndexOf('_'); cut >= 0; cut = groupId.IndexOf('_', cut + 1))
            if (isUser(groupId[..cut]) && isUser(groupId[(cut + 1)..])) return true;
        return false;
    }

    internal ref GroupRow Row(GroupNumber group) => ref _rows[(int)group.Value];

    internal ref GroupRow Add(GroupNumber number, string id)
    {
        if (number.Value != NextNumber) throw new InvalidDataException($"Group number {number.Value} follows {Count}.");
        _rows.Add(new GroupRow { Id = id, Details = GroupDetails.None, Members = [] });
        _numbers.Add(id, number.Value);
        _joinedIds.Add(id);
        return ref Row(number);
    }

    /// <summary>Forgets what a user announced last in any group. Walks over all groups.</summary>
    internal void EraseAnnouncements(UserNumber user)
    {
        for (var i = 1; i <= Count; i++)
        {
            ref var row = ref _rows[i];
            if (row.Announcer == user && row.Details.Announcement is not null) row.Details = row.Details with { Announcement = "" };
        }
    }

    internal void Write(StateWriter output)
    {
        output.Begin(Section.Groups, version: 2);
        output.Count(Count);
        for (var i = 1; i <= Count; i++)
        {
            ref var row = ref _rows[i];
            output.Value(GroupEntry.Of(ref row));
            output.Value(row.Floor);
            output.Text(row.Id);
            output.Text(row.Details.Name);
            output.Text(row.Details.Announcement);
            output.Text(row.Details.Introduction);
            output.Text(row.Details.FaceUrl);
            output.Text(row.Details.Extra);
            output.Values<int>(row.Members.AsSpan(0, row.MemberCount));
        }

        output.End();
    }

    /// <summary>Whether members are what they should be, <see cref="MemberTable"/> checks once it is there.</summary>
    internal void Read(StateReader input)
    {
        var version = input.Begin(Section.Groups, newest: 2);
        var users = _users.Count + 1;
        for (var left = input.Count(); left > 0; left--)
        {
            var entry = input.Value<GroupEntry>();
            var floor = version > 1 ? input.Value<long>() : 0;
            var (owner, creator, announcer) = (input.Below(entry.Owner, users), input.Below(entry.Creator, users), input.Below(entry.Announcer, users));
            if (entry.MemberCount < 0 || entry.MemberCount >= users || entry.AdministratorCount < 0 || entry.AdministratorCount > entry.MemberCount)
                throw input.Broken($"a group has {entry.MemberCount} members of {_users.Count} users");
            _rows.Add(new GroupRow
            {
                Id = input.NeededText(),
                Details = entry.ToDetails() with
                {
                    Name = input.Text(),
                    Announcement = input.Text(),
                    Introduction = input.Text(),
                    FaceUrl = input.Text(),
                    Extra = input.Text(),
                },
                Owner = new UserNumber(owner),
                Creator = new UserNumber(creator),
                Announcer = new UserNumber(announcer),
                CreatedAt = entry.CreatedAt,
                AnnouncedAt = entry.AnnouncedAt,
                Last = entry.Last,
                LastTime = entry.LastTime,
                Floor = floor,
                MembersVersion = entry.MembersVersion,
                Members = ReadMembers(input, entry.MemberCount),
                MemberCount = entry.MemberCount,
                AdministratorCount = entry.AdministratorCount,
                Kind = entry.Kind,
                IsDismissed = entry.Flags.HasFlag(GroupFlags.Dismissed),
                IsMuted = entry.Flags.HasFlag(GroupFlags.Muted),
            });
        }

        input.End();
        _numbers.EnsureCapacity(Count);
        for (var i = 1; i <= Count; i++)
        {
            if (!_numbers.TryAdd(_rows[i].Id, (uint)i)) throw input.Broken("two groups have one id");
            _joinedIds.Add(_rows[i].Id);
        }
    }

    static int[] ReadMembers(StateReader input, int count)
    {
        if (count == 0) return [];
        var members = GC.AllocateUninitializedArray<int>(count);
        input.Values<int>(members);
        return members;
    }
}

/// <summary>The head of a group and of its conversation.</summary>
struct GroupRow
{
    public string Id;
    public GroupDetails Details;
    public UserNumber Owner;
    public UserNumber Creator;
    public UserNumber Announcer;
    public long CreatedAt;
    public long AnnouncedAt;

    /// <summary>Of the conversation; 0 while nothing was said.</summary>
    public long Last;
    public long LastTime;

    /// <summary>Last sequence of the conversation that was cut.</summary>
    public long Floor;

    /// <summary>Last sequence of the change feed of members.</summary>
    public long MembersVersion;

    /// <summary>Indexes of rows in <see cref="MemberTable"/>: the owner, the administrators, then everyone else, each in the order they came.</summary>
    public int[] Members;
    public int MemberCount;
    public int AdministratorCount;
    public GroupKind Kind;
    public bool IsDismissed;
    public bool IsMuted;
}
