using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Messages;
using Parley.Store;
using Parley.Store.Feeds;
using Parley.Testing;
using Parley.Testing.Disks;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>Repeats of messages that memory has forgotten.</summary>
public sealed class PastMessagesTests
{
    static readonly LogOptions Small = new() { SegmentBytes = 32 << 10, PrepareBytes = 8 << 10, MaxBatchBytes = 16 << 10 };
    static readonly TimeSpan Late = TimeSpan.FromMinutes(31);

    readonly ManualTime _time = new();
    readonly CrashingDisk _disk = new(seed: 1);
    readonly CoreOptions _options = new() { MessageRate = 0 };

    async Task<RunningCore> NewAsync()
    {
        var core = await AgainAsync(_disk);
        await core.RegisterAsync();
        return core;
    }

    Task<RunningCore> AgainAsync(CrashingDisk disk) => StartAsync(_options, disk, Small, _time);

    /// <summary>As a client sends it that tells when it made the message.</summary>
    static Task<Outcome> SendAsync(RunningCore core, long createdAt, string clientId = "late", string text = "hello", string to = "bob")
        => core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(Alice), core.Text(Alice, text, clientId) with { CreatedAt = createdAt }, Recipient.User(to), AllowSelf: true));

    long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    static async Task FillAsync(RunningCore core, int messages = 300)
    {
        for (var i = 0; i < messages; i++) Assert.True((await core.SendAsync(Bob, "carol", new string('.', 400))).IsAccepted);
    }

    static Task<int> RememberedAsync(RunningCore core) => core.Sequencer.QueryAsync((state, _) => state.App(0).RememberedCount).AsTask();

    [Fact]
    public async Task A_repeat_gets_the_first_answer_long_after_memory_forgot()
    {
        await using var core = await NewAsync();
        var made = NowMs;
        var first = await SendAsync(core, made);
        await FillAsync(core);
        foreach (var pause in (TimeSpan[])[Late, TimeSpan.FromDays(1), TimeSpan.FromDays(5)])
        {
            _time.Advance(pause);
            await core.SendAsync(Bob, "alice");
            Assert.Equal(first, await SendAsync(core, made));
            Assert.Equal(first, await SendAsync(core, 0));
        }

        Assert.Equal(1, await RememberedAsync(core));
        // Six days and a half hour are over.
        _time.Advance(TimeSpan.FromDays(1));
        var anew = await SendAsync(core, made);
        Assert.True(anew.IsAccepted && anew.Position > first.Position);
        Assert.Equal(anew, await SendAsync(core, made));
        _time.Advance(Late);
        Assert.Equal(anew, await SendAsync(core, made));
    }

    [Fact]
    public async Task Whether_it_lies_in_a_full_segment_or_in_the_one_that_is_written()
    {
        await using var core = await NewAsync();
        var made = NowMs;
        var old = await SendAsync(core, made, "old");
        await FillAsync(core);
        var young = await SendAsync(core, made, "young");
        _time.Advance(Late);
        Assert.Equal((old, young), (await SendAsync(core, made, "old"), await SendAsync(core, made, "young")));
        Assert.Contains(core.Disk.List(), name => name.EndsWith(".keys", StringComparison.Ordinal));
        Assert.True(core.Log.Check().IsSound);
    }

    [Fact]
    public async Task Another_message_under_a_name_that_was_used_is_refused()
    {
        await using var core = await NewAsync();
        var made = NowMs;
        await SendAsync(core, made);
        _time.Advance(Late);
        Assert.Equal(Refusal.MessageIdReused, (await SendAsync(core, made, text: "something else")).Refusal);
    }

    [Fact]
    public async Task The_same_id_in_another_conversation_or_of_another_sender_or_app_is_another_message()
    {
        await using var core = await NewAsync();
        var made = NowMs;
        var first = await SendAsync(core, made);
        _time.Advance(Late);
        var toCarol = await SendAsync(core, made, to: "carol");
        var ofBob = await core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(Bob), core.Text(Bob, "hello", "late") with { CreatedAt = made }, Recipient.User("alice"), false));
        Assert.Equal(3, new HashSet<long> { first.Position, toCarol.Position, ofBob.Position }.Count);
        Assert.Equal((Refusal.None, 2L), (ofBob.Refusal, ofBob.Sequence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_restart_too(bool withSnapshot)
    {
        var core = await NewAsync();
        var made = NowMs;
        var first = await SendAsync(core, made);
        await FillAsync(core);
        _time.Advance(Late);
        await core.SendAsync(Bob, "alice");
        var disk = _disk;
        if (withSnapshot)
        {
            using var snapshot = core.Log.BeginSnapshot(core.Log.CommittedPosition);
            State.Replay(core.Log, _options.Dedupe, out _).Write(snapshot.Body);
            await snapshot.CompleteAsync(default);
            await core.DisposeAsync();
        }
        else
        {
            disk = _disk.AfterProcessCrash();
        }

        await using (core = await AgainAsync(disk))
        {
            Assert.Equal(withSnapshot, core.Sequencer.SnapshotPosition > 0);
            Assert.Equal(first, await SendAsync(core, made));
            Assert.Equal(Refusal.MessageIdReused, (await SendAsync(core, made, text: "something else")).Refusal);
        }
    }

    [Fact]
    public async Task An_erased_message_is_not_found_before_its_bytes_are_gone_nor_after()
    {
        await using var core = await NewAsync();
        var made = NowMs;
        var first = await SendAsync(core, made);
        var deleted = await SendAsync(core, made, "deleted");
        await FillAsync(core);
        var peers = ConversationKey.Peer(Alice, Bob);
        Assert.True((await core.Sequencer.SubmitAsync(new EraseMessages(0, Actor.Administrator, peers, [first.Sequence]))).IsAccepted);
        Assert.True((await core.Sequencer.SubmitAsync(new DeleteMessages(0, Actor.Administrator, default, [(await core.Reader.FindAsync(0, Alice, peers, deleted.Sequence))!]))).IsAccepted);
        _time.Advance(Late);
        await core.SendAsync(Bob, "alice");
        // What was only deleted has still been sent.
        Assert.Equal(deleted, await SendAsync(core, made, "deleted"));
        var again = await SendAsync(core, made, text: "other words");
        Assert.True(again.IsAccepted && again.Position > first.Position);
        Assert.True((await core.Sequencer.SubmitAsync(new EraseMessages(0, Actor.Administrator, peers, [again.Sequence]))).IsAccepted);
        Assert.Equal(2, (await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), _time).EraseAsync(default)).Records);
        var last = await SendAsync(core, made);
        Assert.True(last.IsAccepted && last.Position > again.Position);
    }

    [Fact]
    public async Task What_a_back_end_saved_is_known_too()
    {
        await using var core = await NewAsync();
        await core.DoAsync(GroupScene.Create(members: ["bob"]));
        var content = new RawContent(4, 7, "saved"u8.ToArray());
        SaveCommand[] saves =
        [
            new SaveToInboxes(0, Actor.Administrator, "save", content, [new("carol", 0), new("alice", 0)]),
            new SaveToGroup(0, Actor.Administrator, "save", content, new("g", 0)),
        ];
        foreach (var save in saves)
        {
            var first = await core.Sequencer.SubmitAsync(save);
            Assert.True(first.IsAccepted);
            await FillAsync(core);
            _time.Advance(Late);
            await core.SendAsync(Bob, "alice");
            Assert.Equal(first, (await core.Sequencer.SubmitAsync(save)) with { Sequence = first.Sequence });
            Assert.Equal(Refusal.MessageIdReused, (await core.Sequencer.SubmitAsync(save with { Content = new RawContent(4, 7, "other"u8.ToArray()) })).Refusal);
        }

        var others = (SaveToInboxes)saves[0] with { Users = [new("alice", 0)] };
        Assert.Equal(Refusal.MessageIdReused, (await core.Sequencer.SubmitAsync(others)).Refusal);
    }

    /// <summary>Clocks that say nothing useful, within what is promised of them.</summary>
    [Theory]
    [InlineData(0), InlineData(14), InlineData(-600), InlineData(100_000), InlineData(long.MaxValue), InlineData(long.MinValue)]
    public async Task Whatever_the_senders_clock_says(long minutesAhead)
    {
        await using var core = await NewAsync();
        var made = Math.Abs((decimal)minutesAhead) > int.MaxValue ? minutesAhead : NowMs + (minutesAhead * 60_000);
        var first = await SendAsync(core, made);
        for (var pause = TimeSpan.FromMinutes(31); pause < TimeSpan.FromDays(3); pause *= 2)
        {
            _time.Advance(pause);
            await core.SendAsync(Bob, "alice");
            Assert.Equal(first, await SendAsync(core, made));
        }
    }

    [Fact]
    public async Task An_ordinary_send_reads_nothing()
    {
        await using var core = await NewAsync();
        await FillAsync(core);
        await SendAsync(core, 0);
        var keys = core.Disk.List().Where(name => name.EndsWith(".keys", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(keys);
        var before = keys.Sum(core.Disk.ReadsOf);
        for (var i = 0; i < 10; i++) await SendAsync(core, NowMs, $"new-{i}");
        Assert.Equal(before, keys.Sum(core.Disk.ReadsOf));
        await SendAsync(core, NowMs - 1_000_000, "new");
        Assert.True(keys.Sum(core.Disk.ReadsOf) >= before + keys.Count);
    }

    [Fact]
    public async Task What_can_not_be_read_is_refused_and_not_sent_twice()
    {
        var core = await NewAsync();
        var made = NowMs;
        await SendAsync(core, made);
        await FillAsync(core);
        _time.Advance(Late);
        await core.DisposeAsync();
        foreach (var name in _disk.List().Where(name => name.EndsWith(".keys", StringComparison.Ordinal)).ToList()) _disk.Remove(name);
        await using var again = await AgainAsync(_disk);
        _disk.Flip("00000001.segment", 700, 1);
        var before = again.Log.CommittedPosition;
        Assert.Equal(Refusal.OutcomeUnknown, (await SendAsync(again, made)).Refusal);
        Assert.Equal(before, again.Log.CommittedPosition);
        Assert.True((await SendAsync(again, NowMs, "new")).IsAccepted);
    }

    /// <summary>Every message has one of three keys.</summary>
    [Fact]
    public async Task Who_has_the_key_of_a_name_need_not_have_the_name()
    {
        var core = await NewAsync();
        var first = await SendAsync(core, NowMs);
        await FillAsync(core);
        _time.Advance(Late);
        await core.SendAsync(Bob, "alice");
        await core.DisposeAsync();

        // They hold other keys.
        foreach (var name in _disk.List().Where(name => name.EndsWith(".keys", StringComparison.Ordinal)).ToList()) _disk.Remove(name);
        await using var log = await Log.OpenAsync(_disk, Small, _time);
        var keys = new MessageKeys(mask: 3);
        log.UseKeys(keys.Records);
        var state = State.Replay(log, _options.Dedupe, out _);
        var past = new PastMessages(log, keys, _options.Dedupe, _time, new Lock(), () => state);
        async Task<PastMessage?> FindAsync(string clientId, string to)
            => (await past.FindAsync(new SendMessage(0, Actor.Of(Alice), core.Text(Alice, clientId: clientId), Recipient.User(to), AllowSelf: true), default)).Past;
        Assert.Equal(first.Position, (await FindAsync("late", "bob"))!.Message.Position);
        Assert.Null(await FindAsync("late", "carol"));
        for (var i = 0; i < 20; i++) Assert.Null(await FindAsync($"never-{i}", "bob"));
    }

    [Fact]
    public async Task Dedupe_that_is_kept_no_longer_than_memory_forgets()
    {
        _options.Dedupe.KeptFor = _options.Dedupe.Window;
        await using var core = await NewAsync();
        var first = await SendAsync(core, NowMs);
        _time.Advance(Late);
        Assert.NotEqual(first, await SendAsync(core, 0));
    }

    [Fact]
    public void Names_have_the_keys_that_their_records_have()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var writer = new Records.TaggedWriter();
        for (var i = 0; i < 500; i++)
        {
            var clientId = i % 3 == 0 ? Guid.NewGuid().ToString("N") : new string((char)random.Next(1, 0xD7FF), random.Next(1, 20));
            var message = new Message(new((uint)random.Next(1, 9)), clientId, ContentKind.Text, new byte[random.Next(1, 50)], 1, 1);
            var key = ConversationKey.Peer(message.Sender, new((uint)random.Next(1, 9)));
            writer.Clear();
            new Records.MessageSent(message).Write(writer);
            Assert.Equal(MessageKeys.Default.KeyOf(5, 3, MessageName.Of(message, key)), MessageKeys.Default.Records.Of(5, Records.RecordTypes.MessageSent, 3, [new Filing(key.Feed, 1)], writer.Written));
            Assert.NotEqual(MessageKeys.Default.KeyOf(6, 3, MessageName.Of(message, key)), MessageKeys.Default.KeyOf(5, 3, MessageName.Of(message, key)));

            var saved = new Records.MessageSaved(clientId, new byte[3], 9);
            writer.Clear();
            saved.Write(writer);
            var inbox = FeedIds.Inbox(message.Sender);
            Assert.Equal(MessageKeys.Default.KeyOf(5, 3, saved.NameIn(inbox)), MessageKeys.Default.Records.Of(5, Records.RecordTypes.MessageSaved, 3, [new Filing(inbox, 1)], writer.Written));

            var junk = new byte[random.Next(60)];
            random.NextBytes(junk);
            _ = MessageKeys.Default.Records.Of(5, (ushort)random.Next(20), 3, [new Filing(key.Feed, 1)], junk);
        }
    }
}
