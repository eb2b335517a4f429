using System.Diagnostics;
using System.Text;
using Parley.Benchmarks.Reporting;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store;

namespace Parley.Benchmarks.Records;

/// <summary>The memory of a large node's state with the heads of its feeds, and how long a start takes to fold it.</summary>
sealed class MemoryRow(string directory, double scale)
{
    const int FullUsers = 1_000_000, FullGroups = 1_000_000, FullConversations = 10_000_000, GroupMembers = 50;
    const int AimPerUser = 512, AimPerMembership = 48, AimPerConversation = 300;
    const double AimGigabytes = 8;

    /// <summary>The real log's part of the full size: as much as a disk takes in a few seconds.</summary>
    const int LogShare = 100;

    // Of no common factor with the numbers of users: members of a group are spread over all of them, and differ.
    const long Spread = 7_919;

    readonly int _users = (int)(FullUsers * scale), _groups = (int)(FullGroups * scale), _conversations = (int)(FullConversations * scale);

    public async Task RunAsync(Report report)
    {
        Fold(report);
        Read(report);
        await StartAsync(report);
    }

    void Fold(Report report)
    {
        report.Open("memory", $"managed memory after a full collection at {scale:P0} of 1 M users, 1 M groups of {GroupMembers} and 10 M conversations; records folded in memory, without a disk",
            "count", "bytes each", "aim", "MiB", "fold s", "µs each");
        var state = new FoldedState();
        var (total, seconds) = (0L, 0.0);

        void Add(string name, long count, string aim, Action<FoldedState> stage)
        {
            var (before, started) = (Settled(), Stopwatch.GetTimestamp());
            stage(state);
            var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var bytes = Settled() - before;
            (total, seconds) = (total + bytes, seconds + elapsed);
            report.Add(name, Cell.Count(count), Cell.Of((double)bytes / count), aim, Cell.Count(bytes / (1 << 20)), Cell.Of(elapsed), Cell.Of(elapsed * 1e6 / count, 2));
        }

        Add("users, heads of 3 feeds", _users, $"≤ {AimPerUser}", AddUsers);
        Add("groups", _groups, "", AddGroups);
        Add("memberships", (long)_groups * GroupMembers, $"≤ {AimPerMembership}", AddMembers);
        Add("groups' conversations", _groups, $"≤ {AimPerConversation}", SayInGroups);
        Add("peer conversations", _conversations, $"≤ {AimPerConversation}", SayToPeers);
        report.Add("all", Cell.Count(state.Position), "", $"≤ {AimGigabytes * scale:N1} GB", Cell.Count(total / (1 << 20)), Cell.Of(seconds), Cell.Of(seconds * 1e6 / state.Position, 2));
        report.Add("the process", "", "", "", Cell.Count(Process.GetCurrentProcess().WorkingSet64 / (1 << 20)), "", "");
        using var file = File.Create(StateFile);
        state.Write(file);
    }

    /// <summary>What a start reads after a clean stop, apart from the heads of feeds: the state that was folded above.</summary>
    void Read(Report report)
    {
        report.Open("memory read", "reading that state from its snapshot, the file in the page cache", "MiB", "s", "MiB/s");
        Settled();
        using (var file = File.OpenRead(StateFile))
        {
            var started = Stopwatch.GetTimestamp();
            var state = State.Read(file, new DedupeOptions());
            var (seconds, size) = (Stopwatch.GetElapsedTime(started).TotalSeconds, file.Length / (double)(1 << 20));
            if (state.App(0).Users.Count != _users) throw new InvalidDataException($"{state.App(0).Users.Count} users were read.");
            report.Add("read", Cell.Count(size), Cell.Of(seconds), Cell.Count(size / seconds));
        }

        File.Delete(StateFile);
    }

    string StateFile => Path.Combine(directory, "state.snapshot");

