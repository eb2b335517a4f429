using Parley.Store.Checks;
using Parley.Store.Disks;
using Parley.Store.Recovery;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Backups;

/// <summary>Copies a log, while it is in use, into a directory that a log can be opened in: every record up to the position that is committed when it begins.</summary>
/// <remarks>
/// Done again into the same directory it copies only what is new. The writer is never waited for nor made to wait, but for the disk that both read. The copy keeps the log's id:
/// it takes the original's place one day, and never runs beside it. Segments that the log dropped since an earlier backup stay in it, unless it ends before the log begins. Bodies overwritten since an earlier backup stay in it as they were: what must be gone from backups too needs an empty directory.
/// </remarks>
public sealed class Backup
{
    readonly IDisk _source;
    readonly IDisk _target;
    readonly FileCopy _copy;
    readonly IReadOnlyList<BackupSegment> _segments;
    readonly Beginning _beginning;

    Backup(IDisk source, IDisk target, IReadOnlyList<BackupSegment> segments, Beginning beginning, CancellationToken cancellation)
        => (_source, _target, _segments, _beginning, _copy) = (source, target, segments, beginning, new FileCopy(target, cancellation));

    /// <param name="target">Empty, or an earlier backup of the same log.</param>
    /// <exception cref="BackupFailedException">The target is of another log, or did not verify.</exception>
    public static async ValueTask<BackupReport> RunAsync(Log log, IDisk target, CancellationToken cancellation)
    {
        using (target.Lock())
        {
            using var held = log.Hold();
            var (segments, beginning, at) = log.Freeze();
            var backup = new Backup(log.Disk, target, segments, beginning, cancellation);
            await backup.CopyAsync(new EpochFile((ulong)log.LogId, (ulong)log.Epoch), log.OpenSnapshots(), at.Position);
            var report = LogCheck.Run(target, long.MaxValue, SnapshotCheck.Open(target));
            if (!report.IsSound && await backup.MendAsync(report)) report = LogCheck.Run(target, long.MaxValue, SnapshotCheck.Open(target));
            if (!report.IsSound || report.LastPosition != at.Position)
            {
                var what = report.IsSound ? $"it ends at position {report.LastPosition} instead of {at.Position}" : $"{report.Problems[0].Segment}+{report.Problems[0].Offset}: {report.Problems[0].What}";
                throw new BackupFailedException($"The backup does not verify: {what}. Check the log itself; if it is sound, back up into an empty directory.");
            }
            return new BackupReport(at.Position, at.Time, backup._copy.Copied, backup._copy.Kept, backup._copy.Bytes, report);
        }
    }

    async ValueTask CopyAsync(EpochFile epoch, IReadOnlyList<(string Name, SnapshotFile? File)> snapshots, long position)
    {
        try
        {
            RefuseOther(epoch.Log);
            // Before any batch of it: batches with an epoch that was never given out are damage.
            if (!_copy.Has(EpochFile.Name) || !EpochFile.TryRead(_target, out var present) || present != epoch) await epoch.WriteAsync(_target);
            if (!_beginning.IsOfAll && !ReachesBeginning(epoch.Log)) await BeginAsync();
            foreach (var segment in _segments) await CopyAsync(segment);
            _target.SyncDirectory();
            var usable = snapshots.Where(one => one.File is { } file && file.Header.Log == epoch.Log && file.Header.At.Position <= position).ToList();
            foreach (var (name, file) in usable) await _copy.CopyAsync(file!.Bytes, name, file.Bytes.Length);
            foreach (var name in _target.List().Where(name => name.EndsWith(".new", StringComparison.Ordinal)
                || (SnapshotHeader.TryParseName(name, out _) && usable.All(one => one.Name != name))).ToList()) _copy.Delete(name);
            _target.SyncDirectory();
        }
        finally
        {
            foreach (var (_, file) in snapshots) file?.Dispose();
        }
    }

