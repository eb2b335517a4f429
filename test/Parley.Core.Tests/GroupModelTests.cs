using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Lists;
using Parley.Core.Users;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>Random commands against a model that knows nothing of rows, links and feeds: lists of names. Clients that read only what changed end with the same lists.</summary>
public sealed class GroupModelTests
{
    const int UserCount = 12, Steps = 250;

    sealed class Group(string id, string owner)
    {
        public string Id { get; } = id;
        public string Owner { get; set; } = owner;
        public List<string> Administrators { get; } = [];
        public List<string> Others { get; } = [];
        public HashSet<string> Applicants { get; } = [];
        public Dictionary<string, long> LastOfWhoLeft { get; } = [];
        public bool IsOpen { get; set; }
        public bool IsDismissed { get; set; }
        public long Version { get; set; }
        public long Last { get; set; }

        public IEnumerable<string> Members => Owner.Length == 0 ? Administrators.Concat(Others) : Administrators.Concat(Others).Prepend(Owner);

        public int RoleOf(string user) => user == Owner ? 3 : Administrators.Contains(user) ? 2 : Others.Contains(user) ? 1 : 0;

        public void TakeOut(string user)
        {
            if (Owner == user) Owner = "";
            Administrators.Remove(user);
            Others.Remove(user);
        }
    }

    sealed class Model
    {
        public Dictionary<string, Group> Groups { get; } = [];
        public Dictionary<string, List<string>> GroupsOf { get; } = Enumerable.Range(1, UserCount).ToDictionary(Name, _ => new List<string>());
        public Dictionary<string, long> VersionOf { get; } = Enumerable.Range(1, UserCount).ToDictionary(Name, _ => 0L);

        public void Enter(Group group, string user)
        {
            group.LastOfWhoLeft.Remove(user);
            if (!GroupsOf[user].Contains(group.Id)) GroupsOf[user].Insert(0, group.Id);
            VersionOf[user]++;
        }

        public void Leave(Group group, string user)
        {
            group.TakeOut(user);
            group.LastOfWhoLeft[user] = group.Last;
            VersionOf[user]++;
        }
    }

    /// <summary>What a client has that only ever asks for what changed.</summary>
    sealed class Client
    {
        public long Version { get; set; }
        public HashSet<uint> Entries { get; } = [];
    }

    static string Name(int number) => number switch { 1 => "alice", 2 => "bob", 3 => "carol", _ => $"u{number}" };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Members_roles_orders_versions_and_lists_are_right_after_any_sequence_of_commands(int seed)
    {
        var random = new Random(seed);
        var core = await StartAsync();
        await core.DoAsync(new RegisterUsers(0, Actor.Operator, [.. Enumerable.Range(4, UserCount - 3).Select(number => new NewUser(Name(number), ""))]));
        var model = new Model();
        var clients = new Dictionary<string, Client>();
        var done = 0;
        for (var step = 0; step < Steps; step++)
        {
            var where = $"seed {seed}, step {step}";
            if (await StepAsync(core, random, model, where)) done++;
            await CompareAsync(core, random, model, where);
            if (random.Next(8) == 0) await SynchroniseAsync(core, model, clients, where);
        }

        await SynchroniseAsync(core, model, clients, $"seed {seed}, at the end");
        Assert.True(done > Steps / 4, $"seed {seed}: only {done} commands were carried out.");
        var digest = await core.DigestAsync();
        await core.DisposeAsync();
        await using var again = await StartAsync(disk: core.Disk);
        Assert.Equal(digest, await again.DigestAsync());
        await CompareAsync(again, random, model, $"seed {seed}, after a restart");
    }

    /// <returns>Whether the command was carried out.</returns>
    static async Task<bool> StepAsync(RunningCore core, Random random, Model model, string where)
    {
        string User() => Name(random.Next(UserCount) + 1);
        var (by, user) = (User(), User());
        var isManaging = random.Next(6) == 0;
        var actor = isManaging ? Actor.Administrator : Actor.Of(Number(by));
        if (model.Groups.Count == 0 || random.Next(12) == 0)
        {
            var others = Enumerable.Range(0, random.Next(6)).Select(_ => User()).Distinct().Where(other => other != by).ToArray();
            var group = new Group($"g{model.Groups.Count}", by) { Version = 2, Last = 1 };
            var leaders = others.Take(random.Next(3)).ToArray();
            group.Administrators.AddRange(leaders);
            group.Others.AddRange(others.Except(leaders));
            await core.DoAsync(new CreateGroup(0, actor, group.Id, random.Next(2) == 0 ? GroupKind.Normal : GroupKind.Super, GroupDetails.None, by, leaders, [.. others.Except(leaders)]));
            model.Groups.Add(group.Id, group);
            foreach (var member in group.Members) model.Enter(group, member);
            return true;
        }

        var subject = model.Groups[$"g{random.Next(model.Groups.Count)}"];
        // Most commands need someone who leads the group; left to chance, most would be refused.
        if (random.Next(2) == 0 && subject.Members.ToArray() is { Length: > 0 } members)
        {
            by = members[random.Next(Math.Min(members.Length, 1 + subject.Administrators.Count))];
            if (!isManaging) actor = Actor.Of(Number(by));
        }

        var (own, role) = (isManaging ? 4 : subject.RoleOf(by), subject.RoleOf(user));
        var (command, may, effect) = Any(random, subject, model, actor, own, by, user, role, User);
        var refusal = await core.TryAsync(command);
        Assert.True((refusal == Refusal.None) == (may && (!subject.IsDismissed || (command is DismissGroup { RemovesMembers: true } && subject.Members.Any()))), $"{where}: {command} by {by} ({own}) was answered {refusal}");
        if (refusal == Refusal.None) effect();
        return refusal == Refusal.None;
    }

