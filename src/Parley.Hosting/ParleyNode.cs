using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Core.Sequencing;
using Parley.Store;

namespace Parley.Hosting;

/// <summary>Runs the loops of one node: the sequencer and the log's upkeep, each on a thread of its own. Stops after the listeners did.</summary>
sealed partial class ParleyNode(Log log, Sequencer sequencer, IHostApplicationLifetime lifetime, ILogger<ParleyNode> logger) : IHostedService, IAsyncDisposable
{
    readonly CancellationTokenSource _stopping = new();
    readonly LoopThread _writer = new("parley-writer");
    readonly LoopThread _upkeep = new("parley-upkeep");
    Task _loops = Task.CompletedTask;
    bool _isDisposed;

    public bool IsRunning => !_loops.IsCompleted && !_stopping.IsCancellationRequested;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Messages.Opened(logger, log.CommittedPosition, log.Epoch);
        _loops = Task.WhenAll(
            Watch(_upkeep.Run(() => log.MaintainAsync(_stopping.Token)), "upkeep"),
            Watch(_writer.Run(() => sequencer.RunAsync(_stopping.Token)), "sequencer"));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loops.WaitAsync(cancellationToken);
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
        _stopping.Dispose();
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
        [LoggerMessage(1, LogLevel.Information, "Log open at position {Position}, epoch {Epoch}")]
        public static partial void Opened(ILogger logger, long position, long epoch);

        [LoggerMessage(2, LogLevel.Critical, "The {Loop} loop failed; the server stops")]
        public static partial void LoopFailed(ILogger logger, Exception error, string loop);
    }
}
