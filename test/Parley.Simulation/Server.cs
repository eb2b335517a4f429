using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Messages;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Snapshots;
using Parley.Store;
using Parley.Testing.Disks;

namespace Parley.Simulation;

#pragma warning disable CA1001 // A source without timer and wait handle holds nothing, and a process that crashes disposes of nothing.
/// <summary>One process: log, sequencer and their two loops, from opening to stop or crash.</summary>
sealed class Server(Log log, Sequencer sequencer, Model model, SeededScheduler scheduler, Schedule schedule, Life life, Plant plant, List<string>? journal)
#pragma warning restore CA1001
{
    static readonly string[] RefusalNames = Enum.GetNames<Refusal>();

    readonly CancellationTokenSource _stopping = new();
    Task _running = Task.CompletedTask;
    Task _maintaining = Task.CompletedTask;
    Task _snapshooting = Task.CompletedTask;

    public Log Log { get; } = log;
    public Sequencer Sequencer { get; } = sequencer;
    public MessageReader Messages { get; } = new(log, sequencer);
    public SeededScheduler Scheduler { get; } = scheduler;
    public CoreOptions Options { get; } = schedule.Core;
    public Snapshotter Snapshotter { get; } = new(log, schedule.Log, schedule.Core, scheduler.Time);
    public List<Connection> Connections { get; } = [];

    /// <summary>Null unless somebody wants to read it: building the lines costs more than the run.</summary>
    public List<string>? Journal { get; } = journal;

    public bool MayFailToWrite => life.Fault is Fault.FailedWrite or Fault.FailedSync;

    public void Start()
    {
        _maintaining = Log.MaintainAsync(_stopping.Token);
        _running = Sequencer.RunAsync(_stopping.Token);
        _snapshooting = plant == Plant.SnapshotAheadOfCommit ? Planted.SnapshotAheadAsync(Log, Sequencer, _stopping.Token) : Snapshotter.RunAsync(Tell, _stopping.Token);
    }

    /// <summary>The loops outlive every failure of the disk.</summary>
    public void AssertAlive()
    {
        if (_running.IsFaulted) model.Break(0, $"the sequencer died: {_running.Exception!.InnerException}");
        if (_snapshooting.IsFaulted) model.Break(0, $"the snapshots died: {_snapshooting.Exception!.InnerException}");
        if (_maintaining.IsFaulted) model.Break(0, $"the maintenance of the log died: {_maintaining.Exception!.InnerException}");
    }

    public async Task<Outcome> SubmitAsync(Command command, Session? session = null)
    {
        var outcome = await Sequencer.SubmitAsync(command, session);
        Scheduler.Note(outcome.GetHashCode());
        Journal?.Add($"{Scheduler.Steps,7} {command} was answered {outcome}");
        return outcome;
    }

    /// <summary>Whether a message was answered longer ago than memory reaches.</summary>
    public bool IsForgotten(SendName name)
    {
        var now = (Scheduler.Time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        return model.Sends.TryGetValue(name, out var facts) && facts.Answer is { } answer && answer.Time <= now - (long)Options.Dedupe.Window.TotalMicroseconds;
    }

    /// <summary>Submits a command and holds its answer against what may have been so meanwhile.</summary>
    /// <param name="effects">What it sets if it is carried out.</param>
    /// <param name="excuses">What keeps it from being carried out.</param>
    public async Task CarryOutAsync(Command command, Effect[] effects, params Excuse[] excuses)
    {
        var deed = model.Try(command, effects);
        var outcome = await SubmitAsync(command);
        deed.Answered(outcome);
        if (Judge(command, outcome, excuses)) model.Reached.Add(command.GetType().Name);
    }

    /// <summary>Holds an answer against what can have gone wrong, and what must have.</summary>
    /// <param name="isRepeat">It may have been carried out before.</param>
    /// <returns>Whether the command was carried out.</returns>
    public bool Judge(Command command, Outcome outcome, ReadOnlySpan<Excuse> excuses = default, bool isRepeat = false)
    {
        var isDue = outcome.Refusal switch
        {
            Refusal.OutcomeUnknown or Refusal.ReadOnly => MayFailToWrite,
            Refusal.StoreFull => life.Fault == Fault.FullDisk,
            Refusal.RateLimited => Options.MessageRate > 0,
            Refusal.Stopping => _stopping.IsCancellationRequested,
            _ => outcome.IsAccepted,
        };
        foreach (var excuse in excuses)
        {
            isDue |= excuse.Refusal == outcome.Refusal && excuse.IsPossible;
            model.Check(!outcome.IsAccepted || isRepeat || !excuse.IsCertain, 7, () => $"{command} was accepted, and had to be refused: {excuse}");
        }

        if (!outcome.IsAccepted) model.Reached.Add(RefusalNames[(int)outcome.Refusal]);
        model.Check(isDue, 0, () => $"{command} was answered {outcome}");
        return outcome.IsAccepted;
    }

    public async Task StopAsync()
    {
        // Not CancelAsync: that would hop over the thread pool.
        _stopping.Cancel();
        await Task.WhenAll(_running, _maintaining, _snapshooting);
        if (schedule.SnapshotsAtStop && await Snapshotter.WriteLastAsync(Sequencer, CancellationToken.None) is { } outcome) Tell(outcome);
    }

    void Tell(SnapshotOutcome outcome)
    {
        // What a dead process still finds out does not count.
        if (outcome.Failure is SimulatedCrashException or { InnerException: SimulatedCrashException }) return;
        model.Reached.Add(outcome.Failure is null ? Tally.SnapshotWritten : Tally.SnapshotFailed);
        Journal?.Add($"{Scheduler.Steps,7} snapshot of {outcome.Position}: {outcome.Failure?.Message ?? $"{outcome.Bytes} bytes"}");
        model.Check(outcome.Failure is null || life.Fault != Fault.None, 0, () => $"the snapshot of {outcome.Position} failed: {outcome.Failure}");
    }
}
