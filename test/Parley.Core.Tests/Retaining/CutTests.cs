using System.Text;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using Parley.Core.Storage;
using Parley.Core.Users;
using Parley.Testing.Disks;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests.Retaining;

/// <summary>A conversation that was cut begins later for everybody, and nothing of what was before is left.</summary>
public sealed class CutTests
{
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);
    static readonly ConversationKey Group = ConversationKey.Of(new GroupNumber(1));

    [Fact]
    public async Task Nobody_sees_what_was_cut_and_what_hung_on_it_is_forgotten()
    {
        await using var core = await StartAsync();
        for (var i = 1; i <= 6; i++) await core.SendAsync(Alice, "bob", $"words of {i}", $"c{i}");
        var second = (await core.Reader.FindAsync(0, Alice, AliceAndBob, 2))!;
        await core.Sequencer.SubmitAsync(new EditMessage(0, Actor.Of(Alice), Alice, second, ContentKind.Text, "words of an edit"u8.ToArray()));
        await core.Sequencer.SubmitAsync(new React(0, Actor.Of(Bob), Bob, second, "+1", false));
        await core.Sequencer.SubmitAsync(new PinMessage(0, Actor.Of(Alice), Alice, second, true));
        await core.Sequencer.SubmitAsync(new HideMessages(0, Actor.Of(Bob), Bob, AliceAndBob, [1, 5], false));
        var (bob, _) = await core.ConnectAsync("bob");

        Assert.True((await core.Sequencer.SubmitAsync(new CutConversation(0, Actor.Operator, AliceAndBob, 3))).IsAccepted);
        Assert.Empty(TakeAll(bob));
        foreach (var user in (UserNumber[])[Alice, Bob])
        {
            var view = await ViewAsync(core, AliceAndBob, user);
            Assert.Equal((6, 4, user == Bob ? 2 : 0), ((int)view.Last, (int)view.Minimum, (int)view.Unread));
            Assert.Equal([4, 5, 6], (await core.Reader.ReadAsync(0, user, AliceAndBob, 1, 10, 10)).Select(message => (int)message.Sequence));
        }

        Assert.Null(await core.Reader.FindAsync(0, UserNumber.Administration, AliceAndBob, 3));
        foreach (var actor in (Actor[])[Actor.Of(Alice), Actor.Administrator])
            Assert.Equal(Refusal.UnknownMessage, (await core.Sequencer.SubmitAsync(new RecallMessage(0, actor, actor.User, second))).Refusal);
        var (operations, hidden, reactions, pins) = await core.Sequencer.QueryAsync((state, _) => state.App(0) is var app
            ? (app.Conversations.OperationsIn(AliceAndBob, 1, 10).Count, app.Conversations.HiddenIn(AliceAndBob, Bob, 1, 10), app.Reactions.Of(AliceAndBob, 2).Count, app.Pins.In(AliceAndBob).Count) : default);
        Assert.Equal((0, 0, 0), (operations, reactions, pins));
        Assert.Equal([5], hidden);

        // The names are free again, and what is left keeps its own.
        Assert.Equal(7, (await core.SendAsync(Alice, "bob", "other words", "c3")).Sequence);
        Assert.Equal(4, (await core.SendAsync(Alice, "bob", "words of 4", "c4")).Sequence);

        Assert.Equal(4, (await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System).EraseAsync(default)).Records);
        foreach (var gone in (string[])["words of 1", "words of 2", "words of 3", "words of an edit"]) Assert.False(IsInFiles(core.Disk, gone), gone);
        Assert.True(IsInFiles(core.Disk, "words of 4"));
        Assert.Empty(core.Log.Check().Problems);
        var live = await core.Sequencer.QueryAsync((state, _) => StateWritingTests.Written(state));
        Assert.Equal(live, StateWritingTests.Written(State.Replay(core.Log, core.Options.Dedupe, out _)));
    }

    [Fact]
    public async Task A_conversation_without_any_message_left_goes_on()
    {
        await using var core = await StartAsync();
        for (var i = 1; i <= 3; i++) await core.SendAsync(Alice, "bob");
        await core.Sequencer.SubmitAsync(new CutConversation(0, Actor.Operator, AliceAndBob, long.MaxValue));
        var view = await ViewAsync(core, AliceAndBob, Bob);
        Assert.Equal((3, 4, 0), ((int)view.Last, (int)view.Minimum, (int)view.Unread));
        Assert.Empty(await core.Reader.ReadAsync(0, Bob, AliceAndBob, 1, 10, 10));
        Assert.Contains(AliceAndBob, await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.Of(Bob).Select(one => one.Key).ToArray()));
        Assert.True((await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(Bob), Bob, AliceAndBob, MarkKind.Read, 2))).IsAccepted);
        Assert.True((await core.Sequencer.SubmitAsync(new ClearConversation(0, Actor.Of(Bob), Bob, AliceAndBob, true))).IsAccepted);
        Assert.Equal(4, (await core.SendAsync(Alice, "bob", "again")).Sequence);
        Assert.Equal((4, 1), ((int)(await ViewAsync(core, AliceAndBob, Bob)).Minimum, (int)(await ViewAsync(core, AliceAndBob, Bob)).Unread));
        Assert.Equal(4, Assert.Single(await core.Reader.ReadAsync(0, Bob, AliceAndBob, 1, 10, 10)).Sequence);
    }

    [Fact]
    public async Task A_group_begins_there_for_who_comes_later_and_for_who_has_left_too()
    {
        await using var core = await StartAsync();
        await core.Sequencer.SubmitAsync(GroupScene.Create(members: ["bob"], kind: GroupKind.Normal));
        for (var i = 1; i <= 5; i++) await core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(Alice), core.Text(Alice) with { Mentions = ["bob"] }, Recipient.Group("g"), AllowSelf: false));
        var last = await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.LastSequence(Group));
        await core.Sequencer.SubmitAsync(new QuitGroup(0, Actor.Of(Bob), "g", "bob"));
        await core.Sequencer.SubmitAsync(new CutConversation(0, Actor.Operator, Group, last - 2));
        Assert.Equal(last - 1, (await ViewAsync(core, Group, Alice)).Minimum);
        Assert.Equal(last - 1, (await ViewAsync(core, Group, Bob)).Minimum);
        Assert.True((await core.Sequencer.SubmitAsync(new InviteMembers(0, Actor.Administrator, "g", ["bob"], ""))).IsAccepted);
        Assert.Equal(last - 1, (await core.Reader.ReadAsync(0, Bob, Group, 1, 100, 100))[0].Sequence);

        var storage = new StorageReader(core.Log, core.Sequencer, core.Reader);
        Assert.Equal(last - 1, (await storage.ReadGroupAsync(0, new Addressee("g", 0), null, 0, 0, 100, 1 << 20)).Entries[0].Sequence);
        // The inbox leaves nothing out, and shows nothing of what was cut.
        var inbox = await storage.ReadInboxAsync(0, new Addressee("alice", 0), 0, 100, 1 << 20);
        Assert.All(inbox.Entries.Where(entry => entry.Message.Sequence <= last - 2), entry => Assert.True(entry.Message.IsDeleted && entry.Message.Message.Body.IsEmpty));
    }

    [Fact]
    public async Task It_moves_forward_only_and_is_told_when_it_is_to_be()
    {
        await using var core = await StartAsync();
        for (var i = 1; i <= 4; i++) await core.SendAsync(Alice, "bob");
        async Task<Refusal> CutAsync(ConversationKey key, long upTo, long before = 0) => (await core.Sequencer.SubmitAsync(new CutConversation(0, Actor.Operator, key, upTo) { SentBefore = before, TellsDevices = true })).Refusal;
        Assert.Equal(Refusal.UnknownConversation, await CutAsync(ConversationKey.Peer(Alice, Carol), 1));
        Assert.Equal(Refusal.UnknownConversation, await CutAsync(ConversationKey.Of(new GroupNumber(9)), 1));
        Assert.Equal(Refusal.UnknownConversation, await CutAsync(default, 1));
        // Whoever says that all of it is older must not be wrong.
        Assert.Equal(Refusal.UnknownMessage, await CutAsync(AliceAndBob, 4, before: 5));

        var (bob, _) = await core.ConnectAsync("bob");
        Assert.Equal(Refusal.None, await CutAsync(AliceAndBob, 2));
        var told = Assert.IsType<ConversationNotice>(Assert.IsType<NoticeDelivery>(Assert.Single(TakeAll(bob))).Notice);
        Assert.Equal((ConversationEvent.Cut, AliceAndBob), (told.Event, told.Conversations[0].Key));
        var position = core.Log.CommittedPosition;
        Assert.Equal(Refusal.None, await CutAsync(AliceAndBob, 1));
        Assert.Equal(Refusal.None, await CutAsync(AliceAndBob, 0));
        Assert.Equal(position, core.Log.CommittedPosition);
        Assert.Equal(3, (await ViewAsync(core, AliceAndBob, Bob)).Minimum);
    }

    static Task<ConversationView> ViewAsync(RunningCore core, ConversationKey key, UserNumber user)
        => core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.TryView(key, user, out var view) ? view : default).AsTask();

    static bool IsInFiles(CrashingDisk disk, string text) => disk.List().Any(name => disk.Bytes(name).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
}
