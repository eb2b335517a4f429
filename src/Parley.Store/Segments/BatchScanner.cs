using System.Buffers;
using Parley.Store.Disks;

namespace Parley.Store.Segments;

/// <summary>Reads a segment batch by batch and verifies each wholly, trusting nothing. Header and bytes are good until the next read.</summary>
sealed class BatchScanner(IDiskFile file) : IDisposable
{
    const int SearchBytes = 64 << 10;

    readonly long _length = file.Length;
    byte[] _buffer = [];

    public BatchHeader Header { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, (int)Header.TotalBytes);

    public ReadOnlySpan<byte> RecordHeaders => Bytes.Slice(BatchHeader.Bytes, Header.HeaderBytes);

    /// <summary>What the last <see cref="TryRead"/> that returned false found, as a clause.</summary>
    public string Problem { get; private set; } = "";

    public bool TryReadHeader(long offset, out BatchHeader header)
    {
        Span<byte> bytes = stackalloc byte[BatchHeader.Bytes];
        header = default;
        return offset + bytes.Length <= _length && file.Read(bytes, offset) == bytes.Length && BatchHeader.TryRead(bytes, out header);
    }

    public bool TryRead(long offset)
    {
        if (!TryReadHeader(offset, out var header)) return Fail("no batch header");
        if (header.TotalBytes > _length - offset) return Fail("the batch is longer than its file");
        if (_buffer.Length < header.TotalBytes) Grow((int)header.TotalBytes);
        Header = header;
        if (file.Read(_buffer.AsSpan(0, (int)header.TotalBytes), offset) < header.TotalBytes) return Fail("the file ends within the batch");
        if (!header.RecordsMatch(_buffer)) return Fail("the batch's headers fail their checksum");
        return RecordsAreWhole();
    }

    bool RecordsAreWhole()
    {
        var (at, body) = (BatchHeader.Bytes, BatchHeader.Bytes + Header.HeaderBytes);
        var time = Header.Time - 1;
        for (var i = 0; i < Header.Count; i++)
        {
            if (at + RecordHeader.Size(0) > BatchHeader.Bytes + Header.HeaderBytes) return Fail($"record {i} of the batch has no header");
            var record = new RecordHeader(_buffer.AsSpan(at..(BatchHeader.Bytes + Header.HeaderBytes)));
            if (!record.IsIntact || record.Ordinal != i || record.BatchDistance != at || record.Time <= time || at + record.BodyDistance != body
                || record.BodyLength > BatchHeader.Bytes + Header.HeaderBytes + Header.BodyBytes - body)
                return Fail($"the header of record {i} of the batch contradicts the batch");
            if (Crc32C.Of(_buffer.AsSpan(body, record.BodyLength)) != record.BodyCrc) return Fail($"the body of record {i} of the batch fails its checksum");
            time = record.Time;
            at += RecordHeader.Size(record.FeedCount);
            body += record.BodyLength;
        }
        return at == BatchHeader.Bytes + Header.HeaderBytes && body == at + Header.BodyBytes || Fail("the batch's sizes contradict its records");
    }

    /// <summary>Looks for a later batch header that says a position was synced, at or after an offset.</summary>
    public bool FindClaim(long offset, ulong? log, ulong epoch, long position, out BatchHeader claim, out long claimOffset)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SearchBytes + BatchHeader.Bytes);
        try
        {
            for (var start = BatchHeader.Padded(offset); start < _length; start += SearchBytes)
            {
                var bytes = buffer.AsSpan(0, file.Read(buffer.AsSpan(0, SearchBytes + BatchHeader.Bytes), start));
                for (var at = 0; at < SearchBytes; at++)
                {
                    var found = bytes[at..].IndexOf(BatchHeader.MagicBytes);
                    if (found < 0) break;
                    at += found;
                    if (at % BatchHeader.Alignment > 0 || at >= SearchBytes || !BatchHeader.TryRead(bytes[at..], out claim)) continue;
                    claimOffset = start + at;
                    if (claim.Log == (log ?? claim.Log) && claim.Epoch >= epoch && claim.First >= position && claim.Synced >= position) return true;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        (claim, claimOffset) = (default, 0);
        return false;
    }

    bool Fail(string problem)
    {
        Problem = problem;
        return false;
    }

    void Grow(int size)
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(size);
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