    /// <summary>The same shape through a real log, small enough to write, and the time to open it.</summary>
    async Task StartAsync(Report report)
    {
        var (users, groups, conversations) = (FullUsers / LogShare, FullGroups / LogShare, FullConversations / LogShare);
        report.Open("memory start", $"opening a log of {users:N0} users, {groups:N0} groups of {GroupMembers}, {conversations:N0} conversations, in this process, its files in the page cache",
            "records", "log MiB", "ms", "µs each", $"s at x{LogShare}");
        var path = Path.Combine(directory, "memory");
        // Everything but what has to be said is remembered for as short as in the rows above.
        var options = new CoreOptions { ShowsGroupEvents = false, MessageRate = 0, Dedupe = new DedupeOptions { MaxMessages = 1_024, MaxMessagesPerSender = 16 } };
        await using (var core = await CoreInProcess.OpenAsync(path, new LogOptions(), options))
        {
            await core.RegisterAsync(users);
            await core.AllAsync(groups, i => new CreateGroup(0, Actor.Operator, GroupIdOf(i), GroupKind.Super, new GroupDetails { Name = GroupIdOf(i) },
                CoreInProcess.IdOf(MemberOf(i, 0, users)), [], [.. Enumerable.Range(1, GroupMembers - 1).Select(k => CoreInProcess.IdOf(MemberOf(i, k, users)))]));
            var body = "hi"u8.ToArray();
            await core.AllAsync(conversations, i => CoreInProcess.Message(PairOf(i, users).One, PairOf(i, users).Other, i, body));
        }

        var bytes = new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        var started = Stopwatch.GetTimestamp();
        await using (var core = await CoreInProcess.OpenAsync(path, new LogOptions(), options))
        {
            var elapsed = Stopwatch.GetElapsedTime(started);
            var records = await core.Sequencer.QueryAsync((state, _) => state.Position);
            report.Add("opened", Cell.Count(records), Cell.Count(bytes >> 20), Cell.Count(elapsed.TotalMilliseconds), Cell.Of(elapsed.TotalMicroseconds / records, 2),
                Cell.Count(elapsed.TotalSeconds * LogShare));
        }

        Directory.Delete(path, recursive: true);
    }

    void AddUsers(FoldedState state)
    {
        for (var i = 1; i <= _users; i++)
        {
            var user = new UserNumber((uint)i);
            state.Append(new UserRegistered(user, CoreInProcess.IdOf(i), $"User {i}", "", "", null));
            // Nobody stays without them for long.
            state.Open(FeedIds.Inbox(user));
            state.Open(FeedIds.JoinedGroups(user));
            state.Open(FeedIds.Conversations(user));
        }
    }

    void AddGroups(FoldedState state)
    {
        for (var i = 0; i < _groups; i++)
        {
            var owner = new UserNumber((uint)MemberOf(i, 0, _users));
            state.Append(new GroupCreated(Number(i), default, GroupIdOf(i), GroupKind.Super, owner, new GroupDetails { Name = GroupIdOf(i) }), FeedIds.Members(Number(i)));
        }
    }

    void AddMembers(FoldedState state)
    {
        for (var i = 0; i < _groups; i++)
        {
            var members = new EnteringMember[GroupMembers];
            for (var k = 0; k < GroupMembers; k++) members[k] = new(new UserNumber((uint)MemberOf(i, k, _users)), k == 0 ? GroupRole.Owner : GroupRole.Member);
            state.Append(new MembersEntered(Number(i), default, EntryCause.Founded, JoinSource.Administration, default, HidesHistory: false, members),
                MemberFeeds.Of(Number(i), members.Select(member => member.User)));
        }
    }

    void SayInGroups(FoldedState state)
    {
        for (var i = 0; i < _groups; i++)
            state.Append(new MessageSent(Text(MemberOf(i, 0, _users), i)), FeedIds.Group(Number(i)));
    }

    void SayToPeers(FoldedState state)
    {
        for (var i = 0; i < _conversations; i++)
        {
            var (one, other) = PairOf(i, _users);
            var (sender, receiver) = (new UserNumber((uint)one), new UserNumber((uint)other));
            state.Append(new MessageSent(Text(one, i)), ConversationKey.Peer(sender, receiver).Feed, FeedIds.Inbox(sender), FeedIds.Inbox(receiver),
                FeedIds.Conversations(sender), FeedIds.Conversations(receiver));
        }
    }

    static Message Text(int sender, int index) => new(new UserNumber((uint)sender), $"{index:x32}", ContentKind.Text, Encoding.UTF8.GetBytes("hi"), 0, 1);

    static GroupNumber Number(int group) => new((uint)group + 1);

    static string GroupIdOf(int group) => $"group{group}";

    static int MemberOf(int group, int member, int users) => 1 + (int)(((((long)group * GroupMembers) + member) * Spread) % users);

    // Each round pairs every user with one further along, by less than half of the way around: all pairs differ.
    static (int One, int Other) PairOf(int conversation, int users)
    {
        var (user, round) = (conversation % users, conversation / users);
        return (1 + user, 1 + ((user + 1 + (round * (users / 32))) % users));
    }

    static long Settled() => GC.GetTotalMemory(forceFullCollection: true);
}
