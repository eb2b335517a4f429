using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
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
        new(nameof(SendMessage), (core, actor) => core.Sequencer.SubmitAsync(new SendMessage(0, actor, core.Text(Alice), Recipient.User("bob"), false)), true, false, true, true),
        new(nameof(MoveMark), (core, actor) => core.Sequencer.SubmitAsync(new MoveMark(0, actor, Alice, AliceAndBob, MarkKind.Read, 1)), true, false, true, true),
        new(nameof(ClearConversation), (core, actor) => core.Sequencer.SubmitAsync(new ClearConversation(0, actor, Alice, AliceAndBob, true)), true, false, true, true),
        // The sender may; the peer, who sees the message, may not, nor anyone else.
        new(nameof(RecallMessage), async (core, actor) => await core.Sequencer.SubmitAsync(new RecallMessage(0, actor, actor.User, await NewTargetAsync(core))), true, false, true, true),
        new(nameof(EditMessage), async (core, actor) => await core.Sequencer.SubmitAsync(new EditMessage(0, actor, actor.User, await NewTargetAsync(core), ContentKind.Text, "x"u8.ToArray())), true, false, true, true),
        new(nameof(DeleteMessages), async (core, actor) => await core.Sequencer.SubmitAsync(new DeleteMessages(0, actor, actor.User, [await NewTargetAsync(core)])), true, false, true, true),
        // In Alice's name.
        new(nameof(HideMessages), (core, actor) => core.Sequencer.SubmitAsync(new HideMessages(0, actor, Alice, AliceAndBob, [1], false)), true, false, true, true),
        new(nameof(React), async (core, actor) => await core.Sequencer.SubmitAsync(new React(0, actor, Alice, await NewTargetAsync(core), "x", false)), true, false, true, true),
        new(nameof(PinMessage), async (core, actor) => await core.Sequencer.SubmitAsync(new PinMessage(0, actor, Alice, await NewTargetAsync(core), true)), true, false, true, true),
        // What a user may take from everyone's sight, only administrators may take out of the log.
        new(nameof(EraseMessages), async (core, actor) => await core.Sequencer.SubmitAsync(new EraseMessages(0, actor, AliceAndBob, [(await NewTargetAsync(core)).Sequence])), false, false, true, true),
        new(nameof(EraseConversation), (core, actor) => core.Sequencer.SubmitAsync(new EraseConversation(0, actor, AliceAndBob, 1, long.MaxValue)), false, false, true, true),
        new(nameof(CutConversation), (core, actor) => core.Sequencer.SubmitAsync(new CutConversation(0, actor, AliceAndBob, 1)), false, false, true, true),
        // Not even the user.
        new(nameof(EraseUser), async (core, actor) =>
        {
            var id = Guid.NewGuid().ToString();
            await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new NewUser(id, "x")]));
            return await core.Sequencer.SubmitAsync(new EraseUser(0, actor, id));
        }, false, false, true, true),
        new(nameof(ChangeConversation), (core, actor) => core.Sequencer.SubmitAsync(new ChangeConversation(0, actor, Alice, AliceAndBob, new ConversationChange { IsPinned = true })), true, false, true, true),
        new(nameof(SendNotification), (core, actor) => core.Sequencer.SubmitAsync(new SendNotification(0, actor, "alice", Recipient.User("bob"), "key", "data", true)), false, false, true, true),
        // Its own inbox is no more a user's to write than another's.
        new(nameof(SaveToInboxes), (core, actor) => core.Sequencer.SubmitAsync(new SaveToInboxes(0, actor, Guid.NewGuid().ToString(), new RawContent(4, 1, "x"u8.ToArray()), [new("alice", 0)])), false, false, true, true),
        new(nameof(SaveToGroup), async (core, actor) =>
        {
            var group = Guid.NewGuid().ToString();
            await core.Sequencer.SubmitAsync(GroupScene.Create(group));
            return await core.Sequencer.SubmitAsync(new SaveToGroup(0, actor, "c1", new RawContent(4, 1, "x"u8.ToArray()), new(group, 0)));
        }, false, false, true, true),
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
        {
            var refusal = (await row.Submit(core, actor)).Refusal;
            // Who does not exist, or takes no part in the conversation, is told just that.
            Assert.True(may ? refusal == Refusal.None : refusal is Refusal.NotAllowed || (actor == Actor.Of(Nobody) && refusal == Refusal.UnknownUser), $"{row.Name} by {actor}: {refusal}");
        }
    }

    [Fact]
    public void Every_command_has_a_row()
    {
        // Groups, contacts and users have tables of their own, which hold themselves to the same.
        Type[] elsewhere = [typeof(ChangeProfile), typeof(SetUserValue)];
        var commands = typeof(Command).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Command)) && !type.IsAbstract && !type.IsSubclassOf(typeof(GroupCommand)) && !type.IsSubclassOf(typeof(ContactCommand)) && !elsewhere.Contains(type));
        Assert.Empty(commands.Select(type => type.Name).Except(Table.Select(row => row.Name)));
    }

    static async Task<MessageTarget> NewTargetAsync(RunningCore core)
    {
        var sent = await core.SendAsync(Alice, "bob");
        return (await core.Reader.FindAsync(0, Alice, AliceAndBob, sent.Sequence))!;
    }

    static TokenKey NewKey()
    {
        TokenKey.TryFrom(TokenKey.NewToken(), out var key);
        return key;
    }
}
