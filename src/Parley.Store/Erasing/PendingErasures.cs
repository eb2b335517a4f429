using Parley.Store.Disks;
using Parley.Store.Recovery;
using Parley.Store.Segments;

namespace Parley.Store.Erasing;

/// <summary>The overwrites that a crash may have left half done.</summary>
static class PendingErasures
{
    /// <summary>Completes them before anything is scanned, for a body that is half the old and half the new one looks like damage. Interrupted at any point, it can be done again.</summary>
    /// <exception cref="NewerFormatException">A later release began them.</exception>
    public static async ValueTask CompleteAsync(IDisk disk)
    {
        if (Read(disk) is not { } pending) return;
        foreach (var segment in pending)
        {
            using var file = disk.Open(segment.Key);
            foreach (var (offset, body) in segment) file.Write(body.Span, offset);
            await file.SyncAsync();
        }
        disk.Delete(ErasuresFile.Name);
        disk.SyncDirectory();
    }

    /// <summary>The directory as if they were completed, changing nothing; not to be written to.</summary>
    public static IDisk Over(IDisk disk) => Read(disk) is { Count: > 0 } pending ? new OverwrittenDisk(disk, pending) : disk;

    /// <returns>By the segment's name, with the body's offset; null when there is no file that could be judged.</returns>
    static ILookup<string, (long Offset, ReadOnlyMemory<byte> Body)>? Read(IDisk disk)
    {
        var names = disk.List();
        // Without an epoch file nobody knows whose they are; such a directory is not opened, only repaired.
        if (!names.Contains(ErasuresFile.Name) || !names.Contains(EpochFile.Name) || !EpochFile.TryRead(disk, out var epoch)) return null;
        var found = new List<(string Name, long Offset, ReadOnlyMemory<byte> Body)>();
        foreach (var group in (ErasuresFile.Read(disk, epoch.Log) ?? []).GroupBy(one => SegmentHeader.FileName(one.Segment)))
        {
            if (!names.Contains(group.Key)) continue;
            using var file = disk.Open(group.Key);
            foreach (var one in group)
            {
                // What was taken out of the log since has nothing to erase.
                if (BodyOffset(file, epoch.Log, one) is { } offset) found.Add((group.Key, offset, one.Body));
            }
        }
        return found.ToLookup(one => one.Name, one => (one.Offset, one.Body));
    }

    /// <returns>Null unless the record is there and the body has the checksum that its header says.</returns>
    static long? BodyOffset(IDiskFile file, ulong log, in Overwrite one)
    {
        var bytes = new byte[RecordHeader.Size(RecordHeader.MaxFeeds)];
        var header = new RecordHeader(bytes.AsSpan(0, file.Read(bytes, one.Header)));
        if (!header.IsIntact || header.BodyLength != one.Body.Length || header.BodyCrc != Crc32C.Of(one.Body.Span)) return null;
        Span<byte> batchBytes = stackalloc byte[BatchHeader.Bytes];
        var start = one.Header - header.BatchDistance;
        if (start < SegmentHeader.Bytes || file.Read(batchBytes, start) < batchBytes.Length || !BatchHeader.TryRead(batchBytes, out var batch)) return null;
        if (batch.Log != log || batch.First + header.Ordinal != one.Position) return null;
        var offset = one.Header + header.BodyDistance;
        return offset + one.Body.Length <= file.Length ? offset : null;
    }
}
