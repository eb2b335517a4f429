using Parley.Core;
using Parley.Core.Sequencing;
using Parley.Store;
using Parley.Store.Checks;
using Parley.Testing.Disks;

namespace Parley.Simulation;

/// <summary>One start of the server: opens the log, audits it, lets the clients live, and ends as the schedule says, or where the crash hits.</summary>
sealed class Lifetime(World world, Life life, CrashingDisk disk)
{
    const int MaxSteps = 300_000;

    readonly SeededScheduler _scheduler = world.Scheduler;
    readonly Model _model = world.Model;
    readonly WatchedDisk _watched = new(disk, world.Scheduler, world.Plant == Plant.AckBeforeSync);
    readonly long _start = world.Scheduler.Steps;
    Server? _server;
    Fault _fault = life.Fault;
    bool _isStopping;

    /// <returns>The disk as the next start finds it.</returns>
    public CrashingDisk Run()
    {
        _scheduler.Time.SetWallClock(life.ClockSetBy);
        if (life.CrashCall > 0) disk.CrashAt(life.CrashCall);
        var hasStarted = TryRun(BootAsync());
        if (hasStarted && _server is not null && TryRun(Task.WhenAll(world.Devices.Select(device => device.LiveAsync(_server, life.Operations)))) && TrySettle()) Settled();
        if (!hasStarted) _model.Reached.Add(Tally.CrashWhileOpening);
        var isStopped = life.Ending == Ending.Stop && TryStop();
        _scheduler.Drop();
        _model.CutOff();
        world.Note(isStopped ? "stopped" : $"{life.Ending} after {disk.Calls} disk calls");
        disk.CapacityBytes = long.MaxValue;
        var next = NextDisk();
        Check(next);
        return next;
    }

    CrashingDisk NextDisk()
    {
        var next = life.Ending == Ending.PowerLoss ? disk.AfterPowerLoss(world.Random) : disk.AfterProcessCrash();
        return world.Plant == Plant.BatchHalfApplied && _server is not null ? HalvedTail.Of(next, _server.Log.CommittedPosition, world) : next;
    }

    /// <summary>Whatever a crash leaves, it does not look like damage, not even before it is recovered.</summary>
    void Check(CrashingDisk left)
    {
        if (_server is null) return;
        var report = LogCheck.Run(left.AfterProcessCrash());
        _model.Check(report.IsSound, 1, () => $"a check finds {string.Join("; ", report.Problems)}");
        if (report.Segments > 2) _model.Reached.Add(Tally.FullSegment);
        if (left.List().Any(name => name.EndsWith(".snapshot.new", StringComparison.Ordinal))) _model.Reached.Add(Tally.SnapshotCut);
    }

    async Task BootAsync()
    {
        Log log;
        try
        {
            log = await Log.OpenAsync(_watched, world.Schedule.Log, _scheduler.Time, newLogId: (ulong)world.Schedule.Seed);
        }
        catch (CorruptLogException e)
        {
            throw _model.Break(1, $"the log does not open: {e.Message}");
        }
        catch (IOException e) when (e is not SimulatedCrashException && life.Fault != Fault.None)
        {
            world.Note($"did not start: {e.Message}");
            _model.Reached.Add(Tally.NoStart);
            return;
        }

        var sequencer = Open(log);
        var state = new Audit(log, _model, world.Schedule.Core, world.Random).Run(isFirst: true);
        _model.ShowDigest(state.Position, StateDigest.Of(state));
        CheckState(sequencer, state);
        world.Note($"opened at {state.Position} with the snapshot of {sequencer.SnapshotPosition}");
        if (sequencer.SnapshotPosition > 0 && sequencer.SnapshotPosition < state.Position) _model.Reached.Add(Tally.SnapshotStart);
        _model.Check(sequencer.SnapshotPosition == log.SnapshotPosition || world.Plant != Plant.None, 5,
            () => $"the state began with the snapshot of {sequencer.SnapshotPosition}, and the log has one of {log.SnapshotPosition}");
        _server = new Server(log, sequencer, _model, _scheduler, world.Schedule, life, world.Plant, world.Journal);
        if (life.CrashStep == Life.OnceOpen) return;
        _server.Start();
        _watched.Serve();
    }

