using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Core;
using Parley.Core.Erasing;
using Parley.Core.Retaining;
using Parley.Core.Sequencing;
using Parley.Core.Snapshots;
using Parley.Store;

namespace Parley.Hosting;

/// <summary>Runs the loops of one node: the sequencer, the log's upkeep, the snapshots, erasures and retention, each on a thread of its own. Stops after the listeners did.</summary>
sealed partial class ParleyNode(Log log, Sequencer sequencer, Snapshotter snapshotter, Eraser eraser, Retainer retainer, CoreOptions options, IHostApplicationLifetime lifetime, ILogger<ParleyNode> logger)
    : IHostedService, IAsyncDisposable
{
    readonly CancellationTokenSource _stopping = new();
    readonly LoopThread _writer = new("parley-writer");
    readonly LoopThread _upkeep = new("parley-upkeep");
    readonly LoopThread _snapshots = new("parley-snapshots", isLowly: true);
    readonly LoopThread _erasures = new("parley-erasures", isLowly: true);
    readonly LoopThread _retention = new("parley-retention", isLowly: true);
    Task _loops = Task.CompletedTask;
    bool _isDisposed;

    public bool IsRunning => !_loops.IsCompleted && !_stopping.IsCancellationRequested;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Messages.Opened(logger, log.CommittedPosition, log.Epoch, sequencer.SnapshotPosition);
        _loops = Task.WhenAll(
            Watch(_upkeep.Run(() => log.MaintainAsync(_stopping.Token)), "upkeep"),
            Watch(_writer.Run(() => sequencer.RunAsync(_stopping.Token)), "sequencer"),
            Watch(_snapshots.Run(() => snapshotter.RunAsync(Tell, _stopping.Token)), "snapshot"),
            Watch(_erasures.Run(() => eraser.RunAsync(Tell, _stopping.Token)), "erasure"),
            Watch(_retention.Run(() => retainer.RunAsync(Tell, _stopping.Token)), "retention"));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loops.WaitAsync(cancellationToken);
        if (options.MaxStopSnapshotTime > TimeSpan.Zero) await WriteLastSnapshotAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows it as itself and as a hosted service, and disposes of both.
        if (_isDisposed) return;
        _isDisposed = true;
        await _stopping.CancelAsync();
        await _loops;
        _writer.Dispose();
        _upkeep.Dispose();
        _snapshots.Dispose();
        _erasures.Dispose();
        _retention.Dispose();
        _stopping.Dispose();
    }

    async Task WriteLastSnapshotAsync(CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(options.MaxStopSnapshotTime);
        try
        {
            await _writer.Run(async () =>
            {
                if (await snapshotter.WriteLastAsync(sequencer, bound.Token) is { } outcome) Tell(outcome);
            });
        }
        catch (OperationCanceledException)
        {
            Messages.StopSnapshotCut(logger, options.MaxStopSnapshotTime);
        }
    }

    void Tell(SnapshotOutcome outcome)
    {
        if (outcome.Failure is { } failure) Messages.SnapshotFailed(logger, failure, outcome.Position);
        else Messages.SnapshotWritten(logger, outcome.Position, outcome.Bytes, outcome.Elapsed.TotalSeconds);
    }

    void Tell(ErasureOutcome outcome)
    {
        if (outcome.Erasures > 0)
        {
            Messages.Erased(logger, outcome.Erasures, outcome.Records);
            if (!outcome.IsOfAge) snapshotter.Ask(log.CommittedPosition);
        }

        if (outcome.Failure is { } failure) Messages.ErasureFailed(logger, failure);
    }

    void Tell(RetentionOutcome outcome)
    {
        if (outcome.Cuts > 0 || outcome.Segments > 0) Messages.Retained(logger, outcome.Cuts, outcome.Segments, log.FirstPosition);
        if (outcome.Failure is { } failure) Messages.RetentionFailed(logger, failure);
    }

    /// <summary>A loop that ends by itself leaves a server that can't keep its promises: stop it, loudly.</summary>
    async Task Watch(Task loop, string name)
    {
        try
        {
            await loop;
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stopping.IsCancellationRequested)
        {
            Messages.LoopFailed(logger, e, name);
            Environment.ExitCode = 70;
            lifetime.StopApplication();
        }
    }

    static partial class Messages
    {
        [LoggerMessage(1, LogLevel.Information, "Log open at position {Position}, epoch {Epoch}; the state began with the snapshot of position {Snapshot}")]
        public static partial void Opened(ILogger logger, long position, long epoch, long snapshot);

        [LoggerMessage(2, LogLevel.Critical, "The {Loop} loop failed; the server stops")]
        public static partial void LoopFailed(ILogger logger, Exception error, string loop);

        [LoggerMessage(3, LogLevel.Information, "Snapshot of position {Position} written: a state of {Bytes} bytes in {Seconds:f1} s")]
        public static partial void SnapshotWritten(ILogger logger, long position, long bytes, double seconds);

        [LoggerMessage(4, LogLevel.Warning, "The snapshot of position {Position} could not be written; older ones serve, and the next is tried in its time")]
        public static partial void SnapshotFailed(ILogger logger, Exception error, long position);

        [LoggerMessage(5, LogLevel.Warning, "The stop did not wait for its snapshot longer than {Bound}; the next start replays more")]
        public static partial void StopSnapshotCut(ILogger logger, TimeSpan bound);

        [LoggerMessage(6, LogLevel.Information, "{Erasures} erasures carried out: {Records} records overwritten")]
        public static partial void Erased(ILogger logger, int erasures, int records);

        [LoggerMessage(7, LogLevel.Error, "What was to be erased is still in the log; it is tried again in a minute")]
        public static partial void ErasureFailed(ILogger logger, Exception error);

        [LoggerMessage(8, LogLevel.Information, "Retention: the oldest messages of {Cuts} conversations were let go, {Segments} segments dropped; the log begins at position {First}")]
        public static partial void Retained(ILogger logger, int cuts, int segments, long first);

        [LoggerMessage(9, LogLevel.Warning, "A round of retention failed; more is kept than need be until the next one")]
        public static partial void RetentionFailed(ILogger logger, Exception error);
    }
}
