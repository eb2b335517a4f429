using System.Threading.Channels;
using Parley.Core.Commands;
using Parley.Core.Messages;
using Parley.Core.Sessions;
using Parley.Store;
using Parley.Store.Segments;

namespace Parley.Core.Sequencing;

/// <summary>
/// The one writer. Commands from all edges queue up here; the loop decides, numbers and applies them a batch at a time, commits the batch with one write and one
/// sync, and only then lets anything out that was computed on it: answers, deliveries and the results of queries alike.
/// </summary>
/// <remarks>Submitting and querying are safe from any thread; <see cref="RunAsync"/> runs once, on the scheduler the host gives it.</remarks>
public sealed class Sequencer
{
    readonly Log _log;
    readonly CoreOptions _options;
    readonly TimeProvider _time;
    readonly CoreMetrics _metrics;
    readonly Channel<Submission> _queue;
    readonly MessageRate _rate;
    readonly PastMessages _past;
    readonly SessionTable _sessions = new();
    readonly Dispatcher _dispatcher;
    readonly Execution _execution;

    readonly Lock _gate = new();
    State _state;
    TaskCompletionSource? _settled;
    TaskCompletionSource? _advanced;
    long _committed;
    Submission? _carried;
    volatile bool _isRunning;
    volatile bool _isSuspended;
    bool _hasEnded;

    Sequencer(Log log, State state, CoreOptions options, TimeProvider time, CoreMetrics metrics, Replicas? replicas)
    {
        (_log, _state, _options, _time, _metrics) = (log, state, options, time, metrics);
        Replicas = replicas ?? new Replicas(options, time);
        // What a replica must have first is not shown before it says so, not even after a restart.
        (_isSuspended, _committed) = (Replicas.AreNeeded, Replicas.AreNeeded ? 0 : state.Position);
        _queue = Channel.CreateBounded<Submission>(new BoundedChannelOptions(options.MaxQueuedCommands) { SingleReader = true });
        _rate = new MessageRate(options, time);
        log.UseKeys(MessageKeys.Default.Records);
        _past = new PastMessages(log, MessageKeys.Default, options.Dedupe, time, _gate, () => _state);
        _dispatcher = new Dispatcher(metrics);
        _execution = new Execution(options, _sessions, _dispatcher, metrics, time, state.Time);
    }

    /// <summary>Takes the state from the log: its newest snapshot and what came after it. The sequencer accepts submissions at once and carries them out when <see cref="RunAsync"/> runs.</summary>
    public static Sequencer Open(Log log, CoreOptions options, TimeProvider time, CoreMetrics metrics, Replicas? replicas = null)
        => Open(log, State.Replay(log, options.Dedupe, out var snapshot), snapshot, options, time, metrics, replicas);

    /// <param name="state">Of everything committed.</param>
    internal static Sequencer Open(Log log, State state, long snapshot, CoreOptions options, TimeProvider time, CoreMetrics metrics, Replicas? replicas = null)
        => new(log, state, options, time, metrics, replicas) { SnapshotPosition = snapshot };

    /// <summary>The log takes no more writes until a restart; reads go on.</summary>
    public bool IsReadOnly => _log.IsReadOnly;

    /// <summary>A replica that must have everything first is missing: until it is back nothing is written, and only what it has is shown.</summary>
    public bool IsSuspended => _isSuspended;

    public Replicas Replicas { get; }

    internal CoreOptions Options => _options;

    /// <summary>Up to here everything is committed, and on as many replicas as are needed: what anybody may be shown.</summary>
    public long CommittedPosition => Volatile.Read(ref _committed);