    Sequencer Open(Log log)
    {
        try
        {
            return Planted.Open(world.Plant, log, world.Schedule.Core, _scheduler.Time);
        }
        catch (InvalidDataException e)
        {
            throw _model.Break(5, $"the records after snapshot {log.SnapshotPosition} don't follow it: {e.Message}");
        }
    }

    /// <summary>A state that came out of a snapshot is, to the last byte, what a replay of all records makes. Planted bugs are to be found by what clients see.</summary>
    void CheckState(Sequencer sequencer, State replayed)
    {
        if (world.Plant != Plant.None) return;
        var live = sequencer.QueryAsync((state, _) => StateDigest.Written(state)).AsTask();
        _model.Check(live.IsCompletedSuccessfully, 4, () => "the state is ahead of the log, and nothing is under way");
        _model.Check(live.Result.SequenceEqual(StateDigest.Written(replayed)), 5,
            () => $"the state that began with the snapshot of {sequencer.SnapshotPosition} is not what a replay makes of {replayed.Position} records");
    }

    /// <summary>Everybody is done and nothing is under way: all that is promised can be held against what is there.</summary>
    void Settled()
    {
        world.Note($"quiet at {_server!.Log.CommittedPosition}");
        _model.Reached.Add(Tally.QuietEnd);
        foreach (var connection in _server.Connections) connection.AssertAnswered();
        var state = new Audit(_server.Log, _model, world.Schedule.Core, world.Random).Run(isFirst: false);
        var live = _server.Sequencer.QueryAsync((s, _) => (s.Position, StateDigest.Of(s))).AsTask();
        _model.Check(live.IsCompletedSuccessfully, 4, () => "the state is ahead of the log, and nothing is under way");
        _model.Check(live.Result == (state.Position, StateDigest.Of(state)), 5, () => $"the state is not what a replay makes of {state.Position} records");
        CheckState(_server.Sequencer, state);
    }

    bool TryStop()
    {
        _isStopping = true;
        if (_server is null || disk.HasCrashed || !TryRun(_server.StopAsync())) return false;
        // Whoever still waits was told that the server stops; nobody reads from a log that is closed.
        _scheduler.Drop();
        return TryRun(_server.Log.DisposeAsync().AsTask());
    }

    bool TrySettle()
    {
        while (!_scheduler.IsIdle)
            if (!TryStep()) return false;
        return true;
    }

    /// <returns>False when the crash came first.</returns>
    bool TryRun(Task task)
    {
        while (!task.IsCompleted)
            if (!TryStep()) return false;
        if (disk.HasCrashed) return false;
        task.GetAwaiter().GetResult();
        return true;
    }

    /// <returns>False when the process is gone.</returns>
    bool TryStep()
    {
        var step = _scheduler.Steps - _start;
        if (_fault != Fault.None && step >= life.FaultStep) Strike(step);
        if (disk.HasCrashed || (IsTimeToCrash(step) && !_isStopping)) return false;
        _model.Check(step < MaxSteps, 0, () => "the server does not come to rest");
        _model.Check(_scheduler.Step(), 0, () => "everybody waits for somebody");
        // What a dead process still finds out does not count.
        if (disk.HasCrashed) return false;
        if (_model.Broken is { } broken) throw broken;
        _server?.AssertAlive();
        return true;
    }

    bool IsTimeToCrash(long step) => life.CrashStep switch
    {
        0 => false,
        Life.OnceOpen => _server is not null,
        _ => step >= life.CrashStep,
    };

    void Strike(long step)
    {
        switch (_fault)
        {
            case Fault.FailedWrite: disk.FailNextWrite = true; break;
            case Fault.FailedSync: disk.FailNextSync = true; break;
            case Fault.FullDisk when step < life.ReliefStep:
                if (disk.CapacityBytes == long.MaxValue) disk.CapacityBytes = disk.List().Sum(name => (long)disk.Bytes(name).Length) + life.SpareBytes;
                return;
            case Fault.FullDisk: disk.CapacityBytes = long.MaxValue; break;
        }

        world.Note($"{_fault}{(_fault == Fault.FullDisk ? " is over" : "")}");
        _fault = Fault.None;
    }
}
