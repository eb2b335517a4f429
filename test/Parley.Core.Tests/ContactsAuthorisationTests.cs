using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Users;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>Who may change a user's contacts, profile and values: one row per command, all about alice.</summary>
public sealed class ContactsAuthorisationTests
{
    sealed record Row(string Name, Func<Actor, Command> Command, bool User = true);

    static readonly Row[] Table =
    [
        new(nameof(RequestFriend), actor => new RequestFriend(0, actor, "alice", "dave", "hi", "")),
        new(nameof(AnswerFriendRequest), actor => new AnswerFriendRequest(0, actor, "alice", "bob", true, "")),
        new(nameof(DeleteFriend), actor => new DeleteFriend(0, actor, "alice", "carol")),
        new(nameof(ChangeFriends), actor => new ChangeFriends(0, actor, "alice", ["carol"], "C", null, null)),
        new(nameof(ImportFriends), actor => new ImportFriends(0, actor, "alice", ["dave"]), User: false),
        new(nameof(BlockUser), actor => new BlockUser(0, actor, "alice", "dave", "")),
        new(nameof(UnblockUser), actor => new UnblockUser(0, actor, "alice", "erin")),
        new(nameof(ChangeProfile), actor => new ChangeProfile(0, actor, "alice", "A", null, null, ReceiveOption.Silent)),
        new(nameof(SetUserValue), actor => new SetUserValue(0, actor, "alice", UserValueSpace.Command, "1", "v")),
        new(nameof(SetUserValue) + " of a badge", actor => new SetUserValue(0, actor, "alice", UserValueSpace.Badge, "1", "3")),
        new(nameof(SetUserValue) + " of a push token", actor => new SetUserValue(0, actor, "alice", UserValueSpace.PushToken, "2", "t")),
        new(nameof(SetUserValue) + " of a client setting", actor => new SetUserValue(0, actor, "alice", UserValueSpace.ClientSetting, "1", "v"), User: false),
        new(nameof(SetUserValue) + " for everyone", actor => new SetUserValue(0, actor, "", UserValueSpace.ClientSetting, "1", "v"), User: false),
        new(nameof(RegisterUsers), actor => new RegisterUsers(0, actor, [new NewUser("frank", "F") { Level = UserLevel.Notification }]), User: false),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory, MemberData(nameof(Rows))]
    public async Task Each_command_is_carried_out_for_those_who_may_and_nobody_else(int index)
    {
        var row = Table[index];
        (Actor Actor, bool May)[] actors =
        [
            (Actor.Of(Alice), row.User), (Actor.Of(Bob), false), (Actor.Of(Nobody), false), (Actor.Of(UserNumber.Administration), false), (default, false),
            (Actor.Administrator, true), (Actor.Operator, true),
        ];
        foreach (var (actor, may) in actors)
        {
            // Each from the same beginning, so that none is refused because another was first.
            await using var core = await WithContactsAsync();
            var before = core.Log.CommittedPosition;
            Assert.True((await core.Sequencer.SubmitAsync(row.Command(actor))).Refusal == (may ? Refusal.None : Refusal.NotAllowed), $"{row.Name} by {actor}");
            Assert.Equal(may, core.Log.CommittedPosition > before);
        }
    }

    [Fact]
    public async Task Who_may_act_for_nobody_does_not_learn_who_exists()
    {
        await using var core = await WithContactsAsync();
        Assert.Equal(Refusal.NotAllowed, (await core.Sequencer.SubmitAsync(new BlockUser(0, Actor.Of(Bob), "nobody", "carol", ""))).Refusal);
        Assert.Equal(Refusal.UnknownUser, (await core.Sequencer.SubmitAsync(new BlockUser(0, Actor.Administrator, "nobody", "carol", ""))).Refusal);
        Assert.Equal(Refusal.NotAllowed, (await core.Sequencer.SubmitAsync(new ChangeProfile(0, Actor.Of(Bob), "nobody", "x", null, null, null))).Refusal);
        Assert.Equal(Refusal.UnknownUser, (await core.Sequencer.SubmitAsync(new SetUserValue(0, Actor.Operator, "", UserValueSpace.Command, "k", "v"))).Refusal);
    }

    [Fact]
    public void Every_command_has_a_row()
    {
        var commands = typeof(Command).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ContactCommand)) || type == typeof(ChangeProfile) || type == typeof(SetUserValue));
        Assert.Empty(commands.Select(type => type.Name).Except(Table.Select(row => row.Name)));
    }

    /// <summary>Bob asked alice; carol is her friend; she blocked erin.</summary>
    static async Task<RunningCore> WithContactsAsync()
    {
        var core = await StartAsync();
        Command[] commands =
        [
            new RegisterUsers(0, Actor.Operator, [new("dave", "Dave"), new("erin", "Erin")]),
            new RequestFriend(0, Actor.Of(Bob), "bob", "alice", "", ""),
            new ImportFriends(0, Actor.Administrator, "alice", ["carol"]),
            new BlockUser(0, Actor.Of(Alice), "alice", "erin", ""),
        ];
        foreach (var command in commands) Assert.Equal(Refusal.None, (await core.Sequencer.SubmitAsync(command)).Refusal);
        return core;
    }
}
