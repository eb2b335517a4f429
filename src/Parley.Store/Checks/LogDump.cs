using Parley.Store.Disks;
using Parley.Store.Erasing;
using Parley.Store.Recovery;
using Parley.Store.Segments;

namespace Parley.Store.Checks;

/// <summary>Reads the records of a directory that no process has open, one after the other, without opening the log; changes nothing.</summary>
public static class LogDump
{
    /// <summary>Every record of every batch that is whole, in the order of the segments; damaged stretches are passed over.</summary>
    /// <param name="from">First position wanted.</param>
    /// <param name="onProblem">Told of each stretch that is passed over.</param>
    /// <exception cref="DirectoryInUseException">A process has it open.</exception>
    public static IEnumerable<DumpedRecord> Read(IDisk disk, long from = 1, long to = long.MaxValue, Action<LogProblem>? onProblem = null)
    {
        using var held = disk.Lock();
        disk = PendingErasures.Over(disk);
        ulong? log = disk.List().Contains(EpochFile.Name) && EpochFile.TryRead(disk, out var epoch) ? epoch.Log : null;
        foreach (var (name, _) in SegmentHeader.NamesIn(disk))
        {
            using var file = disk.Open(name);
            using var scanner = new BatchScanner(file);
            for (long at = SegmentHeader.Bytes; ;)
            {
                if (scanner.TryRead(at) && scanner.Header.Log == (log ??= scanner.Header.Log))
                {
                    if (scanner.Header.First > to) yield break;
                    foreach (var record in scanner.Header.Last < from ? [] : RecordsOf(scanner))
                    {
                        if (record.Position >= from && record.Position <= to) yield return record;
                    }
                    at += scanner.Header.TotalBytes;
                    continue;
                }
                var problem = scanner.Problem;
                if (!scanner.FindClaim(at + BatchHeader.Alignment, log, 0, 0, out _, out var next)) break;
                onProblem?.Invoke(new LogProblem(name, at, $"{problem}; nothing is read up to {next}"));
                at = next;
            }
        }
    }

    static List<DumpedRecord> RecordsOf(BatchScanner scanner)
    {
        var batch = scanner.Header;
        var records = new List<DumpedRecord>(batch.Count);
        var body = BatchHeader.Bytes + batch.HeaderBytes;
        for (var at = BatchHeader.Bytes; records.Count < batch.Count;)
        {
            var header = new RecordHeader(scanner.Bytes[at..]);
            records.Add(new DumpedRecord(batch.First + records.Count, header.Time, (long)batch.Epoch, header.App, header.Type,
                [.. header.Filings().Select(filing => new DumpedFiling(filing.Feed.Value.ToString("x16"), filing.Sequence))],
                scanner.Bytes.Slice(body, header.BodyLength).ToArray()));
            at += RecordHeader.Size(header.FeedCount);
            body += header.BodyLength;
        }
        return records;
    }
}

/// <summary>A record as plain values, to be turned into a line of JSON.</summary>
/// <param name="Time">µs since the Unix epoch.</param>
/// <param name="Body">The store does not know what is in it; JSON shows it in base64.</param>
public sealed record DumpedRecord(long Position, long Time, long Epoch, long App, int Type, IReadOnlyList<DumpedFiling> Feeds, byte[] Body);

/// <param name="Feed">The feed's id, 16 hexadecimal digits.</param>
public sealed record DumpedFiling(string Feed, long Sequence);