    static (GroupCommand Command, bool May, Action Effect) Any(Random random, Group group, Model model, Actor actor, int own, string by, string user, int role, Func<string> another)
    {
        bool IsInCharge(int other) => own >= 3 || (own == 2 && other == 1);
        switch (random.Next(10))
        {
            case 0:
                var isOpen = random.Next(2) == 0;
                return (new ChangeGroup(0, actor, group.Id, new GroupDetails { JoinRule = isOpen ? JoinRule.Open : JoinRule.ApprovalUnlessInvited }), own >= 2, () =>
                {
                    if (group.IsOpen != isOpen) group.Version++;
                    group.IsOpen = isOpen;
                }
                );
            case 1:
                return (new JoinGroup(0, actor, group.Id, user, "", "", JoinSource.Search, ""), (own == 4 || by == user) && role == 0, () =>
                {
                    if (!group.IsOpen) group.Applicants.Add(user);
                    else Enter([user]);
                }
                );
            case 2 or 3:
                string[] invited = [user, another(), another()];
                return (new InviteMembers(0, actor, group.Id, invited, ""), own > 0, () => Enter(invited));
            case 4:
                var isAccepted = random.Next(3) > 0;
                return (new AnswerApplication(0, actor, group.Id, user, isAccepted, ""), own >= 2 && group.Applicants.Contains(user), () =>
                {
                    group.Applicants.Remove(user);
                    if (isAccepted) Enter([user]);
                }
                );
            case 5:
                return (new QuitGroup(0, actor, group.Id, user), (own == 4 || by == user) && role is (1 or 2), () => Leave([user]));
            case 6:
                string[] removed = [user, another()];
                return (new RemoveMembers(0, actor, group.Id, removed, ""),
                    own >= 2 && removed.All(other => group.RoleOf(other) == 0 || (IsInCharge(group.RoleOf(other)) && group.RoleOf(other) < 3)), () => Leave(removed));
            case 7:
                return (new TransferGroup(0, actor, group.Id, user), own >= 3 && role > 0, () =>
                {
                    if (group.Owner == user) return;
                    var previous = group.Owner;
                    group.TakeOut(user);
                    (group.Owner, group.Version, group.Last) = (user, group.Version + 1, group.Last + 1);
                    group.Others.Add(previous);
                }
                );
            case 8:
                var leads = random.Next(2) == 0;
                return (new ChangeMember(0, actor, group.Id, user, null, null, null, leads ? GroupRole.Administrator : GroupRole.Member),
                    role > 0 && role < 3 && (role == (leads ? 2 : 1) ? IsInCharge(role) || (own < 4 && by == user) : own >= 3), () =>
                    {
                        if (role == (leads ? 2 : 1)) return;
                        group.TakeOut(user);
                        (leads ? group.Administrators : group.Others).Add(user);
                        group.Version++;
                    }
                );
            default:
                // Rarely, or little else would be tested.
                if (random.Next(6) > 0) return (new ChangeGroup(0, actor, group.Id, GroupDetails.None), own >= 2, () => { });
                var removes = random.Next(2) == 0;
                return (new DismissGroup(0, actor, group.Id, removes), own >= 3, () =>
                {
                    if (!group.IsDismissed) (group.IsDismissed, group.Version, group.Last) = (true, group.Version + 1, group.Last + 1);
                    if (!removes) return;
                    foreach (var member in group.Members.ToArray()) model.Leave(group, member);
                    group.Version++;
                }
                );
        }

        void Enter(string[] users)
        {
            var coming = users.Distinct().Where(other => group.RoleOf(other) == 0).ToArray();
            if (coming.Length == 0) return;
            foreach (var other in coming)
            {
                group.Others.Add(other);
                model.Enter(group, other);
            }

            (group.Version, group.Last) = (group.Version + 1, group.Last + 1);
        }

        void Leave(string[] users)
        {
            var going = users.Distinct().Where(other => group.RoleOf(other) > 0).ToArray();
            if (going.Length == 0) return;
            foreach (var other in going) model.Leave(group, other);
            (group.Version, group.Last) = (group.Version + 1, group.Last + 1);
        }
    }

