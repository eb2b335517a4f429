using Parley.Core.Commands;
using Parley.Core.Groups;
using static Parley.Core.Tests.GroupScene;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>One row per command about groups: what becomes of it by whose hand. A command without a row fails the test below.</summary>
public sealed class GroupAuthorisationTests
{
    const Refusal Done = Refusal.None, No = Refusal.NotAllowed, Out = Refusal.NotAMember;

    /// <summary>In each group alice is the owner, bob an administrator, carol a member; dave has left, erin applied and frank is another administrator. The command is about carol where the name says nothing else.</summary>
    sealed record Row(string Name, Func<Actor, string, GroupCommand> Make, Refusal Owner, Refusal Leader, Refusal Member, Refusal Left, Refusal Outsider, Refusal Administration = Done);

    static readonly Row[] Table =
    [
        new("CreateGroup for alice", (by, id) => new CreateGroup(0, by, id + "-new", GroupKind.Super, GroupDetails.None, "alice", [], []), Done, No, No, No, No),
        new("ChangeGroup", (by, id) => new ChangeGroup(0, by, id, new GroupDetails { Name = "x" }), Done, Done, No, Out, Out),
        new("DismissGroup", (by, id) => new DismissGroup(0, by, id, false), Done, No, No, Out, Out),
        new("DismissGroup and remove", (by, id) => new DismissGroup(0, by, id, true), Done, No, No, Out, Out),
        new("TransferGroup", (by, id) => new TransferGroup(0, by, id, "carol"), Done, No, No, Out, Out),
        new("MuteGroup", (by, id) => new MuteGroup(0, by, id, true), Done, Done, No, Out, Out),
        new("MakeSuperGroup", (by, id) => new MakeSuperGroup(0, by, id), Done, No, No, Out, Out),
        new("JoinGroup as dave", (by, id) => new JoinGroup(0, by, id, "dave", "", "", JoinSource.Search, ""), No, No, No, Done, No),
        new("JoinGroup as erin", (by, id) => new JoinGroup(0, by, id, "erin", "", "", JoinSource.Search, ""), No, No, No, No, Done),
        new("JoinGroup as carol", (by, id) => new JoinGroup(0, by, id, "carol", "", "", JoinSource.Search, ""), No, No, Refusal.AlreadyMember, No, No, Refusal.AlreadyMember),
        new("InviteMembers", (by, id) => new InviteMembers(0, by, id, ["dave", "erin"], ""), Done, Done, Done, Out, Out),
        new("AnswerApplication: accept erin", (by, id) => new AnswerApplication(0, by, id, "erin", true, ""), Done, Done, No, Out, Out),
        new("AnswerApplication: refuse erin", (by, id) => new AnswerApplication(0, by, id, "erin", false, ""), Done, Done, No, Out, Out),
        new("QuitGroup as carol", (by, id) => new QuitGroup(0, by, id, "carol"), No, No, Done, No, No),
        new("QuitGroup as bob", (by, id) => new QuitGroup(0, by, id, "bob"), No, Done, No, No, No),
        new("QuitGroup as the owner", (by, id) => new QuitGroup(0, by, id, "alice"), No, No, No, No, No, No),
        new("QuitGroup as dave", (by, id) => new QuitGroup(0, by, id, "dave"), No, No, No, Out, No, Out),
        new("RemoveMembers: carol", (by, id) => new RemoveMembers(0, by, id, ["carol"], ""), Done, Done, No, Out, Out),
        new("RemoveMembers: carol and frank", (by, id) => new RemoveMembers(0, by, id, ["carol", "frank"], ""), Done, No, No, Out, Out),
        new("RemoveMembers: bob", (by, id) => new RemoveMembers(0, by, id, ["bob"], ""), Done, No, No, Out, Out),
        new("RemoveMembers: the owner", (by, id) => new RemoveMembers(0, by, id, ["alice"], ""), No, No, No, Out, Out, No),
        new("ChangeMember: carol's name", (by, id) => new ChangeMember(0, by, id, "carol", "C", null, null, null), Done, Done, Done, Out, Out),
        new("ChangeMember: bob's name", (by, id) => new ChangeMember(0, by, id, "bob", "B", null, null, null), Done, Done, No, Out, Out),
        new("ChangeMember: frank's name", (by, id) => new ChangeMember(0, by, id, "frank", "F", null, null, null), Done, No, No, Out, Out),
        new("ChangeMember: the owner's name", (by, id) => new ChangeMember(0, by, id, "alice", "A", null, null, null), Done, No, No, Out, Out),
        new("ChangeMember: dave's name", (by, id) => new ChangeMember(0, by, id, "dave", "D", null, null, null), Out, Out, Out, Out, Out, Out),
        new("ChangeMember: carol leads", (by, id) => new ChangeMember(0, by, id, "carol", null, null, null, GroupRole.Administrator), Done, No, No, Out, Out),
        new("ChangeMember: frank leads no more", (by, id) => new ChangeMember(0, by, id, "frank", null, null, null, GroupRole.Member), Done, No, No, Out, Out),
        new("ChangeMember: bob leads no more", (by, id) => new ChangeMember(0, by, id, "bob", null, null, null, GroupRole.Member), Done, No, No, Out, Out),
        new("ChangeMember: carol owns", (by, id) => new ChangeMember(0, by, id, "carol", null, null, null, GroupRole.Owner), No, No, No, Out, Out, No),
        new("ChangeMember: the owner leads", (by, id) => new ChangeMember(0, by, id, "alice", null, null, null, GroupRole.Administrator), No, No, No, Out, Out, No),
        new("MuteMember: carol", (by, id) => new MuteMember(0, by, id, "carol", 60), Done, Done, No, Out, Out),
        new("MuteMember: frank", (by, id) => new MuteMember(0, by, id, "frank", 60), Done, No, No, Out, Out),
        new("MuteMember: dave", (by, id) => new MuteMember(0, by, id, "dave", 60), Out, Out, Out, Out, Out, Out),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory, MemberData(nameof(Rows))]
    public async Task Each_command_is_carried_out_for_those_who_may_and_nobody_else(int index)
    {
        var row = Table[index];
        await using var core = await StartWithSixAsync();
        (string Who, Actor Actor, Refusal Refusal)[] actors =
        [
            ("owner", Actor.Of(Alice), row.Owner), ("administrator", Actor.Of(Bob), row.Leader), ("member", Actor.Of(Carol), row.Member), ("left", Actor.Of(Dave), row.Left),
            ("outsider", Actor.Of(Erin), row.Outsider), ("unregistered", Actor.Of(Nobody), No), ("nobody", default, No), ("administrator for an unknown user", new Actor(ActorKind.Administrator, Nobody), No),
            ("administration", Actor.Administrator, row.Administration), ("operator", Actor.Operator, row.Administration),
        ];
        for (var i = 0; i < actors.Length; i++)
        {
            var id = $"g{i}";
            await PrepareAsync(core, id);
            var before = await core.DigestAsync();
            var refusal = await core.TryAsync(row.Make(actors[i].Actor, id));
            Assert.True(refusal == actors[i].Refusal, $"{row.Name} by {actors[i].Who}: {refusal}");
            Assert.Equal(refusal != Refusal.None, before == await core.DigestAsync());
        }
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task A_dismissed_group_is_only_read(int index)
    {
        if (Table[index].Name.StartsWith(nameof(CreateGroup), StringComparison.Ordinal)) return;
        await using var core = await StartWithSixAsync();
        await PrepareAsync(core, "g");
        await core.DoAsync(new DismissGroup(0, Actor.Of(Alice), "g", RemovesMembers: false));
        foreach (var actor in new[] { Actor.Of(Bob), Actor.Of(Carol), Actor.Of(Alice), Actor.Administrator })
        {
            var command = Table[index].Make(actor, "g");
            // Its end may still be made one for the members' lists too; by then there are none.
            var expected = command is DismissGroup { RemovesMembers: true } && actor == Actor.Of(Alice) ? Refusal.None : Refusal.GroupDismissed;
            Assert.Equal(expected, await core.TryAsync(command));
        }

        Assert.Equal(Refusal.UnknownGroup, await core.TryAsync(Table[index].Make(Actor.Of(Alice), "other")));
    }

    [Fact]
    public void Every_command_about_groups_has_a_row()
    {
        var commands = typeof(GroupCommand).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(GroupCommand)));
        Assert.Empty(commands.Except(Table.Select(row => row.Make(Actor.Operator, "g").GetType())));
    }

    static async Task PrepareAsync(RunningCore core, string id)
    {
        await core.DoAsync(Create(id, members: ["carol", "dave"], administrators: ["bob", "frank"], kind: GroupKind.Normal));
        await core.DoAsync(new QuitGroup(0, Actor.Of(Dave), id, "dave"));
        await core.DoAsync(new JoinGroup(0, Actor.Of(Erin), id, "erin", "please", "", JoinSource.Search, ""));
    }
}
