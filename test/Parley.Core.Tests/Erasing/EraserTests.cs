using System.Text;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using Parley.Store;
using Parley.Testing.Disks;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests.Erasing;

/// <summary>What was erased is in no file any more, and nothing else has changed.</summary>
public sealed class EraserTests
{
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);
    static readonly LogOptions Small = new() { SegmentBytes = 32 << 10, PrepareBytes = 8 << 10, MaxBatchBytes = 16 << 10 };

    [Fact]
    public async Task What_was_erased_is_in_no_file_and_everything_else_stays()
    {
        var cursor = new CrashingDisk(seed: 2);
        await using var core = await StartAsync(logOptions: Small);
        for (var i = 1; i <= 300; i++) await core.SendAsync(Alice, "bob", $"words of message {i} {new string('.', 100)}", $"client-id-{i}-");
        await EditAsync(core, 7, "other words for message 7 ");
        await EditAsync(core, 7, "!");
        await EditAsync(core, 8, "other words for message 8 ");
        Assert.True(core.Disk.List().Count(name => name.EndsWith(".segment", StringComparison.Ordinal)) > 2);
        Assert.True(IsInFiles(core.Disk, "words of message 7 ") && IsInFiles(core.Disk, "client-id-7-") && IsInFiles(core.Disk, "other words for message 7 "));

        await EraseAsync(core, 7, 299, 300);
        var before = Contents(core.Log);
        var outcome = await new Eraser(core.Log, core.Sequencer, cursor, TimeProvider.System).EraseAsync(default);
        Assert.Equal(new ErasureOutcome(1, 5, null), outcome);
        foreach (var gone in (int[])[7, 299, 300])
            foreach (var text in (string[])[$"words of message {gone} ", $"client-id-{gone}-", $"other words for message {gone} "]) Assert.False(IsInFiles(core.Disk, text), text);
        foreach (var left in (string[])["words of message 6 ", "words of message 8 ", "client-id-8-", "other words for message 8 "]) Assert.True(IsInFiles(core.Disk, left), left);

        var after = Contents(core.Log);
        Assert.Equal(5, before.Zip(after).Count(pair => !pair.First.Body.Span.SequenceEqual(pair.Second.Body.Span)));
        Assert.Equal(before.Select(record => (record.Position, record.Type, record.Time, record.Body.Length)), after.Select(record => (record.Position, record.Type, record.Time, record.Body.Length)));
        Assert.Empty(core.Log.Check().Problems);
        var state = await core.Sequencer.QueryAsync((live, _) => StateWritingTests.Written(live));
        Assert.Equal(state, StateWritingTests.Written(State.Replay(core.Log, core.Options.Dedupe, out _)));

        // Asked again, and by one that has lost its cursor.
        Assert.Equal(default, await new Eraser(core.Log, core.Sequencer, cursor, TimeProvider.System).EraseAsync(default));
        Assert.Equal(new ErasureOutcome(1, 0, null), await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System).EraseAsync(default));
    }

    /// <summary>A state holds nothing that was said, but the names of messages for a while.</summary>
    [Fact]
    public async Task Snapshots_made_before_are_replaced_by_those_made_after()
    {
        await using var core = await StartAsync(logOptions: Small);
        const string clientId = "client id";
        await core.SendAsync(Alice, "bob", "words of the message", clientId);
        var name = MessageName.Of(core.Text(Alice, clientId: clientId), AliceAndBob);
        var id = BitConverter.GetBytes((ulong)name.ClientId);
        await SnapshotAsync(core);
        Assert.True(IsIn(core.Disk, id, ".snapshot"));
        await EraseAsync(core, 1);
        await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System).EraseAsync(default);
        await SnapshotAsync(core);
        await core.SendAsync(Bob, "alice");
        await SnapshotAsync(core);
        Assert.False(IsIn(core.Disk, id, ".snapshot"));
        Assert.False(IsInFiles(core.Disk, "words of the message"));
    }

    [Fact]
    public async Task Everyone_is_told_as_of_a_deletion_and_finds_nothing()
    {
        await using var core = await StartAsync();
        for (var i = 1; i <= 3; i++) await core.SendAsync(Alice, "bob", "words", $"c{i}");
        var (bob, _) = await core.ConnectAsync("bob");
        await core.Sequencer.SubmitAsync(new EraseConversation(0, Actor.Administrator, AliceAndBob, 2, 50));
        var told = Assert.IsType<DeletionNotice>(Assert.IsType<NoticeDelivery>(Assert.Single(TakeAll(bob))).Notice);
        Assert.True(told.IsForAll && told.Sequences.SequenceEqual([2, 3]));
        var kept = Assert.Single(await new NoticeReader(core.Log, core.Sequencer).ReadAsync(0, AliceAndBob, Bob, 1, 10, 10));
        Assert.Equal(told.Sequences, ((DeletionNotice)kept.Notice!).Sequences);
        Assert.Equal(1, await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.TryView(AliceAndBob, Bob, out var view) ? view.Unread : -1));

        foreach (var isOverwritten in (bool[])[false, true])
        {
            if (isOverwritten) Assert.Equal(2, (await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System).EraseAsync(default)).Records);
            var messages = await core.Reader.ReadAsync(0, Bob, AliceAndBob, 1, 10, 10);
            Assert.Equal([(1, false), (2, true), (3, true)], messages.Select(message => ((int)message.Sequence, message.IsDeleted)));
            Assert.True(messages[1].Message.Body.IsEmpty && messages[1].SenderId == "alice");
            // Devices keep messages by that id.
            Assert.Equal(3, messages.Select(message => message.Message.ClientId).Distinct().Count(id => id.Length > 0));
        }
    }

    [Fact]
    public async Task The_id_of_an_erased_message_is_forgotten()
    {
        await using var core = await StartAsync();
        await core.SendAsync(Alice, "bob", "words", "c");
        Assert.Equal(Refusal.MessageIdReused, (await core.SendAsync(Alice, "bob", "other words", "c")).Refusal);
        await EraseAsync(core, 1);
        Assert.Equal(2, (await core.SendAsync(Alice, "bob", "other words", "c")).Sequence);
    }

    [Fact]
    public async Task What_was_recalled_or_deleted_before_is_erased_too()
    {
        await using var core = await StartAsync();
        await core.SendAsync(Alice, "bob", "words of one");
        await core.SendAsync(Alice, "bob", "words of two");
        await core.Sequencer.SubmitAsync(new RecallMessage(0, Actor.Of(Alice), Alice, (await core.Reader.FindAsync(0, Alice, AliceAndBob, 1))!));
        await core.Sequencer.SubmitAsync(new DeleteMessages(0, Actor.Of(Alice), Alice, [(await core.Reader.FindAsync(0, Alice, AliceAndBob, 2))!]));
        await EraseAsync(core, 1, 2);
        await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System).EraseAsync(default);
        Assert.False(IsInFiles(core.Disk, "words of"));
    }

    [Fact]
    public async Task What_does_not_exist_and_too_much_at_once_are_refused()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxMessagesPerCommand = 3 });
        for (var i = 0; i < 31; i++) await core.SendAsync(Alice, "bob");
        async Task<Refusal> TryAsync(Command command) => (await core.Sequencer.SubmitAsync(command)).Refusal;
        Assert.Equal(Refusal.UnknownMessage, await TryAsync(new EraseMessages(0, Actor.Operator, AliceAndBob, [1, 32])));
        Assert.Equal(Refusal.UnknownMessage, await TryAsync(new EraseMessages(0, Actor.Operator, AliceAndBob, [0])));
        Assert.Equal(Refusal.TooMany, await TryAsync(new EraseMessages(0, Actor.Operator, AliceAndBob, [1, 2, 3, 4])));
        Assert.Equal(Refusal.UnknownConversation, await TryAsync(new EraseMessages(0, Actor.Operator, ConversationKey.Peer(Alice, Carol), [1])));
        Assert.Equal(Refusal.UnknownConversation, await TryAsync(new EraseMessages(0, Actor.Operator, ConversationKey.Of(new(9)), [1])));
        Assert.Equal(Refusal.UnknownConversation, await TryAsync(new EraseMessages(0, Actor.Operator, default, [1])));
        Assert.Equal(Refusal.TooMany, await TryAsync(new EraseConversation(0, Actor.Operator, AliceAndBob, 1, 31)));
        Assert.Equal(Refusal.UnknownMessage, await TryAsync(new EraseConversation(0, Actor.Operator, AliceAndBob, 32, 40)));
        Assert.Equal(Refusal.UnknownMessage, await TryAsync(new EraseConversation(0, Actor.Operator, AliceAndBob, 3, 2)));
        Assert.Equal(Refusal.None, await TryAsync(new EraseConversation(0, Actor.Operator, AliceAndBob, 2, 31)));
        Assert.Equal(new ErasureOutcome(10, 30, null), await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System).EraseAsync(default));
    }

    [Fact]
    public async Task A_cursor_that_was_lost_or_damaged_repeats_what_is_done()
    {
        await using var core = await StartAsync();
        var disk = new CrashingDisk(seed: 5);
        for (var i = 1; i <= 4; i++)
        {
            await core.SendAsync(Alice, "bob", $"words of {i}");
            await EraseAsync(core, i);
            if (i == 3) disk.Flip("erased", 20);
            var outcome = await new Eraser(core.Log, core.Sequencer, disk, TimeProvider.System).EraseAsync(default);
            Assert.Equal((i == 3 ? 3 : 1, 1, null), (outcome.Erasures, outcome.Records, outcome.Failure));
            Assert.False(IsInFiles(core.Disk, "words of"));
        }
    }

    static Task<Outcome> EraseAsync(RunningCore core, params long[] sequences) => core.Sequencer.SubmitAsync(new EraseMessages(0, Actor.Administrator, AliceAndBob, sequences));

    static async Task EditAsync(RunningCore core, long sequence, string text)
    {
        var target = (await core.Reader.FindAsync(0, Alice, AliceAndBob, sequence))!;
        Assert.True((await core.Sequencer.SubmitAsync(new EditMessage(0, Actor.Of(Alice), Alice, target, ContentKind.Text, Encoding.UTF8.GetBytes(text)))).IsAccepted);
    }

    static async Task SnapshotAsync(RunningCore core)
    {
        using var snapshot = core.Log.BeginSnapshot(core.Log.CommittedPosition);
        snapshot.Body.Write(await core.Sequencer.QueryAsync((state, _) => StateWritingTests.Written(state)));
        await snapshot.CompleteAsync(CancellationToken.None);
    }

    static IReadOnlyList<LogRecord> Contents(Log log) => log.ReadFrom(1, int.MaxValue, int.MaxValue);

    static bool IsInFiles(CrashingDisk disk, string text) => IsIn(disk, Encoding.UTF8.GetBytes(text), "");

    static bool IsIn(CrashingDisk disk, byte[] bytes, string ending) => disk.List().Where(name => name.EndsWith(ending, StringComparison.Ordinal)).Any(name => disk.Bytes(name).AsSpan().IndexOf(bytes) >= 0);
}
