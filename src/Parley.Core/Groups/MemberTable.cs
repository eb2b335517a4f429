using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Groups;

/// <summary>
/// Who is, or was, in which group: a row of 32 bytes, found through 5 to 11 bytes of hash and listed by 4 to 8 bytes in its group. Who has left keeps the row: they may
/// still read what was said while they were in.
/// </summary>
public sealed class MemberTable
{
    readonly UserTable _users;
    readonly GroupTable _groups;
    readonly PairTable<MemberRow> _rows = new();
    // What few members have: a name of their own here, a mute, text from the application.
    readonly Dictionary<int, MemberExtras> _extras = [];

    internal MemberTable(UserTable users, GroupTable groups) => (_users, _groups) = (users, groups);

    /// <summary>Memberships, ended ones too.</summary>
    public int Count => _rows.Count;

    public bool IsMember(GroupNumber group, UserNumber user) => RoleOf(group, user) != GroupRole.None;

    /// <summary><see cref="GroupRole.None"/> for who is not in the group.</summary>
    public GroupRole RoleOf(GroupNumber group, UserNumber user) => Find(group, user) is var index and >= 0 ? _rows[index].Role : GroupRole.None;

    /// <summary>Someone who is or was in the group.</summary>
    public bool TryView(GroupNumber group, UserNumber user, out MemberView? view)
    {
        var index = Find(group, user);
        view = index < 0 ? null : View(ref _rows[index], index);
        return index >= 0;
    }

    public MemberView View(GroupNumber group, UserNumber user)
        => TryView(group, user, out var view) ? view! : throw new ArgumentException($"User {user.Value} was never in group {group.Value}.", nameof(user));

    /// <summary>Members <paramref name="start"/> (from 0) and following: the owner, the administrators, the others, each in the order they came.</summary>
    public IEnumerable<MemberView> Page(GroupNumber group, int start, int count)
    {
        foreach (var user in Numbers(group, start, count)) yield return View(group, user);
    }

    /// <summary>The same, as numbers.</summary>
    public IEnumerable<UserNumber> Numbers(GroupNumber group, int start = 0, int count = int.MaxValue)
    {
        var end = (int)Math.Min(_groups.Row(group).MemberCount, (long)start + count);
        for (var i = Math.Max(0, start); i < end; i++) yield return new UserNumber(_rows[_groups.Row(group).Members[i]].User);
    }

    /// <summary>How many administrators the group has, the owner not among them; they follow the owner in <see cref="Page"/>.</summary>
    public int AdministratorCount(GroupNumber group) => _groups.Row(group).AdministratorCount;

    /// <summary>Groups a user is or was in.</summary>
    public int MembershipCount(UserNumber user) => _users.Row(user).MembershipCount;

    /// <summary>The groups a user is in, the newest first.</summary>
    public IEnumerable<GroupNumber> GroupsOf(UserNumber user) => AllGroupsOf(user).Where(group => RoleOf(group, user) != GroupRole.None);

    /// <summary>The groups a user is or was in, the newest first.</summary>
    public IEnumerable<GroupNumber> AllGroupsOf(UserNumber user)
    {
        for (var link = _users.Row(user).FirstMembership; link != 0; link = _rows[link - 1].NextOfUser) yield return new GroupNumber(_rows[link - 1].Group);
    }

    /// <summary>Version of the user's list of groups: the last sequence of <see cref="Conversations.FeedIds.JoinedGroups"/>.</summary>
    public long JoinedVersionOf(UserNumber user) => _users.Row(user).JoinedGroupsVersion;

    /// <summary>Who of a slice of the members has read a message, the sender and those who can't see it left out.</summary>
    public IEnumerable<(UserNumber User, bool HasRead)> Readers(GroupNumber group, long sequence, UserNumber sender, int start, int count)
    {
        if (sequence <= _groups.Row(group).Floor) yield break;
        var end = (int)Math.Min(_groups.Row(group).MemberCount, (long)start + count);
        for (var i = Math.Max(0, start); i < end; i++)
        {
            var index = _groups.Row(group).Members[i];
            var (user, minimum, read) = (_rows[index].User, _rows[index].Minimum, _rows[index].Read);
            if (user != sender.Value && sequence >= minimum) yield return (new UserNumber(user), read >= sequence);
        }
    }

