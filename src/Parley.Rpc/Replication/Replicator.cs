using Microsoft.Extensions.Logging;
using Parley.Rpc.Client;
using Parley.Rpc.Protocol;
using Parley.Rpc.Replication.V1;
using Parley.Store;
using Parley.Store.Disks;
using Parley.Store.Replication;

namespace Parley.Rpc.Replication;

/// <summary>The replica's side: copies a leader's log into a directory, and goes on after either end or the link died.</summary>
/// <param name="http">Its base address names a listener of the leader's that speaks HTTP/2.</param>
/// <param name="name">Under which the leader remembers how far this replica came.</param>
public sealed partial class Replicator(HttpClient http, string secret, string name, IDisk disk, LogOptions options, TimeProvider time, ILogger<Replicator> logger)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(10), ShortCall = TimeSpan.FromSeconds(10);

    /// <summary>A chunk holds at least one batch, whose size the leader's options bound by 16 MiB, or a chunk of its options' largest.</summary>
    const int MaxMessageBytes = 64 << 20;

    readonly GrpcCaller _caller = new(http, ReplicationService.Name, secret);
    ReplicaLog? _replica;
    long _leaderPosition;

    /// <summary>Last position that is synced here.</summary>
    public long Position => _replica?.CommittedPosition ?? 0;

    /// <summary>Positions that the leader was ahead when it was last heard.</summary>
    public long Lag => Math.Max(0, Volatile.Read(ref _leaderPosition) - Position);

    /// <summary>Copies until cancelled. Blocks in the disk: on a scheduler of its own.</summary>
    /// <param name="opened">Called once, when the directory is open: to maintain the log and to make snapshots beside. Its token is cancelled when the copying ends, whyever, and what it returns must end then.</param>
    /// <exception cref="ReplicaException">The directory holds something else than a copy of that log, or the logs have diverged.</exception>
    /// <exception cref="LogReadOnlyException">A write or sync failed.</exception>
    public async Task RunAsync(Func<Store.Log, CancellationToken, Task> opened, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var beside = Task.CompletedTask;
        try
        {
            _replica = await ReplicaLog.TryOpenAsync(disk, options, time);
            if (_replica is not null) beside = opened(_replica.Log, ending.Token);
            for (var pause = FirstPause; !stopping.IsCancellationRequested;)
            {
                var before = Position;
                try
                {
                    if (_replica is null)
                    {
                        _replica = await ReplicaLog.OpenAsync(disk, options, time, await AskLogAsync(stopping));
                        beside = opened(_replica.Log, ending.Token);
                    }

                    await CopyAsync(_replica, stopping);
                }
                catch (RpcException e) when (e.Code == RpcCode.FailedPrecondition)
                {
                    throw new ReplicaException(e.Fault.Message);
                }
                catch (RpcException e)
                {
                    if (Position > before) pause = FirstPause;
                    Log.Lost(logger, e.Fault.Code, e.Fault.Message, pause.TotalSeconds);
                    await Task.Delay(pause, time, stopping);
                    pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is the expected end.
        }
        finally
        {
            await ending.CancelAsync();
            await beside;
            if (_replica is not null) await _replica.DisposeAsync();
        }
    }

    /// <summary>Which log there is to copy.</summary>
    async Task<long> AskLogAsync(CancellationToken stopping)
    {
        await foreach (var leader in _caller.CallAsync("Describe", new DescribeRequest(), DescribeResponse.Parser, ShortCall, MaxMessageBytes, stopping)) return (long)leader.Log;
        throw new RpcException(RpcCode.Internal, "the leader answered nothing");
    }

    /// <exception cref="RpcException">However it ends.</exception>
    async Task CopyAsync(ReplicaLog replica, CancellationToken stopping)
    {
        var request = new CopyRequest { Name = name, Log = (ulong)replica.Log.LogId, Position = replica.CommittedPosition, Epoch = replica.LastEpoch };
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var news = new SemaphoreSlim(0);
        var acknowledging = Task.CompletedTask;
        try
        {
            await foreach (var chunk in _caller.CallAsync("Copy", request, CopyResponse.Parser, null, MaxMessageBytes, stopping))
            {
                if (chunk.Attachment != 0)
                {
                    Log.Attached(logger, replica.CommittedPosition, chunk.LeaderPosition);
                    acknowledging = AcknowledgeAsync(chunk.Attachment, news, connection.Token);
                }

                Volatile.Write(ref _leaderPosition, chunk.LeaderPosition);
                while (!await replica.AppendAsync(chunk.Batches.Memory, stopping))
                {
                    Log.Full(logger);
                    await Task.Delay(LongestPause, time, stopping);
                }

                if (news.CurrentCount == 0) news.Release();
            }
        }
        finally
        {
            await connection.CancelAsync();
            await acknowledging;
        }

        throw new RpcException(RpcCode.Unavailable, "the leader ended the copying");
    }

    /// <summary>One at a time: while it is under way the next chunk is copied, and what is said then counts for all before.</summary>
    async Task AcknowledgeAsync(long attachment, SemaphoreSlim news, CancellationToken connection)
    {
        try
        {
            while (true)
            {
                await news.WaitAsync(connection);
                try
                {
                    var request = new AcknowledgeRequest { Attachment = attachment, Position = Position };
                    await foreach (var _ in _caller.CallAsync("Acknowledge", request, AcknowledgeResponse.Parser, ShortCall, MaxMessageBytes, connection))
                    {
                        // The answer is empty.
                    }
                }
                catch (RpcException)
                {
                    // When the leader is gone the stream ends too; else it must still hear of it.
                    await Task.Delay(FirstPause, time, connection);
                    if (news.CurrentCount == 0) news.Release();
                }
            }
        }
        catch (OperationCanceledException) when (connection.IsCancellationRequested)
        {
            // The stream has ended.
        }
    }

    static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Copying from position {Position}; the leader is at {LeaderPosition}")]
        public static partial void Attached(ILogger logger, long position, long leaderPosition);

        [LoggerMessage(2, LogLevel.Warning, "The leader can't be followed: {Code}, {Problem}; trying again in {Seconds} s")]
        public static partial void Lost(ILogger logger, RpcCode code, string problem, double seconds);

        [LoggerMessage(3, LogLevel.Error, "The replica's disk is full; waiting for room")]
        public static partial void Full(ILogger logger);
    }
}
