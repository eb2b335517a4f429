using System.Runtime.InteropServices;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Snapshots;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Conversations;

/// <summary>
/// The conversations of one app as their users see them. Peer conversations have rows here, each user's threaded into a list; a group's conversation is a part of
/// the group, and what its members know of it a part of their membership.
/// </summary>
public sealed class ConversationTable
{
    readonly UserTable _users;
    readonly GroupTable _groups;
    readonly MemberTable _members;
    readonly OperationTable _operations;
    readonly MentionTable _mentions;
    readonly Dictionary<FeedId, int> _indexes = [];
    readonly Rows<ConversationRow> _rows = new();
    readonly Dictionary<(UserNumber User, FeedId Conversation), ConversationSettings> _settings = [];

    internal ConversationTable(UserTable users, GroupTable groups, MemberTable members, OperationTable operations, MentionTable mentions)
        => (_users, _groups, _members, _operations, _mentions) = (users, groups, members, operations, mentions);

    /// <summary>Peer conversations.</summary>
    public int Count => _indexes.Count;

    /// <summary>Version of the user's list of conversations: the last sequence of <see cref="FeedIds.Conversations"/>.</summary>
    public long VersionOf(UserNumber user) => _users.Row(user).ConversationsVersion;

    /// <returns>False when there is no such conversation or the user has no part in it.</returns>
    public bool TryView(ConversationKey key, UserNumber user, out ConversationView view)
    {
        view = default;
        if (key.Kind == ConversationKind.Group)
        {
            var index = _groups.Contains(key.Group) ? _members.Find(key.Group, user) : -1;
            if (index < 0) return false;
            view = View(key.Group, index, user);
            return true;
        }

        if (!key.IsPeerOf(user) || !_indexes.TryGetValue(key.Feed, out var row) || !IsListed(ref _rows[row], user)) return false;
        view = View(ref _rows[row], user);
        return true;
    }

    /// <summary>The user's conversations: with peers, then in groups, those of groups they have left too; each the newest first by beginning.</summary>
    public IEnumerable<ConversationView> Of(UserNumber user)
    {
        for (var link = _users.Row(user).FirstConversation; link != 0;)
        {
            var index = link - 1;
            if (IsListed(ref _rows[index], user)) yield return View(ref _rows[index], user);
            link = _rows[index].Key.First == user ? _rows[index].NextOfFirst : _rows[index].NextOfSecond;
        }

        foreach (var group in _members.AllGroupsOf(user)) yield return View(group, _members.Find(group, user), user);
    }

    public ConversationName NameOf(ConversationKey key) => key.Kind == ConversationKind.Group
        ? new ConversationName(key, _groups.IdOf(key.Group))
        : new ConversationName(key, _users.IdOf(key.First), _users.IdOf(key.Second),
            _users.Row(key.First).Level.SpeaksForSystem() || _users.Row(key.Second).Level.SpeaksForSystem());

    public ConversationSettings SettingsOf(ConversationKey key, UserNumber user)
        => _settings.GetValueOrDefault((user, key.Feed)) ?? ConversationSettings.Default;

    /// <summary>What happened to messages of a range, ascending.</summary>
    public IReadOnlyList<MessageOperation> OperationsIn(ConversationKey key, long from, long to) => _operations.In(key, from, to);

    /// <summary>Messages of a range that the user hid from themselves, ascending.</summary>
    public IReadOnlyList<long> HiddenIn(ConversationKey key, UserNumber user, long from, long to) => _operations.HiddenIn(key, user, from, to);

    /// <summary>Whether the user has not cleared the message away, or came after it to a group that shows no history.</summary>
    internal bool CanSee(ConversationKey key, UserNumber user, long sequence) => sequence > FloorOf(key) && (key.Kind == ConversationKind.Group
        ? _members.Find(key.Group, user) is var member and >= 0 && sequence >= _members.Row(member).Minimum
        : _indexes.TryGetValue(key.Feed, out var index) && sequence >= Mark(ref _rows[index], user).Minimum);

    /// <summary>Last sequence that was cut: nobody sees it or what is before; 0 when nothing was cut.</summary>
    internal long FloorOf(ConversationKey key) => key.Kind == ConversationKind.Group ? _groups.Row(key.Group).Floor
        : _indexes.TryGetValue(key.Feed, out var index) ? _rows[index].Floor : 0;

    /// <summary>Record time of the last message, µs; 0 without.</summary>
    internal long LastTime(ConversationKey key) => key.Kind == ConversationKind.Group ? _groups.Row(key.Group).LastTime
        : _indexes.TryGetValue(key.Feed, out var index) ? _rows[index].LastTime : 0;