    /// <summary>Completes once <see cref="CommittedPosition"/> is greater than <paramref name="position"/>.</summary>
    public async ValueTask WaitPastAsync(long position, CancellationToken cancellation)
    {
        while (true)
        {
            Task advanced;
            lock (_gate)
            {
                if (_committed > position) return;
                advanced = (_advanced ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await advanced.WaitAsync(cancellation);
        }
    }

    /// <summary>Position of the snapshot that the start began with; 0 without.</summary>
    public long SnapshotPosition { get; private init; }

    /// <summary>The state while <see cref="RunAsync"/> does not run.</summary>
    internal State StateAtRest => !_isRunning ? _state : throw new InvalidOperationException("The sequencer still runs.");

    /// <summary>Commands waiting.</summary>
    public int QueueLength => _queue.Reader.Count;

    /// <summary>Submits a command and waits for what became of it. Never throws for a refusal.</summary>
    /// <param name="session">The session that a session command acts on.</param>
    public async Task<Outcome> SubmitAsync(Command command, Session? session = null, CancellationToken cancellation = default)
    {
        var submission = new Submission(command, session);
        await PostAsync(submission, cancellation);
        return await submission.Completion;
    }

    /// <summary>
    /// Submits and returns as soon as the command has its place in the queue; the outcome goes where the submission says. Waits while the queue is full, while the log is searched for a
    /// message that may be older than memory, and while the sender is over its message rate: a caller that awaits before it reads on is thereby slowed down.
    /// </summary>
    public async ValueTask PostAsync(Submission submission, CancellationToken cancellation)
    {
        if (submission.Command is { IsRated: true, Actor.Kind: ActorKind.User } rated && !await _rate.AdmitAsync(rated.App, rated.Actor.User, cancellation))
        {
            Answer(submission, Refusal.RateLimited);
            return;
        }

        if (_past.MayHave(submission.Command))
        {
            (submission.Past, var refusal) = await _past.FindAsync(submission.Command, cancellation);
            if (refusal != Refusal.None)
            {
                Answer(submission, refusal);
                return;
            }
        }

        if (_queue.Writer.TryWrite(submission)) return;
        try
        {
            await _queue.Writer.WriteAsync(submission, cancellation);
        }
        catch (ChannelClosedException)
        {
            Answer(submission, Refusal.Stopping);
        }
    }

    /// <summary>Computes something from the state and returns it once everything it could have seen is committed.</summary>
    /// <param name="query">Runs under the state's lock: short, without waiting, and returning nothing that reads the state later.</param>
    /// <exception cref="OperationCanceledException">The sequencer stopped before that.</exception>
    public async ValueTask<T> QueryAsync<T>(Func<State, SessionTable, T> query)
    {
        while (true)
        {
            T result;
            Task settled;
            State seen;
            lock (_gate)
            {
                seen = _state;
                result = query(seen, _sessions);
                if (seen.Position <= _committed) return result;
                if (_hasEnded) throw new OperationCanceledException("The server stops.");
                settled = (_settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await settled;
            // A failed commit threw away the state that was asked: ask the one that came after it.
            lock (_gate) if (seen == _state) return result;
        }
    }

    /// <summary>Carries out commands until stopped. What is still queued then is refused; what was begun is finished.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _isRunning = true;
        try
        {
            while (_isSuspended && !await Replicas.WaitAsync(_log.CommittedPosition, _options.ReplicaLease, stopping))
            {
                // Nothing was shown yet, so there is nothing to take back meanwhile.
            }

            if (_isSuspended) Resume();
            while (_carried is not null || await _queue.Reader.WaitToReadAsync(stopping)) await RunBatchAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is the expected end.
        }
        finally
        {
            _queue.Writer.TryComplete();
            if (_carried is not null) Answer(_carried, Refusal.Stopping);
            while (_queue.Reader.TryRead(out var submission)) Answer(submission, Refusal.Stopping);
            _isRunning = false;
            TaskCompletionSource? settled;
            lock (_gate) (_hasEnded, settled, _settled) = (true, _settled, null);
            settled?.SetCanceled(CancellationToken.None);
        }
    }

    async ValueTask RunBatchAsync(CancellationToken stopping)
    {
        var (batch, withoutBatch) = await BeginAsync(stopping);
        int decided;
        lock (_gate) decided = DecideBatch(batch, withoutBatch);

        var started = _time.GetTimestamp();
        try
        {
            if (batch is not null) await _log.CommitAsync(batch);
        }
        catch (LogReadOnlyException)
        {
            Restore(long.MaxValue);
            return;
        }

        if (Replicas.AreNeeded && !_isSuspended && !await IsReplicatedAsync(stopping)) return;
        _metrics.Committed(decided, _time.GetElapsedTime(started));
        TaskCompletionSource? settled, advanced;
        lock (_gate)
        {
            _committed = _state.Position;
            (settled, _settled, advanced, _advanced) = (_settled, null, _advanced, null);
        }

        _dispatcher.Dispatch();
        settled?.SetResult();
        advanced?.SetResult();
    }

    /// <returns>False when the replicas that are needed have not said in time that they have the batch: whether it is kept is unknown, and until they are back only what they have is shown.</returns>
    async ValueTask<bool> IsReplicatedAsync(CancellationToken stopping)
    {
        var isReplicated = false;
        try
        {
            return isReplicated = await Replicas.WaitAsync(_state.Position, _options.ReplicaLease, stopping);
        }
        finally
        {
            if (!isReplicated)
            {
                _isSuspended = true;
                // What was shown once is not taken back, even if a replica lost it meanwhile.
                Restore(Math.Max(_committed, Replicas.Position));
            }
        }
    }

    void Resume()
    {
        Restore(long.MaxValue);
        _isSuspended = false;
    }

    /// <summary>Opens a batch, or says why commands that write are refused in this turn.</summary>
    async ValueTask<(Batch? Batch, Refusal WithoutBatch)> BeginAsync(CancellationToken stopping)
    {
        if (_isSuspended && Replicas.Position >= _log.CommittedPosition) Resume();
        if (_isSuspended) return (null, Refusal.ReadOnly);
        try
        {
            return (await _log.BeginAsync(stopping), Refusal.StoreFull);
        }
        catch (LogReadOnlyException)
        {
            return (null, Refusal.ReadOnly);
        }
    }

    int DecideBatch(Batch? batch, Refusal withoutBatch)
    {
        var decided = 0;
        for (; decided < _options.MaxBatchCommands; decided++)
        {
            var submission = _carried;
            if (submission is null && !_queue.Reader.TryRead(out submission)) break;
            _carried = null;
            if (_execution.TryCarryOut(_state, submission, batch, withoutBatch)) continue;
            _carried = submission;
            break;
        }

        if (batch is not null) _execution.AppendMarks(_state, batch);
        return decided;
    }

    /// <summary>What was applied beyond the committed position, or beyond <paramref name="to"/>, never happened as far as anybody is told.</summary>
    void Restore(long to)
    {
        var state = State.Replay(_log, _options.Dedupe, out _, to);
        TaskCompletionSource? settled, advanced;
        lock (_gate)
        {
            (_state, _committed) = (state, state.Position);
            _sessions.Regroup(session => state.App(session.App).Members.GroupsOf(session.User));
            (settled, _settled, advanced, _advanced) = (_settled, null, _advanced, null);
        }

        _dispatcher.Abandon();
        settled?.SetResult();
        advanced?.SetResult();
    }

    void Answer(Submission submission, Refusal refusal)
    {
        _metrics.Decided(refusal);
        submission.Decided(new Outcome(refusal));
        submission.Release();
        submission.ReplyTo?.Wake();
    }
}
