namespace Parley.Server.Tests.Corpus;

/// <summary>One entry of the conversation: a line, or that someone came or went.</summary>
/// <param name="By">Empty for the administration.</param>
/// <param name="Event">Null for a line.</param>
/// <param name="Text">The line; of an event who it is about, the first of them.</param>
readonly record struct Entry(string By, string? Event, string Text);

/// <summary>What the file says that each member can see, worked out without the server.</summary>
sealed class ChannelModel(bool showsHistory)
{
    readonly Dictionary<string, Member> _members = [];

    // Lines up to an entry, which are what counts as unread.
    readonly List<long> _linesUpTo = [0];

    /// <summary>The entry of sequence 1, and so on.</summary>
    public List<Entry> Entries { get; } = [];

    public IEnumerable<string> Present => _members.Where(member => member.Value.Left is null).Select(member => member.Key);

    public IReadOnlyCollection<string> Members => _members.Keys;

    public bool IsIn(string user) => _members.TryGetValue(user, out var member) && member.Left is null;

    public void Say(string user, string text)
    {
        Add(new Entry(user, null, text));
        _members[user].Read = Entries.Count;
    }

    public void Join(string user)
    {
        Enter([user]);
        Add(new Entry(user, "MemberEntered", user));
        _members[user].Read = Entries.Count;
    }

    public void Invite(IReadOnlyList<string> users)
    {
        Enter(users);
        Add(new Entry("", "MembersInvited", users[0]));
    }

    public void Quit(string user)
    {
        _members[user].Left = Entries.Count;
        Add(new Entry(user, "MemberQuit", user));
    }

    public void Remove(IReadOnlyList<string> users)
    {
        foreach (var user in users) _members[user].Left = Entries.Count;
        Add(new Entry("", "MembersRemoved", users[0]));
    }

    /// <summary>The first and the last sequence a member can see, their read mark and how many lines they have not read.</summary>
    public (long First, long Last, long Read, long Unread) ViewOf(string user)
    {
        var member = _members[user];
        var last = member.Left ?? Entries.Count;
        var from = Math.Max(member.First, member.Read + 1);
        return (member.First, last, member.Read, from > last ? 0 : _linesUpTo[(int)last] - _linesUpTo[(int)from - 1]);
    }

    void Enter(IReadOnlyList<string> users)
    {
        foreach (var user in users)
        {
            if (!_members.TryGetValue(user, out var member)) _members[user] = member = new Member();
            member.Left = null;
            if (!showsHistory) member.First = Entries.Count + 1;
            member.Read = Entries.Count;
        }
    }

    void Add(Entry entry)
    {
        Entries.Add(entry);
        _linesUpTo.Add(_linesUpTo[^1] + (entry.Event is null ? 1 : 0));
    }

    sealed class Member
    {
        public long First = 1;

        /// <summary>The last sequence seen by who has left.</summary>
        public long? Left;
        public long Read;
    }
}
