using System.Diagnostics.Metrics;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Store;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Core.Tests;

/// <summary>A server that acknowledges only what a replica has.</summary>
public sealed class ReplicaAckTests : IAsyncLifetime
{
    const string Name = "second";

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
        Task<Outcome> SendAsync() => _sequencer.SubmitAsync(new SendMessage(0, Actor.Of(new(1)), new Messages.Message(new(1), "id", Messages.ContentKind.Text, "hello"u8.ToArray(), 0, 1), Recipient.User("bob"), false));
        var sending = SendAsync();
        await _log.WaitPastAsync(2, default);
        await _time.WhenWaitingAsync(_options.ReplicaLease);
        _time.Advance(_options.ReplicaLease);
        Assert.Equal(Refusal.OutcomeUnknown, (await sending).Refusal);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Refusal.ReadOnly, (await SendAsync()).Refusal);
        using var again = _sequencer.Replicas.Attach(Name, 2)!;
        Assert.Equal(Refusal.ReadOnly, (await SendAsync()).Refusal);
        _sequencer.Replicas.Acknowledge(again.Id, 3);
        Assert.Equal((Refusal.None, 3L, 1L), await SendAsync() is var first ? (first.Refusal, first.Position, first.Sequence) : default);
        Assert.Equal(3, _log.CommittedPosition);
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