    static async Task CompareAsync(RunningCore core, Random random, Model model, string where)
    {
        var (start, count) = (random.Next(UserCount), random.Next(UserCount));
        await core.AskAsync(app =>
        {
            foreach (var group in model.Groups.Values)
            {
                Assert.True(app.Groups.TryFind(group.Id, out var number));
                var view = app.Groups.View(number);
                Assert.Equal((where, group.Version, group.Members.Count(), group.IsDismissed), (where, view.MembersVersion, view.MemberCount, view.IsDismissed));
                Assert.Equal((where, group.Last, group.Administrators.Count), (where, app.Groups.Row(number).Last, app.Members.AdministratorCount(number)));
                if (group.Owner.Length > 0) Assert.Equal(group.Owner, view.OwnerId);
                var members = app.Members.Page(number, 0, int.MaxValue).ToArray();
                Assert.Equal(group.Members.Prepend(where), members.Select(member => member.UserId).Prepend(where));
                Assert.Equal(group.Members.Select(group.RoleOf), members.Select(member => (int)member.Role));
                Assert.Equal(group.Members.Skip(start).Take(count), app.Members.Page(number, start, count).Select(member => member.UserId));
                Assert.Equal(group.Applicants.Order(), app.Applications.To(number).Where(application => application.Answer == Contacts.Answer.Open).Select(application => application.User.Id).Order());
            }

            foreach (var (user, groups) in model.GroupsOf)
            {
                Assert.Equal(groups.Prepend(where), app.Members.AllGroupsOf(Number(user)).Select(app.Groups.IdOf).Prepend(where));
                Assert.Equal(groups.Where(group => model.Groups[group].RoleOf(user) > 0), app.Members.GroupsOf(Number(user)).Select(app.Groups.IdOf));
                Assert.Equal((where, model.VersionOf[user], model.VersionOf[user]), (where, app.Users.Row(Number(user)).JoinedGroupsVersion, app.Conversations.VersionOf(Number(user))));
                foreach (var conversation in app.Conversations.Of(Number(user)))
                {
                    var group = model.Groups[conversation.Name.First];
                    var hasLeft = group.RoleOf(user) == 0;
                    Assert.Equal((where, user, hasLeft, hasLeft ? group.LastOfWhoLeft[user] : group.Last), (where, user, conversation.HasLeft, conversation.Last));
                }
            }

            return true;
        });
    }

    static async Task SynchroniseAsync(RunningCore core, Model model, Dictionary<string, Client> clients, string where)
    {
        var lists = new ListReader(core.Log);
        foreach (var group in model.Groups.Values)
        {
            var number = await core.AskAsync(app => app.Groups.TryFind(group.Id, out var found) ? found : default);
            CatchUp(ClientOf($"members of {group.Id}"), FeedIds.Members(number), group.Version, group.Members.Select(member => Number(member).Value),
                entry => group.RoleOf(Name((int)entry)) > 0);
        }

        foreach (var (user, version) in model.VersionOf)
        {
            var joined = model.Groups.Values.Where(group => group.RoleOf(user) > 0).Select(group => uint.Parse(group.Id[1..]) + 1).ToHashSet();
            CatchUp(ClientOf($"groups of {user}"), FeedIds.JoinedGroups(Number(user)), version, joined, joined.Contains);
        }

        Client ClientOf(string list) => clients.TryGetValue(list, out var client) ? client : clients[list] = new Client();

        void CatchUp(Client client, Store.Feeds.FeedId list, long version, IEnumerable<uint> expected, Func<uint, bool> isPresent)
        {
            if (client.Version < version)
            {
                var changes = lists.Changes(0, list, client.Version, version);
                Assert.NotNull(changes);
                foreach (var (entry, wasAdded) in changes)
                {
                    if (entry == Records.ListChanges.Subject) continue;
                    if (!isPresent((uint)entry)) client.Entries.Remove((uint)entry);
                    else if (wasAdded) client.Entries.Add((uint)entry);
                    else Assert.True(client.Entries.Contains((uint)entry), $"{where}: {entry} changed for a client that does not have it.");
                }

                client.Version = version;
            }

            Assert.True(client.Entries.SetEquals(expected), $"{where}: a client that reads changes alone has {string.Join(' ', client.Entries.Order())}");
        }
    }

    static UserNumber Number(string user) => new(user switch { "alice" => 1, "bob" => 2, "carol" => 3, _ => uint.Parse(user[1..]) });
}
