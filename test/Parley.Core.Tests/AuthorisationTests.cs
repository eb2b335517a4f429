using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Tokens;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>One row per command: who may, who may not. A command without a row fails the test below.</summary>
public sealed class AuthorisationTests
{
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);

    sealed record Row(string Name, Func<RunningCore, Actor, Task<Outcome>> Submit, bool Owner, bool Other, bool Administrator, bool Operator);

    static readonly Row[] Table =
    [
        new(nameof(SendMessage), (core, actor) => core.Sequencer.SubmitAsync(new SendMessage(0, actor, core.Text(Alice), "bob", false)), true, false, true, true),
        new(nameof(MoveMark), (core, actor) => core.Sequencer.SubmitAsync(new MoveMark(0, actor, Alice, AliceAndBob, MarkKind.Read, 1)), true, false, true, true),
        new(nameof(RegisterUsers), (core, actor) => core.Sequencer.SubmitAsync(new RegisterUsers(0, actor, [new NewUser(Guid.NewGuid().ToString(), "x")])), false, false, true, true),
        new(nameof(IssueToken), (core, actor) => core.Sequencer.SubmitAsync(new IssueToken(0, actor, "alice", 5, NewKey(), long.MaxValue)), false, false, true, true),
        new("IssueToken of an administrator", (core, actor) => core.Sequencer.SubmitAsync(new IssueToken(0, actor, null, 10, NewKey(), long.MaxValue)), false, false, false, true),
        new(nameof(RevokeTokens), (core, actor) => core.Sequencer.SubmitAsync(new RevokeTokens(0, actor, "alice", 6)), false, false, true, true),
        new(nameof(OpenSession), async (core, actor) =>
        {
            var key = await core.IssueAsync("alice", 5);
            return await core.Sequencer.SubmitAsync(new OpenSession(0, actor, key, 5), new(0, Alice, 5, "", key, new(16, 65_536)));
        }, true, false, false, false),
        new(nameof(AdjustSession), async (core, actor) =>
        {
            var (session, _) = await core.ConnectAsync("alice");
            return await core.Sequencer.SubmitAsync(new AdjustSession(0, actor, true, [], []), session);
        }, true, false, false, false),
        // Only the owner of a session object can name it, so that closing needs no right.
        new(nameof(CloseSession), async (core, actor) => await core.Sequencer.SubmitAsync(new CloseSession(0, actor), (await core.ConnectAsync("alice")).Session), true, true, true, true),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory, MemberData(nameof(Rows))]
    public async Task Each_command_is_carried_out_for_those_who_may_and_nobody_else(int index)
    {
        var row = Table[index];
        await using var core = await StartAsync();
        await core.SendAsync(Alice, "bob");
        (Actor Actor, bool May)[] actors =
        [
            (Actor.Of(Alice), row.Owner), (Actor.Of(Bob), row.Other), (Actor.Of(Nobody), row.Other),
            (Actor.Administrator, row.Administrator), (Actor.Operator, row.Operator), (default, row.Name == nameof(CloseSession)),
        ];
        foreach (var (actor, may) in actors)
            Assert.True((await row.Submit(core, actor)).Refusal == (may ? Refusal.None : Refusal.NotAllowed), $"{row.Name} by {actor}");
    }

    [Fact]
    public void Every_command_has_a_row()
    {
        var commands = typeof(Command).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Command))).Select(type => type.Name);
        Assert.Empty(commands.Except(Table.Select(row => row.Name)));
    }

    static TokenKey NewKey()
    {
        TokenKey.TryFrom(TokenKey.NewToken(), out var key);
        return key;
    }
}