    void RefuseOther(ulong log)
    {
        if (_copy.Has(EpochFile.Name) && EpochFile.TryRead(_target, out var epoch) && epoch.Log != log)
            throw new BackupFailedException($"The target holds the log {epoch.Log:x16}, not {log:x16}. Nothing was changed; choose another directory.");
        var beyond = SegmentHeader.NamesIn(_target).Where(one => one.Ordinal > _segments[^1].Ordinal).ToList();
        if (beyond.Count > 0) throw new BackupFailedException($"The target has {beyond[0].Name}, which the log has not: it was backed up from a later state. Nothing was changed; choose another directory.");
    }

    /// <summary>Whether an earlier backup has what the log dropped since, whole and without a gap up to where the log begins now. Then the copy goes on from it.</summary>
    bool ReachesBeginning(ulong log)
    {
        var present = _copy.Has(BeginningFile.Name) ? BeginningFile.TryRead(_target, log) : Beginning.OfAll;
        if (present is null || present.Segment > _beginning.Segment) return false;
        // The index of a segment is copied with the whole of it.
        for (var ordinal = present.Segment; ordinal < _beginning.Segment; ordinal++)
        {
            if (!_copy.Has(SegmentHeader.FileName(ordinal)) || !_copy.Has(IndexHeader.FileName(ordinal))) return false;
        }
        return true;
    }

    /// <summary>Lets the copy begin where the log does.</summary>
    async ValueTask BeginAsync()
    {
        using (var file = _source.Open(BeginningFile.Name)) await _copy.CopyAsync(file, BeginningFile.Name, file.Length);
        foreach (var name in Dropper.NamesBefore(_target, _beginning)) _copy.Delete(name);
    }

    /// <summary>In a sealed segment only bodies change that are overwritten, and those of an earlier backup stay what they were; so the same index beside it says that it was copied whole. The check that follows reads it all.</summary>
    async ValueTask CopyAsync(BackupSegment segment)
    {
        var index = IndexHeader.FileName(segment.Ordinal);
        if (!segment.IsSealed)
        {
            await _copy.CopyAsync(segment.File, SegmentHeader.FileName(segment.Ordinal), segment.End);
            if (_copy.Has(index)) _copy.Delete(index);
            return;
        }
        using var file = _source.Open(index);
        if (_copy.Has(SegmentHeader.FileName(segment.Ordinal)) && _copy.Has(index) && HasEqualIndex(file, index) && LengthOf(segment) == segment.End)
        {
            _copy.Keep();
            _copy.Keep();
            return;
        }
        await _copy.CopyAsync(segment.File, SegmentHeader.FileName(segment.Ordinal), segment.End);
        await _copy.CopyAsync(file, index, file.Length);
    }

    long LengthOf(BackupSegment segment)
    {
        using var file = _target.Open(SegmentHeader.FileName(segment.Ordinal));
        return file.Length;
    }

    bool HasEqualIndex(IDiskFile source, string index)
    {
        Span<byte> left = stackalloc byte[IndexHeader.Bytes], right = stackalloc byte[IndexHeader.Bytes];
        using var target = _target.Open(index);
        // The header has the checksum of the rest.
        return source.Read(left, 0) == left.Length && target.Read(right, 0) == right.Length && left.SequenceEqual(right) && source.Length == target.Length;
    }

    /// <summary>Copies again whatever was there already and turned out to have gone bad. An index does not matter so much: the next start builds it anew.</summary>
    /// <returns>Whether there was any.</returns>
    async ValueTask<bool> MendAsync(LogReport report)
    {
        var isAny = false;
        foreach (var name in report.Problems.Select(problem => problem.Segment).Distinct().ToList())
        {
            var isIndex = IndexHeader.TryParseName(name, out var ordinal);
            if (!isIndex && !SegmentHeader.TryParseName(name, out ordinal)) continue;
            if (_segments.FirstOrDefault(one => one.Ordinal == ordinal) is not { } segment) continue;
            if (isIndex) _copy.Delete(name);
            else await _copy.CopyAsync(segment.File, SegmentHeader.FileName(ordinal), segment.End);
            isAny = true;
        }
        return isAny;
    }
}

/// <summary>A segment as it is copied: before <paramref name="End"/> nothing changes but bodies that are overwritten.</summary>
sealed record BackupSegment(int Ordinal, IDiskFile File, long End, bool IsSealed);
