using Parley.Core.Conversations;
using Parley.Core.Snapshots;

namespace Parley.Core.Users;

/// <summary>What an edge may show of a user.</summary>
/// <param name="CreatedAt">Record time of the registration, µs.</param>
public sealed record UserProfile(UserNumber Number, string Id, string Nickname, string FaceUrl, string Extra, long CreatedAt, UserLevel Level, ReceiveOption Receive);

/// <summary>The users of one app: rows by number, and a dictionary from id to number.</summary>
public sealed class UserTable
{
    readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    readonly Rows<UserRow> _rows = new();

    internal UserTable() => _rows.Add(default);

    public int Count => _rows.Count - 1;

    internal uint NextNumber => (uint)_rows.Count;

    public bool TryFind(string id, out UserNumber number)
    {
        var found = _numbers.TryGetValue(id, out var value);
        number = new UserNumber(value);
        return found;
    }

    public bool Contains(UserNumber user) => user.Value > 0 && user.Value < _rows.Count;

    /// <summary>Whether the user was erased: they keep a number and a place in what others have, and nothing becomes true of them any more.</summary>
    public bool IsErased(UserNumber user) => Contains(user) && Row(user).IsErased;

    /// <summary>Whether something new may become true of the user.</summary>
    internal bool IsActive(UserNumber user) => Contains(user) && !Row(user).IsErased;

    /// <summary>Finds a user of whom something new may become true.</summary>
    internal bool TryFindActive(string id, out UserNumber number) => TryFind(id, out number) && IsActive(number);

    public string IdOf(UserNumber user) => Row(user).Id;

    /// <summary>The same, for a number that may be the administration's.</summary>
    public string IdOrEmpty(UserNumber user) => user == UserNumber.Administration ? "" : IdOf(user);

    public UserProfile Profile(UserNumber user)
    {
        ref var row = ref Row(user);
        return new UserProfile(user, row.Id, row.Nickname, row.FaceUrl, row.Extra, row.CreatedAt, row.Level, row.Receive);
    }

    /// <summary>Users by number, <paramref name="start"/> from 0.</summary>
    public IEnumerable<UserNumber> Page(int start, int count)
    {
        var end = Math.Min(Count, (long)start + count);
        for (var i = Math.Max(0, start); i < end; i++) yield return new UserNumber((uint)i + 1);
    }

    /// <summary>The stored password hash as the host's hasher wrote it; null when the user has no password.</summary>
    public string? PasswordHash(UserNumber user) => Row(user).PasswordHash;

    internal ref UserRow Row(UserNumber user) => ref _rows[(int)user.Value];

    internal void Add(Records.UserRegistered user, long time)
    {
        var number = new UserNumber(user.IsErased ? NextNumber : user.Number.Value);
        if (number.Value != NextNumber) throw new InvalidDataException($"User number {number.Value} follows {Count}.");
        _rows.Add(new UserRow
        {
            Id = user.IsErased ? UserIds.OfErased(number) : user.Id,
            Nickname = user.Nickname,
            FaceUrl = user.FaceUrl,
            Extra = user.Extra,
            PasswordHash = user.PasswordHash,
            CreatedAt = time,
            Level = user.Level,
            IsErased = user.IsErased,
        });
        _numbers.Add(IdOf(number), number.Value);
    }

    /// <summary>Forgets what the user said of themself, and their id.</summary>
    internal void Erase(UserNumber user)
    {
        ref var row = ref Row(user);
        _numbers.Remove(row.Id);
        (row.Id, row.Nickname, row.FaceUrl, row.Extra, row.PasswordHash) = (UserIds.OfErased(user), "", "", "", null);
        (row.Receive, row.IsErased) = (ReceiveOption.Notify, true);
        _numbers.Add(row.Id, user.Value);
    }

    /// <summary>Everything of the rows but what <see cref="Tokens.TokenTable"/> and <see cref="Messages.RememberedMessages"/> thread through them.</summary>
    internal void Write(StateWriter output)
    {
        output.Begin(Section.Users, version: 2);
        output.Count(_rows.Count);
        for (var i = 0; i < _rows.Count; i++)
        {
            ref var row = ref _rows[i];
            output.Value(UserEntry.Of(ref row));
            if (i == 0) continue;
            output.Text(row.Id);
            output.Text(row.Nickname);
            output.Text(row.FaceUrl);
            output.Text(row.Extra);
            output.Text(row.PasswordHash);
        }

        output.End();
    }

    internal void Read(StateReader input)
    {
        // Version 1 has always 0 where 2 says who was erased.
        input.Begin(Section.Users, newest: 2);
        var count = input.Count();
        if (count == 0) throw input.Broken("the administration is missing");
        for (var i = 0; i < count; i++)
        {
            var row = input.Value<UserEntry>().ToRow();
            if (i == 0)
            {
                _rows[0] = row;
                continue;
            }

            row.Id = input.NeededText();
            row.Nickname = input.NeededText();
            row.FaceUrl = input.NeededText();
            row.Extra = input.NeededText();
            row.PasswordHash = input.Text();
            _rows.Add(row);
        }

        input.End();
        _numbers.EnsureCapacity(count);
        for (var i = 1; i < count; i++)
            if (!_numbers.TryAdd(_rows[i].Id, (uint)i)) throw input.Broken("two users have one id");
    }

    /// <summary>Once all tables are there: whether the links lead into them.</summary>
    internal void CheckLinks(StateReader input, int conversations, int memberships, int friends, int blocks, int requests)
    {
        for (var i = 0; i < _rows.Count; i++)
        {
            ref var row = ref _rows[i];
            var isWithin = (uint)row.FirstConversation <= conversations && (uint)row.FirstMembership <= memberships
                && (uint)row.FirstFriend <= friends && (uint)row.FirstLister <= friends && (uint)row.FirstBlock <= blocks
                && (uint)row.FirstSentRequest <= requests && (uint)row.FirstReceivedRequest <= requests;
            if (!isWithin) throw input.Broken($"lists of user {i} begin nowhere");
        }
    }
}

/// <summary>Links are indexes + 1 into the table they name, so that 0 is "none". Versions are the last sequences of the user's change feeds.</summary>
struct UserRow
{
    public string Id;
    public string Nickname;
    public string FaceUrl;
    public string Extra;
    public string? PasswordHash;
    public long CreatedAt;
    public uint ConversationsVersion;
    public uint JoinedGroupsVersion;
    public uint FriendsVersion;
    public uint BlocksVersion;
    public int FirstConversation;
    public int FirstMembership;
    public int MembershipCount;
    public int FirstFriend;
    public int FriendCount;

    /// <summary>Of those who have the user on their list of friends.</summary>
    public int FirstLister;
    public int FirstBlock;
    public int BlockCount;
    public int FirstSentRequest;
    public int SentRequestCount;
    public int FirstReceivedRequest;
    public int ReceivedRequestCount;
    public int FirstToken;
    public int OldestRemembered;
    public int NewestRemembered;
    public int RememberedCount;
    public UserLevel Level;
    public ReceiveOption Receive;
    public bool IsErased;
}
