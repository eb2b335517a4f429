using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Sessions;
using Parley.Store.Feeds;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

public sealed class SequencerTests
{
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);

    [Fact]
    public async Task A_message_is_filed_in_its_conversation_and_both_inboxes()
    {
        await using var core = await StartAsync();
        for (var i = 1; i <= 3; i++) Assert.Equal(i, (await core.SendAsync(i % 2 == 0 ? Bob : Alice, i % 2 == 0 ? "alice" : "bob", $"m{i}")).Sequence);
        foreach (var feed in new[] { AliceAndBob.Feed, FeedIds.Inbox(Alice), FeedIds.Inbox(Bob) }) Assert.Equal(3, core.Log.Head(new FeedKey(0, feed)).Last);
        Assert.Equal(["m1", "m2", "m3"], await HistoryAsync(core, Alice));
        Assert.Equal(["m1", "m2", "m3"], await HistoryAsync(core, Bob));
        Assert.Empty(await HistoryAsync(core, Carol));
    }

    [Fact]
    public async Task A_repeat_gets_the_first_answer_and_another_body_under_the_same_id_is_refused()
    {
        await using var core = await StartAsync();
        var first = await core.SendAsync(Alice, "bob", "hello", "one");
        await core.SendAsync(Alice, "bob", "between");
        Assert.Equal(first, await core.SendAsync(Alice, "bob", "hello", "one"));
        Assert.Equal(Refusal.MessageIdReused, (await core.SendAsync(Alice, "bob", "other", "one")).Refusal);
        // The scope is sender and conversation.
        Assert.Equal(3, (await core.SendAsync(Bob, "alice", "hello", "one")).Sequence);
        Assert.Equal(1, (await core.SendAsync(Alice, "carol", "hello", "one")).Sequence);
        Assert.Equal(["hello", "between", "hello"], await HistoryAsync(core, Alice));
    }

    [Fact]
    public async Task A_repeat_after_a_restart_gets_the_first_answer()
    {
        var core = await StartAsync();
        var first = await core.SendAsync(Alice, "bob", "hello", "one");
        await core.DisposeAsync();
        await using var again = await StartAsync(disk: core.Disk);
        Assert.Equal(first, await again.SendAsync(Alice, "bob", "hello", "one"));
    }

    [Theory]
    [InlineData("bob", "", "id", Refusal.EmptyMessage)]
    [InlineData("nobody", "hi", "id", Refusal.UnknownUser)]
    [InlineData("bob", "hi", "", Refusal.InvalidId)]
    [InlineData("alice", "hi", "id", Refusal.ToSelf)]
    public async Task Refuses_what_is_no_message(string receiver, string text, string clientId, Refusal expected)
    {
        await using var core = await StartAsync();
        var outcome = await core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(Alice), core.Text(Alice, text, clientId), Recipient.User(receiver), AllowSelf: false));
        Assert.Equal(expected, outcome.Refusal);
        Assert.Equal(3, core.Log.CommittedPosition);
    }

    [Fact]
    public async Task Refuses_a_message_over_the_size_limit_and_takes_one_at_it()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxMessageBytes = 2_000 });
        var overhead = core.Text(Alice, "", "id-xx").Size;
        Assert.Equal(Refusal.TooLarge, (await core.SendAsync(Alice, "bob", new string('a', 2_001 - overhead), "id-xx")).Refusal);
        Assert.True((await core.SendAsync(Alice, "bob", new string('a', 2_000 - overhead), "id-yy")).IsAccepted);
    }

    [Fact]
    public async Task Both_sides_devices_get_the_message_and_strangers_do_not()
    {
        await using var core = await StartAsync();
        var (phone, _) = await core.ConnectAsync("alice", 1);
        var (web, _) = await core.ConnectAsync("alice", 5);
        var (bob, _) = await core.ConnectAsync("bob");
        var (carol, _) = await core.ConnectAsync("carol");
        var outcome = await core.SendAsync(Alice, "bob");
        foreach (var session in new[] { phone, web, bob })
        {
            var delivery = Assert.IsType<MessageDelivery>(Assert.Single(TakeAll(session)));
            Assert.Equal((outcome.Sequence, outcome.Position, "alice", "bob"), (delivery.Sequence, delivery.Position, delivery.SenderId, delivery.Conversation.PeerOf("alice")));
        }

        Assert.Empty(TakeAll(carol));
    }

    [Fact]
    public async Task A_transient_message_is_delivered_and_kept_nowhere()
    {
        await using var core = await StartAsync();
        var (bob, _) = await core.ConnectAsync("bob");
        var before = core.Log.CommittedPosition;
        var message = core.Text(Alice, "typing") with { Traits = MessageTraits.Transient };
        Assert.True((await core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(Alice), message, Recipient.User("bob"), false))).IsAccepted);
        Assert.Equal(0, Assert.IsType<MessageDelivery>(Assert.Single(TakeAll(bob))).Sequence);
        Assert.Equal(before, core.Log.CommittedPosition);
    }

    [Fact]
    public async Task The_answer_stands_before_the_echo_in_the_sessions_outbox()
    {
        await using var core = await StartAsync();
        var (alice, _) = await core.ConnectAsync("alice");
        var sent = new Submission(new SendMessage(0, Actor.Of(Alice), core.Text(Alice), Recipient.User("bob"), false), replyTo: alice.Outbox);
        await core.Sequencer.PostAsync(sent, default);
        await alice.Outbox.WaitAsync();
        Assert.Collection(TakeAll(alice), answer => Assert.Same(sent, answer), echo => Assert.IsType<MessageDelivery>(echo));
        Assert.True(sent.Outcome.IsAccepted);
    }

    [Fact]
    public async Task Marks_move_forward_only_and_never_beyond_the_last_message()
    {
        await using var core = await StartAsync();
        for (var i = 0; i < 5; i++) await core.SendAsync(Alice, "bob");
        Assert.Equal((5, 0), await MarksAsync(core));

        Task<Outcome> MoveAsync(long sequence, MarkKind kind = MarkKind.Read) => core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, kind, sequence));
        await MoveAsync(3);
        await MoveAsync(2);
        Assert.Equal((5, 3), await MarksAsync(core));
        await MoveAsync(99);
        Assert.Equal((5, 5), await MarksAsync(core));
        Assert.Equal(Refusal.UnknownConversation, (await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, ConversationKey.Peer(Bob, Carol), MarkKind.Read, 1))).Refusal);

        await MoveAsync(4, MarkKind.Minimum);
        Assert.Equal(2, (await HistoryAsync(core, Bob)).Length);
        Assert.Equal(5, (await HistoryAsync(core, Alice)).Length);
        await MoveAsync(99, MarkKind.Minimum);
        Assert.Empty(await HistoryAsync(core, Bob));
        await core.SendAsync(Alice, "bob", "new");
        Assert.Equal(["new"], await HistoryAsync(core, Bob));
    }

    [Fact]
    public async Task State_is_the_same_after_a_restart()
    {
        var core = await StartAsync();
        await core.SendAsync(Alice, "bob");
        await core.SendAsync(Carol, "carol");
        await core.IssueAsync("bob", 1);
        await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Read, 1));
        var before = await DescribeAsync(core);
        await core.DisposeAsync();
        await using var again = await StartAsync(disk: core.Disk);
        Assert.Equal(before, await DescribeAsync(again));
    }

    [Fact]
    public async Task A_failed_sync_answers_unknown_then_refuses_writes_and_goes_on_reading()
    {
        await using var core = await StartAsync();
        await core.SendAsync(Alice, "bob", "kept");
        core.Disk.FailNextSync = true;
        Assert.Equal(Refusal.OutcomeUnknown, (await core.SendAsync(Alice, "bob", "doubtful")).Refusal);
        Assert.Equal(Refusal.ReadOnly, (await core.SendAsync(Alice, "bob", "late")).Refusal);
        Assert.True(core.Sequencer.IsReadOnly);
        Assert.Equal(["kept"], await HistoryAsync(core, Bob));
    }

    [Fact]
    public async Task A_registration_is_taken_whole_or_not_at_all()
    {
        await using var core = await StartAsync();
        Assert.Equal(Refusal.UserExists, (await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new("dave", "D"), new("bob", "B")]))).Refusal);
        Assert.Equal(3, await core.Sequencer.QueryAsync((state, _) => state.App(0).Users.Count));
        Assert.Equal(Refusal.UserExists, (await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new("dave", "D"), new("dave", "D")]))).Refusal);
        Assert.True((await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [.. Enumerable.Range(0, 500).Select(i => new NewUser($"u{i}", "U"))]))).IsAccepted);
        Assert.Equal(503, await core.Sequencer.QueryAsync((state, _) => state.App(0).Users.Count));
    }

    [Fact]
    public async Task Apps_do_not_see_each_other()
    {
        await using var core = await StartAsync();
        Assert.True((await core.Sequencer.SubmitAsync(new RegisterUsers(7, Actor.Operator, [new("bob", "B"), new("alice", "A")]))).IsAccepted);
        Assert.True((await core.Sequencer.SubmitAsync(new SendMessage(7, Actor.Of(Alice), core.Text(Alice, "in seven"), Recipient.User("alice"), false))).IsAccepted);
        Assert.Empty(await HistoryAsync(core, Alice));
        Assert.Equal(["in seven"], await HistoryAsync(core, Alice, app: 7));
    }

    [Fact]
    public async Task Commands_left_at_the_end_are_refused_and_none_waits_for_ever()
    {
        var core = await StartAsync();
        var sending = Enumerable.Range(0, 200).Select(_ => core.SendAsync(Alice, "bob")).ToArray();
        await core.DisposeAsync();
        foreach (var outcome in await Task.WhenAll(sending)) Assert.Contains(outcome.Refusal, new[] { Refusal.None, Refusal.Stopping });
        Assert.Equal(Refusal.Stopping, (await core.SendAsync(Alice, "bob")).Refusal);
    }

    static async Task<string[]> HistoryAsync(RunningCore core, Users.UserNumber user, long app = 0)
    {
        var messages = await core.Reader.ReadAsync(app, user, AliceAndBob, 1, long.MaxValue, 1_000);
        return [.. messages.Select(message => System.Text.Encoding.UTF8.GetString(message.Message.Body.Span))];
    }

    static ValueTask<(long Alice, long Bob)> MarksAsync(RunningCore core) => core.Sequencer.QueryAsync((state, _) =>
    {
        state.App(0).Conversations.TryView(AliceAndBob, Alice, out var alice);
        state.App(0).Conversations.TryView(AliceAndBob, Bob, out var bob);
        return (alice.Read, bob.Read);
    });

    static ValueTask<string> DescribeAsync(RunningCore core) => core.Sequencer.QueryAsync((state, _) =>
    {
        var app = state.App(0);
        var users = Enumerable.Range(1, app.Users.Count).Select(n => new Users.UserNumber((uint)n));
        return string.Join('\n', users.Select(user => $"{app.Users.Profile(user)} {string.Join(',', app.Conversations.Of(user))} {string.Join(',', app.Tokens.Of(user))}"))
            + $"\n{state.Position} {state.Time} {app.RememberedCount}";
    });
}