    /// <summary>Whether a member has no name, or no face, of their own in the group, so that it shows their profile's.</summary>
    internal bool AppearsByProfile(GroupNumber group, UserNumber user, bool byName, bool byFace)
    {
        var extras = Extras(Find(group, user));
        return (byName && extras.Nickname.Length == 0) || (byFace && extras.FaceUrl.Length == 0);
    }

    internal int Find(GroupNumber group, UserNumber user) => _rows.Find(group.Value, user.Value);

    internal ref MemberRow Row(int index) => ref _rows[index];

    internal MemberExtras Extras(int index) => _extras.GetValueOrDefault(index) ?? MemberExtras.None;

    internal void SetExtras(int index, MemberExtras extras)
    {
        if (extras == MemberExtras.None) _extras.Remove(index);
        else _extras[index] = extras;
    }

    /// <summary>Lets a user in, for the first time or again.</summary>
    /// <param name="minimum">First sequence they can see. One that they could see before remains.</param>
    internal void Enter(GroupNumber group, UserNumber user, GroupRole role, JoinSource source, UserNumber inviter, UserNumber by, uint joinedAt, uint minimum)
    {
        var index = Find(group, user);
        if (index < 0)
        {
            ref var links = ref _users.Row(user);
            index = _rows.Add(new MemberRow { Group = group.Value, User = user.Value, NextOfUser = links.FirstMembership, Minimum = minimum, Unused = 0 });
            links.FirstMembership = index + 1;
            links.MembershipCount++;
        }

        ref var row = ref _rows[index];
        row.Minimum = Math.Max(row.Minimum, minimum);
        // What came while they were away is not new to them.
        row.Read = Math.Max(row.Read, (uint)_groups.Row(group).Last);
        (row.Role, row.Source, row.JoinedAtOrMaximum) = (role, source, joinedAt);
        row.By = source == JoinSource.Invitation ? inviter.Value : by.Value;
        SetExtras(index, source == JoinSource.Invitation && inviter != by ? MemberExtras.None with { ApprovedBy = by } : MemberExtras.None);
        Insert(group, index, role);
    }

    /// <summary>Ends a membership; what was said until now stays readable.</summary>
    internal void Leave(GroupNumber group, UserNumber user)
    {
        var index = Find(group, user);
        ref var row = ref _rows[index];
        TakeOut(group, index, row.Role);
        (row.Role, row.JoinedAtOrMaximum) = (GroupRole.None, (uint)_groups.Row(group).Last);
        SetExtras(index, MemberExtras.None);
    }

    internal void ChangeRole(GroupNumber group, UserNumber user, GroupRole role)
    {
        var index = Find(group, user);
        ref var row = ref _rows[index];
        if (row.Role == role) return;
        TakeOut(group, index, row.Role);
        row.Role = role;
        Insert(group, index, role);
    }

    /// <summary>Forgets how a user appears in any group, those they left too.</summary>
    internal void EraseExtras(UserNumber user)
    {
        foreach (var group in AllGroupsOf(user)) SetExtras(Find(group, user), MemberExtras.None);
    }

    internal int LastLink => _rows.End;

    internal void Write(StateWriter output)
    {
        output.Begin(Section.Members, version: 1);
        _rows.Write(output);
        output.Count(_extras.Count);
        foreach (var (index, extras) in _extras.OrderBy(entry => entry.Key))
        {
            output.Value(index);
            output.Value(extras.MutedUntil);
            output.Value(extras.ApprovedBy.Value);
            output.Text(extras.Nickname);
            output.Text(extras.FaceUrl);
            output.Text(extras.Extra);
        }

        output.End();
    }

