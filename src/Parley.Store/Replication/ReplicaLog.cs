using Parley.Store.Disks;
using Parley.Store.Recovery;
using Parley.Store.Segments;

namespace Parley.Store.Replication;

/// <summary>A log that only takes over another's batches, byte for byte, until it is promoted. Its directory says so: it can't be opened for appending by mistake.</summary>
/// <remarks>One thread appends; readers as of any log. Whatever a power cut tears from its end is copied again, so a whole chunk shares a sync.</remarks>
public sealed class ReplicaLog : IAsyncDisposable
{
    /// <summary>Present, and empty, while the directory is a replica's.</summary>
    internal const string MarkerName = "replica";

    /// <summary>A promoted log starts so many epochs later: its former leader, restarted meanwhile, must not give out the same one.</summary>
    internal const ulong EpochsBetween = 1 << 20;

    readonly Log _log;

    ReplicaLog(Log log) => _log = log;

    /// <summary>For reads and snapshots. Nothing else appends to it.</summary>
    public Log Log => _log;

    public long CommittedPosition => _log.CommittedPosition;

    /// <summary>Epoch of the last batch; 0 when the log is empty.</summary>
    public long LastEpoch => _log.LastEpoch;

    /// <summary>Opens a directory that is a replica's already.</summary>
    /// <returns>Null when it holds nothing yet.</returns>
    /// <exception cref="ReplicaException">The directory holds a log of its own.</exception>
    public static async ValueTask<ReplicaLog?> TryOpenAsync(IDisk disk, LogOptions options, TimeProvider time)
    {
        var names = disk.List();
        if (!names.Contains(EpochFile.Name)) return null;
        if (!names.Contains(MarkerName)) throw new ReplicaException("the directory holds a log that is no replica");
        return new ReplicaLog(await Log.OpenAsync(disk, options, time, newLogId: null, isReplica: true));
    }

    /// <summary>Opens a replica's directory, or makes an empty one a replica of a log.</summary>
    /// <param name="logId">Of the log to copy.</param>
    /// <exception cref="ReplicaException">The directory holds another log, or one of its own.</exception>
    public static async ValueTask<ReplicaLog> OpenAsync(IDisk disk, LogOptions options, TimeProvider time, long logId)
    {
        var names = disk.List();
        if (!names.Contains(MarkerName))
        {
            if (names.Any(name => SegmentHeader.TryParseName(name, out _))) throw new ReplicaException("the directory holds a log that is no replica");
            using (disk.Open(MarkerName))
            {
                disk.SyncDirectory();
            }
        }

        var log = await Log.OpenAsync(disk, options, time, (ulong)logId, isReplica: true);
        if (log.LogId == logId) return new ReplicaLog(log);
        var found = log.LogId;
        await log.DisposeAsync();
        throw new ReplicaException($"the directory holds a copy of log {found:x16}, not of {logId:x16}");
    }

    /// <summary>Appends whole batches that follow <see cref="CommittedPosition"/>, as <see cref="Log.ReadBatches"/> gave them. Once it returns they survive a power cut, whatever the options say of durability.</summary>
    /// <returns>False when the disk is full: what fitted is kept, ask again later.</returns>
    /// <exception cref="ReplicaException">They are damaged, of another log, or do not follow: the two logs have diverged. What came before in the chunk is kept.</exception>
    /// <exception cref="LogReadOnlyException">A write or sync failed; only a restart recovers.</exception>
    public ValueTask<bool> AppendAsync(ReadOnlyMemory<byte> batches, CancellationToken cancellation) => _log.AppendBatchesAsync(batches, cancellation);

    /// <summary>Makes a closed replica's directory a log of its own. The epoch leaps, so that what its leader may still append is told apart.</summary>
    /// <returns>Position of the last record it has. Whatever the leader acknowledged beyond is missing.</returns>
    /// <exception cref="ReplicaException">It is none.</exception>
    public static async ValueTask<long> PromoteAsync(IDisk disk, LogOptions options, TimeProvider time)
    {
        if (!disk.List().Contains(MarkerName)) throw new ReplicaException("the directory is no replica's");
        long last;
        // Done again after a crash in between, the epoch leaps once more, which is harmless.
        await using (var log = await Log.OpenAsync(disk, options, time, newLogId: null, isReplica: true))
        {
            last = log.CommittedPosition;
            await log.RaiseEpochAsync(EpochsBetween);
            disk.Delete(MarkerName);
            disk.SyncDirectory();
        }

        return last;
    }

    public ValueTask DisposeAsync() => _log.DisposeAsync();
}

/// <summary>A replica and what it should copy don't fit together. Nothing was changed.</summary>
/// <param name="problem">As a clause.</param>
public sealed class ReplicaException(string problem) : IOException($"Replication can't go on: {problem}.");
