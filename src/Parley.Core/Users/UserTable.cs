namespace Parley.Core.Users;

/// <summary>What an edge may show of a user.</summary>
/// <param name="CreatedAt">Record time of the registration, µs.</param>
public sealed record UserProfile(UserNumber Number, string Id, string Nickname, string FaceUrl, string Extra, long CreatedAt);

/// <summary>The users of one app: rows by number, and a dictionary from id to number.</summary>
public sealed class UserTable
{
    readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    UserRow[] _rows = new UserRow[16];

    public int Count { get; private set; }

    internal uint NextNumber => (uint)Count + 1;

    public bool TryFind(string id, out UserNumber number)
    {
        var found = _numbers.TryGetValue(id, out var value);
        number = new UserNumber(value);
        return found;
    }

    public bool Contains(UserNumber user) => user.Value > 0 && user.Value <= Count;

    public string IdOf(UserNumber user) => Row(user).Id;

    public UserProfile Profile(UserNumber user)
    {
        ref var row = ref Row(user);
        return new UserProfile(user, row.Id, row.Nickname, row.FaceUrl, row.Extra, row.CreatedAt);
    }

    /// <summary>The stored password hash as the host's hasher wrote it; null when the user has no password.</summary>
    public string? PasswordHash(UserNumber user) => Row(user).PasswordHash;

    internal ref UserRow Row(UserNumber user) => ref _rows[user.Value];

    internal void Add(Records.UserRegistered user, long time)
    {
        if (user.Number.Value != NextNumber) throw new InvalidDataException($"User number {user.Number.Value} follows {Count}.");
        Count++;
        if (_rows.Length <= Count) Array.Resize(ref _rows, _rows.Length * 2);
        _rows[Count] = new UserRow(user.Id, user.Nickname, user.FaceUrl, user.Extra, user.PasswordHash, time);
        _numbers.Add(user.Id, user.Number.Value);
    }
}

/// <summary>Links are indexes + 1 into the table they name, so that 0 is "none".</summary>
struct UserRow(string id, string nickname, string faceUrl, string extra, string? passwordHash, long createdAt)
{
    public readonly string Id = id;
    public readonly string Nickname = nickname;
    public readonly string FaceUrl = faceUrl;
    public readonly string Extra = extra;
    public readonly string? PasswordHash = passwordHash;
    public readonly long CreatedAt = createdAt;
    public int FirstConversation = 0;
    public int FirstToken = 0;
    public int OldestRemembered = 0;
    public int NewestRemembered = 0;
    public int RememberedCount = 0;
}