    internal void Read(StateReader input)
    {
        input.Begin(Section.Members, newest: 1);
        _rows.Read(input);
        var users = _users.Count + 1;
        for (var left = input.Count(_rows.Count); left > 0; left--)
        {
            var index = (int)input.Below(input.Value<uint>(), _rows.End);
            var (mutedUntil, approvedBy) = (input.Value<long>(), new UserNumber(input.Below(input.Value<uint>(), users)));
            _extras[index] = new MemberExtras(input.NeededText(), input.NeededText(), input.NeededText(), mutedUntil, approvedBy);
        }

        input.End();
        var groups = _groups.Count + 1;
        for (var i = 0; i < _rows.End; i++)
        {
            ref var row = ref _rows[i];
            // Who comes in is threaded before what the user had, and nothing is ever taken out.
            if (row.Group >= groups || row.User >= users || row.By >= users || (uint)row.NextOfUser > i || row.Group == 0 || row.User == 0)
                throw input.Broken($"membership {i} is of nobody");
        }

        for (var group = 1u; group < groups; group++)
        {
            ref var head = ref _groups.Row(new GroupNumber(group));
            foreach (var index in head.Members)
                if ((uint)index >= _rows.End || _rows[index].Group != group || _rows[index].Role == GroupRole.None) throw input.Broken($"group {group} lists who is no member");
        }
    }

    void Insert(GroupNumber group, int index, GroupRole role)
    {
        ref var head = ref _groups.Row(group);
        var at = role switch { GroupRole.Owner => 0, GroupRole.Administrator => OwnerCount(ref head) + head.AdministratorCount, _ => head.MemberCount };
        if (head.Members.Length == head.MemberCount) Array.Resize(ref head.Members, Math.Max(4, head.MemberCount + (head.MemberCount / 2)));
        Array.Copy(head.Members, at, head.Members, at + 1, head.MemberCount - at);
        head.Members[at] = index;
        head.MemberCount++;
        if (role == GroupRole.Administrator) head.AdministratorCount++;
    }

    void TakeOut(GroupNumber group, int index, GroupRole role)
    {
        ref var head = ref _groups.Row(group);
        // From the end, where a large group that is being emptied is taken apart.
        var at = Array.LastIndexOf(head.Members, index, head.MemberCount - 1, head.MemberCount);
        Array.Copy(head.Members, at + 1, head.Members, at, head.MemberCount - at - 1);
        head.MemberCount--;
        if (role == GroupRole.Administrator) head.AdministratorCount--;
    }

    int OwnerCount(ref GroupRow head) => head.MemberCount > 0 && _rows[head.Members[0]].Role == GroupRole.Owner ? 1 : 0;

    MemberView View(ref MemberRow row, int index)
    {
        var (group, user, extras) = (new GroupNumber(row.Group), new UserNumber(row.User), Extras(index));
        ref var profile = ref _users.Row(user);
        return new MemberView(group, _groups.IdOf(group), user, profile.Id, row.Role,
            extras.Nickname.Length > 0 ? extras.Nickname : profile.Nickname, extras.FaceUrl.Length > 0 ? extras.FaceUrl : profile.FaceUrl, extras.Extra,
            row.Role == GroupRole.None ? 0 : row.JoinedAtOrMaximum * 1_000_000L, row.Source,
            row.Source == JoinSource.Invitation ? _users.IdOrEmpty(new UserNumber(row.By)) : "",
            _users.IdOrEmpty(extras.ApprovedBy.Value != 0 ? extras.ApprovedBy : new UserNumber(row.By)), extras.MutedUntil);
    }
}

/// <summary>Sequences of a group's conversation are 32 bits here; <c>Decide</c> takes no message beyond.</summary>
struct MemberRow : IPair
{
    public uint Group;
    public uint User;
    public int NextOfUser;
    public uint Read;
    public uint Minimum;

    /// <summary>Of a member: s since 1970. Of who has left: the last sequence they can see.</summary>
    public uint JoinedAtOrMaximum;

    /// <summary>Of who was invited: by whom. Of others: who let them in, 0 for nobody.</summary>
    public uint By;
    public GroupRole Role;
    public JoinSource Source;

    /// <summary>Always 0. Rows are written as they lie in memory, so no byte of them is left to chance.</summary>
    public ushort Unused;

    readonly uint IPair.First => Group;

    readonly uint IPair.Second => User;
}

/// <param name="MutedUntil">µs; 0 when not muted.</param>
/// <param name="ApprovedBy">Who let an invited member in, where that was not who invited them.</param>
sealed record MemberExtras(string Nickname, string FaceUrl, string Extra, long MutedUntil, UserNumber ApprovedBy)
{
    public static readonly MemberExtras None = new("", "", "", 0, default);
}
