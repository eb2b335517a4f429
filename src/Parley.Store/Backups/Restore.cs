using Parley.Store.Checks;
using Parley.Store.Disks;
using Parley.Store.Erasing;
using Parley.Store.Recovery;
using Parley.Store.Replication;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Backups;

/// <summary>Copies a backup, or any log that no process has open, into an empty directory, up to a point.</summary>
public static class Restore
{
    /// <param name="toPosition">The last position wanted. Batches are wholly restored or not at all, so the log ends with the last batch that ends there or before.</param>
    /// <param name="toTime">Likewise the latest time wanted, µs since the Unix epoch.</param>
    /// <exception cref="BackupFailedException">The target is not empty, the backup is damaged before the point, or the result does not verify.</exception>
    public static async ValueTask<BackupReport> RunAsync(IDisk backup, IDisk target, long toPosition, long toTime, CancellationToken cancellation)
    {
        using var held = backup.Lock();
        using var taken = target.Lock();
        backup = PendingErasures.Over(backup);
        if (target.List().Any(name => name == EpochFile.Name || SegmentHeader.TryParseName(name, out _)))
            throw new BackupFailedException("The target holds a log. Nothing was changed; choose an empty directory.");
        var survey = new RepairSurvey(backup);
        survey.Run();
        if (!survey.EpochFileIsWhole || survey.Headless.Count > 0 || (survey.Damage is not null && survey.Kept < toPosition && survey.KeptTime < toTime))
            throw new BackupFailedException($"The backup is damaged: {survey.Damage ?? "the epoch file or a segment's header is"}. It can be restored up to position {survey.Kept}; repair a copy of it for that.");

        var beginning = survey.Beginning;
        if (!beginning.IsOfAll) RefuseUncovered(backup, beginning, toPosition, toTime);
        var copy = new FileCopy(target, cancellation);
        // What the original may have appended since, or still appends, must be told apart from what will be appended here.
        var epoch = EpochFile.Read(backup);
        await (epoch with { Epoch = epoch.Epoch + ReplicaLog.EpochsBetween }).WriteAsync(target);
        if (!beginning.IsOfAll)
        {
            using var file = backup.Open(BeginningFile.Name);
            await copy.CopyAsync(file, BeginningFile.Name, file.Length);
        }
        var (position, time) = (beginning.Before.Position, beginning.Before.Time);
        for (var ordinal = beginning.Segment; ordinal <= survey.LastSegment; ordinal++)
        {
            using var file = backup.Open(SegmentHeader.FileName(ordinal));
            var (end, isWhole) = Cut(file, ordinal == survey.LastSegment ? survey.End : file.Length, toPosition, toTime, ref position, ref time);
            await copy.CopyAsync(file, SegmentHeader.FileName(ordinal), end);
            if (!isWhole) break;
            if (ordinal < survey.LastSegment && backup.List().Contains(IndexHeader.FileName(ordinal)))
            {
                using var index = backup.Open(IndexHeader.FileName(ordinal));
                await copy.CopyAsync(index, IndexHeader.FileName(ordinal), index.Length);
            }
        }
        target.SyncDirectory();
        await CopySnapshotsAsync(backup, copy, position);
        var report = LogCheck.Run(target, long.MaxValue, SnapshotCheck.Open(target));
        if (!report.IsSound || report.LastPosition != position)
            throw new BackupFailedException($"What was restored does not verify: {(report.IsSound ? $"it ends at position {report.LastPosition} instead of {position}" : report.Problems[0].What)}.");
        return new BackupReport(position, time, copy.Copied, copy.Kept, copy.Bytes, report);
    }

    /// <summary>What was dropped before the backup is in its snapshots alone, so no point before the oldest of them can be restored.</summary>
    static void RefuseUncovered(IDisk backup, Beginning beginning, long toPosition, long toTime)
    {
        var oldest = default(LogPoint?);
        foreach (var (_, file) in SnapshotCheck.Open(backup))
        {
            using (file)
            {
                if (file is not null && file.Header.At.Position >= beginning.Before.Position && file.Header.At.Position < (oldest?.Position ?? long.MaxValue)) oldest = file.Header.At;
            }
        }
        if (oldest is { } point && point.Position <= toPosition && point.Time <= toTime) return;
        throw new BackupFailedException($"The backup begins at position {beginning.First}, and "
            + (oldest is { } first ? $"its oldest snapshot is of position {first.Position}: it can be restored from there on." : "it has no whole snapshot of what was before. Take another one."));
    }

    /// <returns>Where the segment is cut, and whether nothing in it lies behind.</returns>
    static (long End, bool IsWhole) Cut(IDiskFile file, long length, long toPosition, long toTime, ref long position, ref long time)
    {
        using var scanner = new BatchScanner(file);
        long at = SegmentHeader.Bytes;
        while (at < length && scanner.TryRead(at))
        {
            var last = LastTime(scanner.RecordHeaders);
            if (scanner.Header.Last > toPosition || last > toTime) return (at, false);
            (position, time) = (scanner.Header.Last, last);
            at += scanner.Header.TotalBytes;
        }
        return (at, true);
    }

    static long LastTime(ReadOnlySpan<byte> recordHeaders)
    {
        var time = 0L;
        for (var at = 0; at < recordHeaders.Length;)
        {
            var record = new RecordHeader(recordHeaders[at..]);
            time = record.Time;
            at += RecordHeader.Size(record.FeedCount);
        }
        return time;
    }

    static async ValueTask CopySnapshotsAsync(IDisk backup, FileCopy copy, long position)
    {
        foreach (var (name, file) in SnapshotCheck.Open(backup))
        {
            if (file is null) continue;
            using (file)
            {
                if (file.Header.At.Position <= position) await copy.CopyAsync(file.Bytes, name, file.Bytes.Length);
            }
        }
    }
}