    /// <summary>The conversations in which something was said since they were cut: those with peers, then those of groups, by their place in the tables.</summary>
    /// <param name="start">Place of the first to look at, from 0.</param>
    /// <param name="count">Places to look at.</param>
    /// <returns>Null behind the last place.</returns>
    internal IReadOnlyList<(ConversationKey Key, long Last, long Floor)>? Uncut(int start, int count)
    {
        if (start >= _rows.Count + _groups.Count) return null;
        var found = new List<(ConversationKey Key, long Last, long Floor)>();
        for (var place = start; place < Math.Min((long)start + count, _rows.Count + _groups.Count); place++)
        {
            var key = place < _rows.Count ? _rows[place].Key : ConversationKey.Of(new GroupNumber((uint)(place - _rows.Count + 1)));
            if (LastSequence(key) is var last && FloorOf(key) is var floor && last > floor) found.Add((key, last, floor));
        }

        return found;
    }

    internal long LastSequence(ConversationKey key) => key.Kind == ConversationKind.Group ? _groups.Row(key.Group).Last
        : _indexes.TryGetValue(key.Feed, out var index) ? _rows[index].Last : 0;

    /// <summary>How far a user has read; of who is not in it, to its end.</summary>
    internal long ReadMark(ConversationKey key, UserNumber user)
    {
        if (key.Kind == ConversationKind.Group) return _members.RoleOf(key.Group, user) == GroupRole.None ? LastSequence(key) : _members.Row(_members.Find(key.Group, user)).Read;
        return _indexes.TryGetValue(key.Feed, out var index) ? Mark(ref _rows[index], user).Read : 0;
    }

    internal void Append(ConversationKey key, UserNumber sender, long sequence, long time)
    {
        if (key.Kind == ConversationKind.Group)
        {
            ref var group = ref _groups.Row(key.Group);
            (group.Last, group.LastTime) = (sequence, time);
            // Who quits is still the one who says so; the mark of who has left stays where it was.
            if (_members.RoleOf(key.Group, sender) != GroupRole.None) _members.Row(_members.Find(key.Group, sender)).Read = (uint)sequence;
            return;
        }

        ref var row = ref RowOf(key);
        (row.Last, row.LastTime) = (sequence, time);
        Mark(ref row, sender).Read = sequence;
    }

    /// <summary>From now on nobody sees what was said up to a message. Moves forward only.</summary>
    internal void Cut(ConversationKey key, long upTo)
    {
        if (key.Kind == ConversationKind.Group) _groups.Row(key.Group).Floor = Math.Max(_groups.Row(key.Group).Floor, upTo);
        else _rows[_indexes[key.Feed]].Floor = Math.Max(_rows[_indexes[key.Feed]].Floor, upTo);
    }

    internal void Move(ConversationKey key, UserNumber user, MarkKind kind, long sequence)
    {
        if (key.Kind == ConversationKind.Group)
        {
            ref var member = ref _members.Row(_members.Find(key.Group, user));
            if (kind == MarkKind.Read) member.Read = Math.Max(member.Read, (uint)sequence);
            else if (kind == MarkKind.Minimum) member.Minimum = Math.Max(member.Minimum, (uint)sequence);
            return;
        }

        ref var mark = ref Mark(ref _rows[_indexes[key.Feed]], user);
        if (kind == MarkKind.Read) mark.Read = Math.Max(mark.Read, sequence);
        else if (kind == MarkKind.Minimum) mark.Minimum = Math.Max(mark.Minimum, sequence);
    }

    internal void Set(ConversationKey key, UserNumber user, ConversationSettings settings)
    {
        // A conversation in which nothing was said yet is one for who set something for it.
        if (key.Kind == ConversationKind.Peer) RowOf(key);
        if (settings == ConversationSettings.Default) _settings.Remove((user, key.Feed));
        else _settings[(user, key.Feed)] = settings;
    }

    /// <summary>Forgets all that a user set. Walks over everyone's settings.</summary>
    internal void ForgetSettings(UserNumber user)
    {
        foreach (var key in _settings.Keys.Where(key => key.User == user).ToArray()) _settings.Remove(key);
    }

    /// <summary>Whom a user has talked to, or set something for.</summary>
    internal IEnumerable<UserNumber> PeersOf(UserNumber user)
    {
        for (var link = _users.Row(user).FirstConversation; link != 0;)
        {
            var (key, first, second) = (_rows[link - 1].Key, _rows[link - 1].NextOfFirst, _rows[link - 1].NextOfSecond);
            if (key.First != key.Second) yield return key.PeerOf(user);
            link = key.First == user ? first : second;
        }
    }

    /// <summary>A record may be filed in lists of conversations; where it is, that is the list's version.</summary>
    internal void Listed(in Applied at)
    {
        foreach (var filing in at.Filings)
            if (FeedIds.IsConversations(filing.Feed)) _users.Row(new UserNumber(FeedIds.NumberOf(filing.Feed))).ConversationsVersion = (uint)filing.Sequence;
    }

