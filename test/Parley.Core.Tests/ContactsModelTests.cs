using Parley.Core.Commands;
using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Lists;
using Parley.Core.Users;

namespace Parley.Core.Tests;

/// <summary>Friends, requests and blocks against a model of plain lists; and what a device that was away makes of the changes since.</summary>
public sealed class ContactsModelTests
{
    const int Steps = 250;
    static readonly string[] Ids = ["alice", "bob", "carol", "dave", "erin", "frank"];

    // Small, so that every bound is met.
    static readonly CoreOptions Options = new() { MessageRate = 0, MaxContactsPerUser = 3, MaxOpenRequests = 3, MaxUsersPerCommand = 3 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 15)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Lists_are_right_after_any_sequence_of_commands_and_so_are_their_changes(int seed)
    {
        var random = new Random(seed);
        var core = await RunningCore.StartAsync(Options);
        await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [.. Ids.Skip(3).Select(id => new NewUser(id, id))]));
        foreach (var id in Ids) await core.Sequencer.SubmitAsync(new ChangeProfile(0, Actor.Operator, id, id, null, null, null));
        var model = new Model();
        var seen = new Dictionary<(string Owner, long Version), Dictionary<ulong, string>>();
        for (var step = 0; step < Steps; step++)
        {
            var where = $"seed {seed}, step {step}";
            var (command, expected) = model.Step(random, step);
            var refusal = (await core.Sequencer.SubmitAsync(command)).Refusal;
            Assert.True(expected == refusal, $"{where}: {command} is {refusal}, expected {expected}");
            await CompareAsync(core, model, where);
            await CatchUpAsync(core, random, seen, where);
        }

        await core.DisposeAsync();
        await using var again = await RunningCore.StartAsync(Options, core.Disk);
        await CompareAsync(again, model, $"seed {seed}, after a restart");
        foreach (var (owner, version) in seen.Keys.ToArray()) await CatchUpAsync(again, owner, version, seen[(owner, version)], $"seed {seed}, after a restart");
    }

    static async Task CompareAsync(RunningCore core, Model model, string where)
    {
        var (actual, expected) = (new List<string>(), new List<string>());
        await core.Sequencer.QueryAsync((state, _) =>
        {
            var (users, contacts) = (state.App(0).Users, state.App(0).Contacts);
            foreach (var id in Ids)
            {
                users.TryFind(id, out var owner);
                actual.AddRange(contacts.FriendsOf(owner).Select(Line));
                actual.AddRange(contacts.BlocksOf(owner).Select(block => $"{block.OwnerId} blocks {block.User.Id} {block.Extra}"));
                actual.AddRange(contacts.RequestsTo(owner).Select(Line));
                actual.AddRange(contacts.RequestsFrom(owner).Select(Line));
                actual.Add($"{contacts.FriendCount(owner)} {contacts.BlockCount(owner)} {contacts.FriendsVersion(owner)} {contacts.BlocksVersion(owner)}");
                actual.Add(string.Join(' ', contacts.ListersOf(owner).Select(users.IdOf).Order()));
                foreach (var other in Ids)
                {
                    users.TryFind(other, out var user);
                    Assert.Equal(contacts.FriendNumbersOf(owner).Contains(user), contacts.IsFriend(owner, user));
                    Assert.Equal(contacts.IsFriend(owner, user), contacts.TryFindFriend(owner, user, out var _));
                    Assert.Equal(contacts.IsBlocked(owner, user), contacts.TryFindBlock(owner, user, out var _));
                }
            }

            return 0;
        });

        foreach (var id in Ids)
        {
            expected.AddRange(model.FriendsOf(id).Select(friend => friend.Line(model.Nicknames)));
            expected.AddRange(model.Blocks.Where(block => block.Owner == id).Reverse().Select(block => $"{id} blocks {block.User} {block.Extra}"));
            expected.AddRange(model.Requests.Where(request => request.To == id).Reverse().Select(request => request.Line()));
            expected.AddRange(model.Requests.Where(request => request.From == id).Reverse().Select(request => request.Line()));
            expected.Add($"{model.FriendsOf(id).Count()} {model.Blocks.Count(block => block.Owner == id)} {model.FriendVersions[id]} {model.BlockVersions[id]}");
            expected.Add(string.Join(' ', model.Friends.Where(friend => friend.User == id).Select(friend => friend.Owner).Order()));
        }

        Assert.True(expected.SequenceEqual(actual), $"{where}: expected\n{Only(expected, actual)}\nbut was\n{Only(actual, expected)}");

        static string Only(IEnumerable<string> some, List<string> others) => string.Join('\n', some.Where((line, index) => index >= others.Count || others[index] != line).Take(10));
    }

    /// <summary>A device that saw some version of each list catches up.</summary>
    static async Task CatchUpAsync(RunningCore core, Random random, Dictionary<(string Owner, long Version), Dictionary<ulong, string>> seen, string where)
    {
        foreach (var owner in Ids)
        {
            var (version, now) = await ListAsync(core, owner);
            var since = random.Next((int)version + 1);
            if (seen.TryGetValue((owner, since), out var had)) await CatchUpAsync(core, owner, since, had, where);
            seen[(owner, version)] = now;
        }
    }

    static async Task CatchUpAsync(RunningCore core, string owner, long since, Dictionary<ulong, string> had, string where)
    {
        var (version, now) = await ListAsync(core, owner);
        if (since == version || version - since > 200) return;
        var number = await core.Sequencer.QueryAsync((state, _) => state.App(0).Users.TryFind(owner, out var found) ? found : default);
        var changes = new ListReader(core.Log).Changes(0, FeedIds.Friends(number), since, version)!;
        var caughtUp = new Dictionary<ulong, string>(had);
        foreach (var (entry, wasAdded) in changes)
        {
            if (entry == 0) continue;
            Assert.True(wasAdded || had.ContainsKey(entry), $"{where}: {entry} is new to {owner} since {since}, but is said to have changed");
            if (now.TryGetValue(entry, out var line)) caughtUp[entry] = line;
            else caughtUp.Remove(entry);
        }

        Assert.True(now.OrderBy(entry => entry.Key).SequenceEqual(caughtUp.OrderBy(entry => entry.Key)), $"{where}: {owner} since {since}");
    }

    static async Task<(long Version, Dictionary<ulong, string> List)> ListAsync(RunningCore core, string id) => await core.Sequencer.QueryAsync((state, _) =>
    {
        var contacts = state.App(0).Contacts;
        state.App(0).Users.TryFind(id, out var owner);
        return (contacts.FriendsVersion(owner), contacts.FriendsOf(owner).ToDictionary(friend => (ulong)friend.User.Number.Value, Line));
    });

    static string Line(Friend friend) => $"{friend.OwnerId} has {friend.User.Id} ({friend.User.Nickname}) {friend.Remark} {friend.Extra} {friend.IsPinned} {friend.Source}";

    static string Line(FriendRequest request) => $"{request.FromId} asked {request.ToId} {request.Message} {request.Answer} {request.AnswerMessage}";

    sealed class Model
    {
        public sealed record Entry(string Owner, string User, FriendSource Source, int Step, string Remark = "", string Extra = "", bool IsPinned = false)
        {
            public string Line(Dictionary<string, string> nicknames) => $"{Owner} has {User} ({nicknames[User]}) {Remark} {Extra} {IsPinned} {Source}";
        }

        public sealed record Asked(string From, string To, string Message, Answer Answer = Answer.Open, string AnswerMessage = "")
        {
            public string Line() => $"{From} asked {To} {Message} {Answer} {AnswerMessage}";
        }

        public List<Entry> Friends { get; } = [];
        public List<(string Owner, string User, string Extra)> Blocks { get; } = [];
        public List<Asked> Requests { get; } = [];
        public Dictionary<string, string> Nicknames { get; } = Ids.ToDictionary(id => id);
        public Dictionary<string, long> FriendVersions { get; } = Ids.ToDictionary(id => id, _ => 0L);
        public Dictionary<string, long> BlockVersions { get; } = Ids.ToDictionary(id => id, _ => 0L);

        public IEnumerable<Entry> FriendsOf(string owner) => Friends.Where(friend => friend.Owner == owner)
            .OrderByDescending(friend => friend.IsPinned).ThenBy(friend => friend.Step).ThenBy(friend => Array.IndexOf(Ids, friend.User));

        /// <summary>Draws a command, and says what should come of it.</summary>
        public (Command Command, Refusal Expected) Step(Random random, int step)
        {
            var (user, other) = (Ids[random.Next(Ids.Length)], Ids[random.Next(Ids.Length)]);
            var actor = Actor.Of(new UserNumber((uint)Array.IndexOf(Ids, user) + 1));
            var text = $"text{step}";
            switch (random.Next(12))
            {
                case <= 2: return (new RequestFriend(0, actor, user, other, text, ""), Request(user, other, text));
                case 3 or 4:
                    // Mostly one that is open: answering nothing is dull.
                    var open = Requests.Where(request => request.Answer == Answer.Open).ToArray();
                    if (open.Length > 0 && random.Next(4) > 0 && open[random.Next(open.Length)] is var asked) (other, user) = (asked.From, asked.To);
                    var accepts = random.Next(3) > 0;
                    return (new AnswerFriendRequest(0, Actor.Administrator, user, other, accepts, text), AnswerTo(user, other, accepts, text, step));
                case 5:
                    if (Friends.RemoveAll(friend => friend.Owner == user && friend.User == other) > 0) FriendVersions[user]++;
                    return (new DeleteFriend(0, actor, user, other), Refusal.None);
                case 6 or 7:
                    string[] noted = [other, .. random.Next(2) == 0 ? [] : new[] { Ids[random.Next(Ids.Length)] }];
                    var (remark, pinned, extra) = (random.Next(2) == 0 ? text : null, random.Next(3) is var pin && pin == 0 ? (bool?)null : pin == 1, random.Next(2) == 0 ? "" : null);
                    return (new ChangeFriends(0, actor, user, noted, remark, pinned, extra), Note(user, noted, remark, pinned, extra));
                case 8:
                    string[] imported = [other, Ids[random.Next(Ids.Length)]];
                    return (new ImportFriends(0, Actor.Operator, user, imported), Import(user, imported, step));
                case 9:
                    if (user == other) return (new BlockUser(0, actor, user, other, text), Refusal.ToSelf);
                    var isBlocked = Blocks.Any(block => block.Owner == user && block.User == other);
                    if (!isBlocked && Blocks.Count(block => block.Owner == user) >= Options.MaxContactsPerUser) return (new BlockUser(0, actor, user, other, text), Refusal.TooMany);
                    if (!isBlocked)
                    {
                        Blocks.Add((user, other, text));
                        BlockVersions[user]++;
                    }

                    return (new BlockUser(0, actor, user, other, text), Refusal.None);
                case 10:
                    if (Blocks.RemoveAll(block => block.Owner == user && block.User == other) > 0) BlockVersions[user]++;
                    return (new UnblockUser(0, actor, user, other), Refusal.None);
                default:
                    Nicknames[user] = text;
                    foreach (var lister in Friends.Where(friend => friend.User == user)) FriendVersions[lister.Owner]++;
                    return (new ChangeProfile(0, actor, user, text, null, null, null), Refusal.None);
            }
        }

        Refusal Request(string from, string to, string message)
        {
            if (from == to) return Refusal.ToSelf;
            if (Blocks.Any(block => block.Owner == to && block.User == from)) return Refusal.Blocked;
            if (Has(from, to) && Has(to, from)) return Refusal.AlreadyFriends;
            if (!HasRoom(from, to)) return Refusal.TooMany;
            if (Requests.RemoveAll(request => request.From == from && request.To == to) == 0)
            {
                var forgotten = new List<Asked>();
                foreach (var side in new[] { Requests.Where(request => request.To == to).ToArray(), [.. Requests.Where(request => request.From == from)] })
                {
                    if (side.Length < Options.MaxOpenRequests) continue;
                    if (side.FirstOrDefault(request => request.Answer != Answer.Open) is not { } oldest) return Refusal.TooMany;
                    forgotten.Add(oldest);
                }

                Requests.RemoveAll(forgotten.Contains);
            }

            Requests.Add(new Asked(from, to, message));
            return Refusal.None;
        }

        Refusal AnswerTo(string user, string from, bool accepts, string message, int step)
        {
            var at = Requests.FindIndex(request => request.From == from && request.To == user);
            if (at < 0) return Refusal.UnknownRequest;
            if (Requests[at].Answer != Answer.Open) return Refusal.RequestAnswered;
            if (accepts && !(HasRoom(user, from) && HasRoom(from, user))) return Refusal.TooMany;
            Requests[at] = Requests[at] with { Answer = accepts ? Answer.Accepted : Answer.Refused, AnswerMessage = message };
            if (!accepts) return Refusal.None;
            var back = Requests.FindIndex(request => request.From == user && request.To == from);
            if (back >= 0 && Requests[back].Answer == Answer.Open) Requests[back] = Requests[back] with { Answer = Answer.Accepted };
            Befriend(user, [from], FriendSource.Request, step);
            return Refusal.None;
        }

        Refusal Import(string user, string[] others, int step)
        {
            others = [.. others.Distinct()];
            if (others.Contains(user)) return Refusal.ToSelf;
            if (FriendsOf(user).Count() + others.Count(other => !Has(user, other)) > Options.MaxContactsPerUser || others.Any(other => !HasRoom(other, user))) return Refusal.TooMany;
            Befriend(user, others, FriendSource.Import, step);
            return Refusal.None;
        }

        Refusal Note(string user, string[] others, string? remark, bool? isPinned, string? extra)
        {
            if (others.Any(other => !Has(user, other))) return Refusal.NotFriends;
            if (remark is null && isPinned is null && extra is null) return Refusal.None;
            for (var i = 0; i < Friends.Count; i++)
            {
                var friend = Friends[i];
                if (friend.Owner != user || !others.Contains(friend.User)) continue;
                Friends[i] = friend with { Remark = remark ?? friend.Remark, IsPinned = isPinned ?? friend.IsPinned, Extra = extra ?? friend.Extra };
            }

            FriendVersions[user]++;
            return Refusal.None;
        }

        void Befriend(string user, string[] others, FriendSource source, int step)
        {
            var added = others.Where(other => !Has(user, other)).ToArray();
            var adding = others.Where(other => !Has(other, user)).ToArray();
            if (added.Length > 0) FriendVersions[user]++;
            foreach (var other in adding) FriendVersions[other]++;
            Friends.AddRange(added.Select(other => new Entry(user, other, source, step)));
            Friends.AddRange(adding.Select(other => new Entry(other, user, source, step)));
        }

        bool Has(string owner, string user) => Friends.Any(friend => friend.Owner == owner && friend.User == user);

        bool HasRoom(string owner, string user) => Has(owner, user) || FriendsOf(owner).Count() < Options.MaxContactsPerUser;
    }
}
