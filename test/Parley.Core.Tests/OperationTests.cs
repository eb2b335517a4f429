using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

public sealed class OperationTests
{
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);

    [Fact]
    public async Task A_recall_reaches_both_sides_once_stays_in_their_notices_and_leaves_nothing_to_read()
    {
        await using var core = await StartAsync();
        await core.SendAsync(Alice, "bob", "secret");
        var (bob, _) = await core.ConnectAsync("bob");
        var outcome = await core.Sequencer.SubmitAsync(new RecallMessage(0, Actor.Of(Alice), Alice, await TargetAsync(core)));
        Assert.True(outcome.IsAccepted);

        var delivery = Assert.IsType<NoticeDelivery>(Assert.Single(TakeAll(bob)));
        var told = Assert.IsType<RecallNotice>(delivery.Notice);
        Assert.Equal((1, 1, "alice", "alice", outcome.Time), (delivery.Sequence, told.Recall.Sequence, told.Recall.RevokerId, told.Recall.SenderId, told.Recall.RecalledAt));
        var kept = Assert.Single(await new NoticeReader(core.Log, core.Sequencer).ReadAsync(0, AliceAndBob, Bob, 1, 10, 10));
        Assert.Equal(told, kept.Notice);

        Assert.Empty(await new NoticeReader(core.Log, core.Sequencer).ReadAsync(0, AliceAndBob, Carol, 1, 10, 10));
        foreach (var user in new[] { Alice, Bob })
        {
            var message = Assert.Single(await core.Reader.ReadAsync(0, user, AliceAndBob, 1, 10, 10));
            Assert.Equal(told.Recall, message.Recall);
            Assert.True(message.Message.Body.IsEmpty);
        }

        Assert.Equal(Refusal.MessageGone, (await core.Sequencer.SubmitAsync(new RecallMessage(0, Actor.Of(Alice), Alice, await TargetAsync(core)))).Refusal);
    }

    [Fact]
    public async Task After_the_window_only_administrators_recall_and_edit()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, RecallWindow = TimeSpan.FromTicks(10), EditWindow = TimeSpan.FromTicks(10) });
        await core.SendAsync(Alice, "bob");
        await core.SendAsync(Alice, "bob");
        var target = await TargetAsync(core);
        Assert.Equal(Refusal.TooLate, (await core.Sequencer.SubmitAsync(new RecallMessage(0, Actor.Of(Alice), Alice, target))).Refusal);
        Assert.Equal(Refusal.TooLate, (await core.Sequencer.SubmitAsync(new EditMessage(0, Actor.Of(Alice), Alice, target, ContentKind.Text, "x"u8.ToArray()))).Refusal);
        Assert.Equal(Refusal.TooLate, (await core.Sequencer.SubmitAsync(new DeleteMessages(0, Actor.Of(Alice), Alice, [target]))).Refusal);
        Assert.True((await core.Sequencer.SubmitAsync(new RecallMessage(0, Actor.Administrator, default, target))).IsAccepted);
    }

    [Fact]
    public async Task A_message_of_others_or_one_that_is_out_of_sight_can_not_be_touched()
    {
        await using var core = await StartAsync();
        await core.SendAsync(Alice, "bob");
        Assert.Null(await core.Reader.FindAsync(0, Carol, AliceAndBob, 1));
        Assert.Null(await core.Reader.FindAsync(0, Bob, AliceAndBob, 2));
        var target = await TargetAsync(core);
        foreach (var command in new Command[]
        {
            new RecallMessage(0, Actor.Of(Bob), Bob, target),
            new EditMessage(0, Actor.Of(Bob), Bob, target, ContentKind.Text, "x"u8.ToArray()),
            new DeleteMessages(0, Actor.Of(Bob), Bob, [target]),
        }) Assert.Equal(Refusal.NotAllowed, (await core.Sequencer.SubmitAsync(command)).Refusal);
        Assert.Equal(Refusal.UnknownConversation, (await core.Sequencer.SubmitAsync(new React(0, Actor.Of(Carol), Carol, target, "x", false))).Refusal);
        await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Minimum, 2));
        Assert.Equal(Refusal.UnknownMessage, (await core.Sequencer.SubmitAsync(new React(0, Actor.Of(Bob), Bob, target, "x", false))).Refusal);
    }

    [Fact]
    public async Task Reactions_and_pins_are_counted_once_and_go_with_their_message()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxReactionsPerMessage = 2, MaxPinnedMessages = 1 });
        await core.SendAsync(Alice, "bob");
        await core.SendAsync(Alice, "bob");
        var (first, second) = (await TargetAsync(core), await TargetAsync(core, 2));
        Task<Outcome> ReactAsync(Users.UserNumber user, string text, bool isRemoved = false) => core.Sequencer.SubmitAsync(new React(0, Actor.Of(user), user, first, text, isRemoved));
        await ReactAsync(Bob, "👍");
        await ReactAsync(Bob, "👍");
        await ReactAsync(Alice, "👍");
        Assert.Equal(Refusal.TooMany, (await ReactAsync(Bob, "🎉")).Refusal);
        Assert.Equal([new Reaction(Bob, "👍"), new Reaction(Alice, "👍")], await core.Sequencer.QueryAsync((state, _) => state.App(0).Reactions.Of(AliceAndBob, 1)));
        await ReactAsync(Bob, "👍", isRemoved: true);
        await ReactAsync(Bob, "👍", isRemoved: true);

        Assert.True((await core.Sequencer.SubmitAsync(new PinMessage(0, Actor.Of(Bob), Bob, first, true))).IsAccepted);
        Assert.Equal(Refusal.TooMany, (await core.Sequencer.SubmitAsync(new PinMessage(0, Actor.Of(Bob), Bob, second, true))).Refusal);
        Assert.Equal([1], await core.Sequencer.QueryAsync((state, _) => state.App(0).Pins.In(AliceAndBob)));
        await core.Sequencer.SubmitAsync(new RecallMessage(0, Actor.Of(Alice), Alice, first));
        Assert.Equal((0, 0), await core.Sequencer.QueryAsync((state, _) => (state.App(0).Reactions.Of(AliceAndBob, 1).Count, state.App(0).Pins.In(AliceAndBob).Count)));
        Assert.Equal(Refusal.MessageGone, (await ReactAsync(Bob, "👍")).Refusal);
    }

    [Fact]
    public async Task What_a_peer_read_is_told_to_both_and_kept_for_who_was_away()
    {
        await using var core = await StartAsync();
        for (var i = 0; i < 3; i++) await core.SendAsync(Alice, "bob");
        var (alice, _) = await core.ConnectAsync("alice");
        var (bob, _) = await core.ConnectAsync("bob");
        await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Read, 2));
        await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Read, 3));
        foreach (var session in new[] { alice, bob })
        {
            var told = TakeAll(session).Cast<NoticeDelivery>().ToArray();
            Assert.Equal([1L, 2L], told.Select(delivery => delivery.Sequence));
            Assert.Equal([("bob", 0L, 2L), ("bob", 2L, 3L)], told.Select(delivery => (ReadNotice)delivery.Notice).Select(read => (read.ReaderId, read.From, read.To)));
        }

        var kept = await new NoticeReader(core.Log, core.Sequencer).ReadAsync(0, AliceAndBob, Alice, 1, 10, 10);
        Assert.Equal([(1L, 2L), (2L, 3L)], kept.Select(stored => (stored.Sequence, ((ReadNotice)stored.Notice!).To)));
    }

    [Fact]
    public async Task Who_answers_has_read_and_the_others_hear_of_it()
    {
        await using var core = await StartAsync();
        for (var i = 0; i < 3; i++) await core.SendAsync(Alice, "bob");
        await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Read, 1));
        var (alice, _) = await core.ConnectAsync("alice");
        var (bob, _) = await core.ConnectAsync("bob");
        await core.SendAsync(Bob, "alice");
        await core.SendAsync(Bob, "alice");
        foreach (var session in new[] { alice, bob })
        {
            var read = Assert.Single(TakeAll(session).OfType<NoticeDelivery>());
            Assert.Equal((new ReadNotice(await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.NameOf(AliceAndBob)), "bob", 1, 3), 2), ((ReadNotice)read.Notice, (int)read.Sequence));
        }
    }

    [Fact]
    public async Task Who_clears_has_read_for_their_own_count_and_the_peer_hears_nothing()
    {
        await using var core = await StartAsync();
        for (var i = 0; i < 3; i++) await core.SendAsync(Alice, "bob");
        var (alice, _) = await core.ConnectAsync("alice");
        var (bob, _) = await core.ConnectAsync("bob");
        await core.Sequencer.SubmitAsync(new ClearConversation(0, Actor.Of(Bob), Bob, AliceAndBob, TellsOwnDevices: true));
        var view = await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.TryView(AliceAndBob, Bob, out var found) ? found : default);
        Assert.Equal((3, 4, 0), (view.Read, view.Minimum, view.Unread));
        Assert.Empty(TakeAll(alice));
        Assert.Equal(ConversationEvent.Cleared, Assert.IsType<ConversationNotice>(Assert.Single(TakeAll(bob).Cast<NoticeDelivery>()).Notice).Event);
        Assert.Empty(await new NoticeReader(core.Log, core.Sequencer).ReadAsync(0, AliceAndBob, Alice, 1, 10, 10));
    }

    /// <summary>The mark is the larger part of the batch's, and what the message moved does not hide it.</summary>
    [Fact]
    public async Task Reading_and_answering_in_one_batch_is_told_once()
    {
        await using var core = await StartAsync();
        await core.SendAsync(Alice, "bob");
        await core.SendAsync(Alice, "bob");
        var (alice, _) = await core.ConnectAsync("alice");
        await Task.WhenAll(
            core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Read, 1)),
            core.SendAsync(Bob, "alice"),
            core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Read, 3)));
        var read = TakeAll(alice).OfType<NoticeDelivery>().Select(delivery => (ReadNotice)delivery.Notice).ToArray();
        Assert.Equal((0, 2), (read.Min(notice => notice.From), read.Max(notice => notice.To)));
    }

    [Fact]
    public async Task Settings_are_the_users_own_except_that_messages_burn()
    {
        await using var core = await StartAsync();
        var (bob, _) = await core.ConnectAsync("bob");
        async Task<ConversationSettings[]> SettingsAsync() => await core.Sequencer.QueryAsync((state, _)
            => new[] { Alice, Bob }.Select(user => state.App(0).Conversations.SettingsOf(AliceAndBob, user)).ToArray());

        await core.Sequencer.SubmitAsync(new ChangeConversation(0, Actor.Of(Alice), Alice, AliceAndBob, new ConversationChange { IsPinned = true, Extra = "mine" }));
        Assert.Equal([new ConversationSettings { IsPinned = true, Extra = "mine" }, ConversationSettings.Default], await SettingsAsync());
        Assert.Empty(TakeAll(bob));
        // Nothing was said yet: the conversation is in the list of who set something, and nobody else's.
        Assert.Equal((1, 0), await core.Sequencer.QueryAsync((state, _) => (state.App(0).Conversations.Of(Alice).Count(), state.App(0).Conversations.Of(Bob).Count())));

        await core.Sequencer.SubmitAsync(new ChangeConversation(0, Actor.Of(Alice), Alice, AliceAndBob, new ConversationChange { IsPrivate = true }));
        Assert.All(await SettingsAsync(), settings => Assert.True(settings.IsPrivate));
        Assert.Contains(TakeAll(bob).Cast<NoticeDelivery>(), delivery => delivery.Notice is ConversationNotice { Event: ConversationEvent.PrivateChanged, IsPrivate: true });
        Assert.Equal(Refusal.UnknownConversation,
            (await core.Sequencer.SubmitAsync(new ChangeConversation(0, Actor.Of(Carol), Carol, AliceAndBob, new ConversationChange { IsPinned = true }))).Refusal);
    }

    [Fact]
    public async Task Every_change_of_a_conversation_is_one_version_of_its_users_list()
    {
        await using var core = await StartAsync();
        var lists = new Lists.ListReader(core.Log);
        async Task<long> VersionAsync() => await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.VersionOf(Bob));
        await core.SendAsync(Alice, "bob");
        await core.SendAsync(Alice, "bob");
        Assert.Equal(1, await VersionAsync());
        await core.Sequencer.SubmitAsync(new ChangeConversation(0, Actor.Of(Bob), Bob, AliceAndBob, new ConversationChange { IsPinned = true }));
        await core.Sequencer.SubmitAsync(new ChangeConversation(0, Actor.Of(Bob), Bob, AliceAndBob, new ConversationChange { IsPinned = true }));
        Assert.Equal(2, await VersionAsync());
        Assert.Equal([new(AliceAndBob.Feed.Value, true)], lists.Changes(0, FeedIds.Conversations(Bob), 0, 1)!);
        Assert.Equal([new(AliceAndBob.Feed.Value, false)], lists.Changes(0, FeedIds.Conversations(Bob), 0, 2)!);
        Assert.Equal([new(AliceAndBob.Feed.Value, false)], lists.Changes(0, FeedIds.Conversations(Bob), 1, 2)!);
    }

    static async Task<MessageTarget> TargetAsync(RunningCore core, long sequence = 1) => (await core.Reader.FindAsync(0, Alice, AliceAndBob, sequence))!;
}