    /// <summary>The same for one user's.</summary>
    internal void Listed(UserNumber user, in Applied at)
    {
        if (at.SequenceIn(FeedIds.Conversations(user)) is var version and > 0) _users.Row(user).ConversationsVersion = (uint)version;
    }

    internal void Write(StateWriter output)
    {
        output.Begin(Section.Conversations, version: 2);
        _rows.Write(output);
        output.Count(_settings.Count);
        foreach (var ((user, conversation), settings) in _settings.OrderBy(entry => entry.Key.User.Value).ThenBy(entry => entry.Key.Conversation.Value))
        {
            output.Value(user.Value);
            output.Value(conversation.Value);
            settings.Write(output);
        }

        output.End();
    }

    internal void Read(StateReader input)
    {
        if (input.Begin(Section.Conversations, newest: 2) > 1) _rows.Read(input);
        else ReadUncut(input);
        var users = _users.Count + 1;
        for (var left = input.Count(); left > 0; left--)
        {
            var key = (new UserNumber(input.Below(input.Value<uint>(), users)), new FeedId(input.Value<ulong>()));
            _settings[key] = ConversationSettings.Read(input);
        }

        input.End();
        _indexes.EnsureCapacity(_rows.Count);
        for (var i = 0; i < _rows.Count; i++)
        {
            ref var row = ref _rows[i];
            // Conversations are threaded before those the users had, and never taken out.
            if (row.Key.Kind != ConversationKind.Peer || row.Key.First.Value >= users || row.Key.Second.Value >= users || (uint)row.NextOfFirst > i || (uint)row.NextOfSecond > i)
                throw input.Broken($"conversation {i} is of nobody");
            if (!_indexes.TryAdd(row.Key.Feed, i)) throw input.Broken("two conversations have the same users");
        }
    }

    internal int LastLink => _rows.Count;

    /// <summary>Rows as they were before anything could be cut.</summary>
    void ReadUncut(StateReader input)
    {
        var rows = new Rows<UncutRow>();
        rows.Read(input);
        for (var i = 0; i < rows.Count; i++)
        {
            ref var row = ref rows[i];
            _rows.Add(new ConversationRow { Key = row.Key, Last = row.Last, LastTime = row.LastTime, OfFirst = row.OfFirst, OfSecond = row.OfSecond, NextOfFirst = row.NextOfFirst, NextOfSecond = row.NextOfSecond });
        }
    }

    ref ConversationRow RowOf(ConversationKey key)
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes, key.Feed, out var exists);
        if (exists) return ref _rows[index];

        index = _rows.Add(new ConversationRow { Key = key, NextOfFirst = _users.Row(key.First).FirstConversation });
        _users.Row(key.First).FirstConversation = index + 1;
        if (key.First != key.Second)
        {
            _rows[index].NextOfSecond = _users.Row(key.Second).FirstConversation;
            _users.Row(key.Second).FirstConversation = index + 1;
        }

        return ref _rows[index];
    }

    bool IsListed(ref ConversationRow row, UserNumber user) => row.Last > 0 || _settings.ContainsKey((user, row.Key.Feed));

    static ref Marks Mark(ref ConversationRow row, UserNumber user)
    {
        if (row.Key.First == user) return ref row.OfFirst;
        return ref row.OfSecond;
    }

    ConversationView View(ref ConversationRow row, UserNumber user)
    {
        ref var mark = ref Mark(ref row, user);
        return View(row.Key, user, row.Last, row.LastTime, mark.Read, Math.Max(mark.Minimum, row.Floor + 1), hasLeft: false);
    }

    ConversationView View(GroupNumber group, int index, UserNumber user)
    {
        ref var head = ref _groups.Row(group);
        ref var member = ref _members.Row(index);
        var hasLeft = member.Role == GroupRole.None;
        return View(ConversationKey.Of(group), user, hasLeft ? member.JoinedAtOrMaximum : head.Last, head.LastTime, member.Read, Math.Max(member.Minimum, head.Floor + 1), hasLeft);
    }

    ConversationView View(ConversationKey key, UserNumber user, long last, long lastTime, long read, long minimum, bool hasLeft)
    {
        var from = Math.Max(read + 1, minimum);
        var unread = from > last ? 0 : last - from + 1 - _operations.UncountedIn(key, user, from, last);
        var settings = SettingsOf(key, user);
        return new ConversationView(NameOf(key), user, last, lastTime, read, Math.Max(1, minimum), unread, hasLeft)
        {
            Settings = settings,
            Mention = key.Kind == ConversationKind.Group ? _mentions.Of(key, user, Math.Max(from, settings.MentionsSeen + 1), last) : MentionState.None,
        };
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

        /// <summary>Last sequence that was cut.</summary>
        public long Floor;
    }

    struct UncutRow
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
