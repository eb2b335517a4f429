using Parley.Core.Sequencing;
using Parley.Core.Snapshots;
using Parley.Store;
using Parley.Testing.Disks;

namespace Parley.Core.Tests;

/// <summary>When snapshots are made, and what a start makes of them.</summary>
public sealed class SnapshotterTests
{
    static readonly LogOptions Small = new() { SegmentBytes = 32 << 10, PrepareBytes = 8 << 10, MaxBatchBytes = 16 << 10, SnapshotEverySegments = 2 };
    static readonly CoreOptions Options = new() { MessageRate = 0 };

    [Fact]
    public async Task One_is_written_whenever_enough_segments_were_filled_and_the_next_start_begins_there()
    {
        var disk = new CrashingDisk(seed: 1);
        await FillAsync(disk, commands: 1);
        var log = await OpenAsync(disk);
        var (told, enough) = (new List<SnapshotOutcome>(), new TaskCompletionSource());
        using var stopping = new CancellationTokenSource();
        var upkeep = log.MaintainAsync(stopping.Token);
        var running = new Snapshotter(log, Small, Options, TimeProvider.System).RunAsync(Tell, stopping.Token);
        for (var left = 1_000; left > 0 && !enough.Task.IsCompleted; left--) await WriteAsync(log);
        await enough.Task.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        await stopping.CancelAsync();
        await running;
        await upkeep;
        Assert.All(told, outcome => Assert.Null(outcome.Failure));
        Assert.All(told, outcome => Assert.True(outcome.Bytes > 1_000));
        Assert.Equal(log.SnapshotPosition, told[^1].Position);
        Assert.True(log.CommittedPosition > log.SnapshotPosition);

        var state = State.Replay(log, Options.Dedupe, out var snapshot);
        Assert.Equal((told[^1].Position, log.CommittedPosition), (snapshot, state.Position));
        Assert.Equal(StateWritingTests.Written(Whole(log)), StateWritingTests.Written(state));
        await log.DisposeAsync();

        void Tell(SnapshotOutcome outcome)
        {
            told.Add(outcome);
            if (told.Count == 2) enough.SetResult();
        }
    }

    [Fact]
    public async Task A_stop_writes_what_the_sequencer_ended_with_unless_nothing_happened()
    {
        var disk = new CrashingDisk(seed: 1);
        await FillAsync(disk, commands: 300);
        var log = await OpenAsync(disk);
        var sequencer = Sequencer.Open(log, Options, TimeProvider.System, RunningCore.Metrics);
        var snapshotter = new Snapshotter(log, Small, Options, TimeProvider.System);
        var outcome = await snapshotter.WriteLastAsync(sequencer, CancellationToken.None);
        Assert.Equal((log.CommittedPosition, null), (outcome!.Value.Position, outcome.Value.Failure));
        Assert.Null(await snapshotter.WriteLastAsync(sequencer, CancellationToken.None));
        await log.DisposeAsync();

        log = await OpenAsync(disk);
        var state = State.Replay(log, Options.Dedupe, out var snapshot);
        Assert.Equal(state.Position, snapshot);
        Assert.Equal(StateWritingTests.Written(Whole(log)), StateWritingTests.Written(state));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task The_first_one_after_an_erasure_lets_those_before_it_go()
    {
        var disk = new CrashingDisk(seed: 1);
        await using (var core = await RunningCore.StartAsync(Options, disk, Small))
        {
            await core.RegisterAsync();
            await core.SendAsync(RunningCore.Alice, "bob");
        }

        async Task<int> StopAsync(Func<Sequencer, Task>? live = null)
        {
            var log = await OpenAsync(disk);
            var sequencer = Sequencer.Open(log, Options, TimeProvider.System, RunningCore.Metrics);
            using var stopping = new CancellationTokenSource();
            var running = sequencer.RunAsync(stopping.Token);
            await (live ?? (one => one.SubmitAsync(new Commands.RegisterUsers(0, Commands.Actor.Operator, [new($"u{log.CommittedPosition}", "")]))))(sequencer);
            await stopping.CancelAsync();
            await running;
            Assert.Null((await new Snapshotter(log, Small, Options, TimeProvider.System).WriteLastAsync(sequencer, CancellationToken.None))!.Value.Failure);
            await log.DisposeAsync();
            return disk.List().Count(name => name.EndsWith(".snapshot", StringComparison.Ordinal));
        }

        Assert.Equal(1, await StopAsync());
        Assert.Equal(2, await StopAsync());
        var messages = Conversations.ConversationKey.Peer(RunningCore.Alice, RunningCore.Bob);
        Assert.Equal(1, await StopAsync(one => one.SubmitAsync(new Commands.EraseMessages(0, Commands.Actor.Operator, messages, [1]))));
        Assert.Equal(2, await StopAsync());
    }

    [Fact]
    public async Task A_stop_that_takes_too_long_leaves_nothing_half_written()
    {
        var disk = new CrashingDisk(seed: 1);
        await FillAsync(disk, commands: 50);
        var log = await OpenAsync(disk);
        var sequencer = Sequencer.Open(log, Options, TimeProvider.System, RunningCore.Metrics);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Snapshotter(log, Small, Options, TimeProvider.System).WriteLastAsync(sequencer, new CancellationToken(canceled: true)));
        Assert.DoesNotContain(disk.List(), name => name.Contains("snapshot", StringComparison.Ordinal));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task While_the_sequencer_runs_its_state_is_not_to_be_had()
    {
        await using var core = await RunningCore.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => new Snapshotter(core.Log, Small, Options, TimeProvider.System).WriteLastAsync(core.Sequencer, CancellationToken.None));
    }

