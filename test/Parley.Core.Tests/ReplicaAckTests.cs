using System.Diagnostics.Metrics;
using System.Text;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Storage;
using Parley.Core.Users;
using Parley.Store;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Core.Tests;

/// <summary>A server that acknowledges only what a replica has.</summary>
public sealed class ReplicaAckTests : IAsyncLifetime
{
    const string Name = "second";
    static readonly UserNumber Alice = new(1), Bob = new(2);
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);

    readonly ManualTime _time = new();
    readonly CancellationTokenSource _stopping = new();
    readonly CoreOptions _options = new() { MessageRate = 0, ReplicaAck = 1 };
    Log _log = null!;
    Sequencer _sequencer = null!;
    Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _log = await Log.OpenAsync(new CrashingDisk(seed: 1), new LogOptions { SegmentBytes = 1 << 20, PrepareBytes = 256 << 10, MaxBatchBytes = 64 << 10 }, _time);
        _sequencer = Sequencer.Open(_log, _options, _time, new CoreMetrics(new Meters()));
        _running = _sequencer.RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await _log.DisposeAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task Nothing_is_answered_or_shown_before_the_replica_has_it()
    {
        using var attached = _sequencer.Replicas.Attach(Name, 0)!;
        var registering = RegisterAsync("alice");
        await _log.WaitPastAsync(0, default);
        var counting = CountAsync();
        Assert.False(registering.IsCompleted || counting.IsCompleted);
        Assert.Equal(0, _sequencer.CommittedPosition);
        Assert.True(_sequencer.Replicas.Acknowledge(attached.Id, 1));
        Assert.Equal((Refusal.None, 1), ((await registering).Refusal, await counting));
        Assert.Equal(1, _sequencer.CommittedPosition);
    }

    [Fact]
    public async Task Without_its_replica_it_takes_nothing_and_shows_what_the_replica_has()
    {
        var attached = _sequencer.Replicas.Attach(Name, 0)!;
        await AcknowledgedAsync(attached, RegisterAsync("alice"), 1);
        attached.Dispose();
        Assert.False(_sequencer.Replicas.Acknowledge(attached.Id, 2));

        var registering = RegisterAsync("bob");
        await _log.WaitPastAsync(1, default);
        await _time.WhenWaitingAsync(_options.ReplicaLease);
        _time.Advance(_options.ReplicaLease);
        Assert.Equal(Refusal.OutcomeUnknown, (await registering).Refusal);
        Assert.True(_sequencer.IsSuspended);
        Assert.Equal((1, Refusal.ReadOnly), (await CountAsync(), (await RegisterAsync("carol")).Refusal));

        // Back, it first copies what it lacks. The unknown turns out to be there, and the repeat to be too late.
        using var again = _sequencer.Replicas.Attach(Name, 1)!;
        Assert.Equal(Refusal.ReadOnly, (await RegisterAsync("carol")).Refusal);
        _sequencer.Replicas.Acknowledge(again.Id, 2);
        await AcknowledgedAsync(again, RegisterAsync("carol"), 3);
        Assert.Equal(3, await CountAsync());
        Assert.False(_sequencer.IsSuspended);
    }

    /// <summary>What only the leader has is in its log, where a search for past messages comes by it.</summary>
    [Fact]
    public async Task A_late_repeat_of_what_the_replica_lacks_is_answered_once_it_has_it()
    {
        var attached = _sequencer.Replicas.Attach(Name, 0)!;
        await AcknowledgedAsync(attached, RegisterAsync("alice"), 1);
        await AcknowledgedAsync(attached, RegisterAsync("bob"), 2);
        attached.Dispose();
        Task<Outcome> RepeatAsync() => _sequencer.SubmitAsync(new SendMessage(0, Actor.Of(new(1)), new Messages.Message(new(1), "id", Messages.ContentKind.Text, "hello"u8.ToArray(), 0, 1), Recipient.User("bob"), false));
        var sending = RepeatAsync();
        await _log.WaitPastAsync(2, default);
        await _time.WhenWaitingAsync(_options.ReplicaLease);
        _time.Advance(_options.ReplicaLease);
        Assert.Equal(Refusal.OutcomeUnknown, (await sending).Refusal);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Refusal.ReadOnly, (await RepeatAsync()).Refusal);
        using var again = _sequencer.Replicas.Attach(Name, 2)!;
        Assert.Equal(Refusal.ReadOnly, (await RepeatAsync()).Refusal);
        _sequencer.Replicas.Acknowledge(again.Id, 3);
        Assert.Equal((Refusal.None, 3L, 1L), await RepeatAsync() is var first ? (first.Refusal, first.Position, first.Sequence) : default);
        Assert.Equal(3, _log.CommittedPosition);
    }

    /// <summary>Readers go to the log themselves, where what waits for the replica lies already.</summary>
    [Fact]
    public async Task No_reader_shows_what_the_replica_lacks()
    {
        var attached = _sequencer.Replicas.Attach(Name, 0)!;
        await AcknowledgedAsync(attached, RegisterAsync("alice"), 1);
        await AcknowledgedAsync(attached, RegisterAsync("bob"), 2);
        await AcknowledgedAsync(attached, SendAsync("kept"), 3);
        await AcknowledgedAsync(attached, SaveAsync("kept"), 4);
        await AcknowledgedAsync(attached, PinAsync(), 5);
        var before = await SeenAsync();
        Assert.Equal("kept; kept kept; kept kept; 1; 1", before);

        attached.Dispose();
        Task<Outcome>[] lacking = [SendAsync("lacking"), SaveAsync("lacking"), SendAsync("and more"), SaveAsync("and more")];
        await _log.WaitPastAsync(5, default);
        var reading = SeenAsync();
        await _time.WhenWaitingAsync(_options.ReplicaLease);
        _time.Advance(_options.ReplicaLease);
        Assert.Contains(Refusal.OutcomeUnknown, (await Task.WhenAll(lacking)).Select(outcome => outcome.Refusal));
        Assert.Equal((before, before), (await reading, await SeenAsync()));
        Assert.True(_log.CommittedPosition > 5);

        using var again = _sequencer.Replicas.Attach(Name, _log.CommittedPosition)!;
        await AcknowledgedAsync(again, SaveAsync("last"), _log.CommittedPosition + 1);
        Assert.StartsWith("kept lacking", await SeenAsync(), StringComparison.Ordinal);
        Assert.Contains("last", await SeenAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_while_suspended_it_leaves_no_query_waiting()
    {
        using (var attached = _sequencer.Replicas.Attach(Name, 0)!) await AcknowledgedAsync(attached, RegisterAsync("alice"), 1);
        await _stopping.CancelAsync();
        await _running;

        using var stopping = new CancellationTokenSource();
        var restarted = Sequencer.Open(_log, _options, _time, new CoreMetrics(new Meters()));
        var running = restarted.RunAsync(stopping.Token);
        var counting = restarted.QueryAsync((state, _) => state.App(0).Users.Count).AsTask();
        Assert.False(counting.IsCompleted);
        await stopping.CancelAsync();
        await running;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => counting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => restarted.QueryAsync((state, _) => state.App(0).Users.Count).AsTask());
    }

    [Fact]
    public async Task After_a_restart_it_waits_for_its_replica_too()
    {
        var attached = _sequencer.Replicas.Attach(Name, 0)!;
        await AcknowledgedAsync(attached, RegisterAsync("alice"), 1);
        attached.Dispose();
        await _stopping.CancelAsync();
        await _running;

        using var stopping = new CancellationTokenSource();
        var restarted = Sequencer.Open(_log, _options, _time, new CoreMetrics(new Meters()));
        var running = restarted.RunAsync(stopping.Token);
        var counting = restarted.QueryAsync((state, _) => state.App(0).Users.Count).AsTask();
        await _time.WhenWaitingAsync(_options.ReplicaLease);
        _time.Advance(_options.ReplicaLease);
        Assert.False(counting.IsCompleted);
        using var again = restarted.Replicas.Attach(Name, 1);
        Assert.Equal(1, await counting);
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Stopped_while_it_waits_it_says_that_the_outcome_is_unknown()
    {
        using var attached = _sequencer.Replicas.Attach(Name, 0)!;
        var registering = RegisterAsync("alice");
        await _log.WaitPastAsync(0, default);
        await _stopping.CancelAsync();
        Assert.Equal(Refusal.OutcomeUnknown, (await registering).Refusal);
    }

    [Fact]
    public void A_name_has_one_connection_and_what_a_disk_lost_counts_no_more()
    {
        var replicas = new Replicas(new CoreOptions { ReplicaAck = 2, MaxReplicas = 2 }, _time);
        using var dead = replicas.Attach("a", 4)!;
        var first = replicas.Attach("a", 5)!;
        Assert.True(dead.Ended.IsCancellationRequested);
        Assert.False(replicas.Acknowledge(dead.Id, 9));
        dead.Dispose();
        Assert.Equal(-1, replicas.Position);
        using var second = replicas.Attach("b", 3)!;
        Assert.Null(replicas.Attach("c", 9));
        Assert.Equal(3, replicas.Position);
        Assert.True(replicas.Acknowledge(second.Id, 8));
        Assert.Equal(5, replicas.Position);
        first.Dispose();
        Assert.Equal(5, replicas.Position);
        using var again = replicas.Attach("a", 2);
        Assert.Equal(2, replicas.Position);
        Assert.Equal([("a", 2L, true), ("b", 8L, true)], replicas.List().Select(replica => (replica.Name, replica.Position, replica.IsAttached)));
    }

    async Task AcknowledgedAsync(Attachment attachment, Task<Outcome> outcome, long position)
    {
        await _log.WaitPastAsync(position - 1, default);
        Assert.True(_sequencer.Replicas.Acknowledge(attachment.Id, position));
        Assert.Equal(Refusal.None, (await outcome).Refusal);
    }

    /// <summary>Texts of the conversation, of the inbox from its beginning and from its end, and how many notices there are and can be read.</summary>
    async Task<string> SeenAsync()
    {
        var (messages, notices) = (new MessageReader(_log, _sequencer), new NoticeReader(_log, _sequencer));
        var storage = new StorageReader(_log, _sequencer, messages);
        var (history, inbox) = (await messages.ReadAsync(0, Bob, AliceAndBob, 1, long.MaxValue, 10), await storage.ReadInboxAsync(0, new("bob", 0), 0, 10, 1 << 20));
        var latest = await storage.ReadLatestAsync(0, new("bob", 0), 10, 1 << 20);
        Assert.Equal(inbox.Entries.Count, await storage.CountInboxAsync(0, new("bob", 0), 0));
        Assert.False(inbox.HasMore || latest.HasMore);
        var told = await notices.ReadAsync(0, AliceAndBob, Bob, 1, 10, 10);
        return string.Join("; ", TextsOf(history), TextsOf(inbox.Entries.Select(entry => entry.Message)), TextsOf(latest.Entries.Select(entry => entry.Message).Reverse()),
            notices.Last(0, FeedIds.Notices(AliceAndBob)), told.Count);
    }

    static string TextsOf(IEnumerable<StoredMessage> messages) => string.Join(' ', messages.Select(message => Encoding.UTF8.GetString((message.Message.Kind == ContentKind.Raw ? RawContent.Read(message.Message.Body)!.Value.Bytes : message.Message.Body).Span)));

    Task<Outcome> SendAsync(string text)
        => _sequencer.SubmitAsync(new SendMessage(0, Actor.Of(Alice), new Message(Alice, text, ContentKind.Text, Encoding.UTF8.GetBytes(text), 1, 5), Recipient.User("bob"), false));

    Task<Outcome> SaveAsync(string text)
        => _sequencer.SubmitAsync(new SaveToInboxes(0, Actor.Operator, text, new RawContent(4, 1, Encoding.UTF8.GetBytes(text)), [new("bob", 0)]));

    async Task<Outcome> PinAsync()
        => await _sequencer.SubmitAsync(new PinMessage(0, Actor.Of(Alice), Alice, (await new MessageReader(_log, _sequencer).FindAsync(0, Alice, AliceAndBob, 1))!, true));

    Task<Outcome> RegisterAsync(string id) => _sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new NewUser(id, id)]));

    Task<int> CountAsync() => _sequencer.QueryAsync((state, _) => state.App(0).Users.Count).AsTask();

    sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
            // A meter needs nothing to be freed.
        }
    }
}