    /// <summary>The store finds its file whole, and yet what is in it is no state: written by a newer server, say.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task What_can_not_be_read_is_passed_over_for_an_older_one_or_the_whole_log(bool hasOlder)
    {
        var disk = new CrashingDisk(seed: 1);
        await FillAsync(disk, commands: 200);
        var log = await OpenAsync(disk);
        var (whole, first) = (Whole(log), log.CommittedPosition);
        if (hasOlder) await SnapshotAsync(log, StateWritingTests.Written(whole));
        await WriteAsync(log);
        var newer = StateWritingTests.Written(Whole(log));
        newer[100] ^= 1;
        await SnapshotAsync(log, newer);
        await WriteAsync(log);

        var state = State.Replay(log, Options.Dedupe, out var snapshot);
        Assert.Equal((hasOlder ? first : 0, log.CommittedPosition), (snapshot, state.Position));
        Assert.Equal(StateWritingTests.Written(Whole(log)), StateWritingTests.Written(state));
        await log.DisposeAsync();
    }

    /// <summary>What somebody erased is not to be in an older snapshot; what came of age takes none away, for two are needed to drop segments.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task The_older_one_goes_after_an_erasure_and_stays_after_a_cut(bool isErased)
    {
        var disk = new CrashingDisk(seed: 1);
        await FillAsync(disk, commands: 100);
        var log = await OpenAsync(disk);
        await SnapshotAsync(log, StateWritingTests.Written(Whole(log)));
        await WriteAsync(log);
        var key = Conversations.ConversationKey.Peer(RunningCore.Alice, RunningCore.Bob);
        var sequencer = Sequencer.Open(log, Options, TimeProvider.System, RunningCore.Metrics);
        using var stopping = new CancellationTokenSource();
        var running = sequencer.RunAsync(stopping.Token);
        Commands.Command command = isErased ? new Commands.EraseMessages(0, Commands.Actor.Operator, key, [1]) : new Commands.CutConversation(0, Commands.Actor.Operator, key, 5);
        Assert.True((await sequencer.SubmitAsync(command, cancellation: CancellationToken.None)).IsAccepted);
        Assert.True((await sequencer.SubmitAsync(new Commands.CutConversation(0, Commands.Actor.Operator, key, 6), cancellation: CancellationToken.None)).IsAccepted);
        await stopping.CancelAsync();
        await running;
        Assert.Null((await new Snapshotter(log, Small, Options, TimeProvider.System).WriteLastAsync(sequencer, CancellationToken.None))!.Value.Failure);
        Assert.Equal(isErased ? 1 : 2, disk.List().Count(name => name.EndsWith(".snapshot", StringComparison.Ordinal)));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task A_state_of_another_position_is_passed_over()
    {
        var disk = new CrashingDisk(seed: 1);
        await FillAsync(disk, commands: 100);
        var log = await OpenAsync(disk);
        await SnapshotAsync(log, StateWritingTests.Written(StateWritingTests.Fold(log.ReadFrom(1, (int)log.CommittedPosition - 1, int.MaxValue))));
        State.Replay(log, Options.Dedupe, out var snapshot);
        Assert.Equal(0, snapshot);
        await log.DisposeAsync();
    }

    static async Task SnapshotAsync(Log log, byte[] state)
    {
        using var snapshot = log.BeginSnapshot(log.CommittedPosition);
        snapshot.Body.Write(state);
        await snapshot.CompleteAsync(CancellationToken.None);
    }

    static State Whole(Log log)
    {
        var state = new State(Options.Dedupe);
        foreach (var record in log.ReadFrom(1, int.MaxValue, int.MaxValue)) state.Apply(record);
        return state;
    }

    static ValueTask<Log> OpenAsync(CrashingDisk disk) => Log.OpenAsync(disk, Small, TimeProvider.System);

    static async Task FillAsync(CrashingDisk disk, int commands)
    {
        await using var core = await RunningCore.StartAsync(Options, disk, Small);
        await core.RegisterAsync();
        await new RandomLife(core, new Random(1)).RunAsync(commands);
    }

    /// <summary>Some more messages, a batch of them.</summary>
    static async Task WriteAsync(Log log)
    {
        var sequencer = Sequencer.Open(log, Options, TimeProvider.System, RunningCore.Metrics);
        using var stopping = new CancellationTokenSource();
        var running = sequencer.RunAsync(stopping.Token);
        for (var i = 0; i < 20; i++)
        {
            var message = new Messages.Message(RunningCore.Alice, $"{log.CommittedPosition}", Messages.ContentKind.Text, new byte[200], 1, 5);
            Assert.True((await sequencer.SubmitAsync(new Commands.SendMessage(0, Commands.Actor.Of(RunningCore.Alice), message, Commands.Recipient.User("bob"), AllowSelf: true), cancellation: CancellationToken.None)).IsAccepted);
        }

        await stopping.CancelAsync();
        await running;
    }
}
