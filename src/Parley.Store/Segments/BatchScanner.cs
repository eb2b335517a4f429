using System.Buffers;
using Parley.Store.Disks;

namespace Parley.Store.Segments;

/// <summary>Reads a segment batch by batch and verifies each wholly, trusting nothing. Header and bytes are good until the next read.</summary>
/// <param name="overwriting">Of a log that is open, see <see cref="LogState.Overwriting"/>.</param>
/// <param name="end">Nothing is read from there on; the file's end when null.</param>
sealed class BatchScanner(IDiskFile file, Lock? overwriting = null, long? end = null) : IDisposable
{
    const int SearchBytes = 64 << 10;
    const int WindowBytes = 2 << 20;

    readonly long _length = end ?? file.Length;
    // A stretch of the file, read at once: batches may be as small as one record.
    byte[] _window = [];
    long _windowStart;
    int _windowLength;
    int _at;

    public BatchHeader Header { get; private set; }

    public ReadOnlySpan<byte> Bytes => _window.AsSpan(_at, (int)Header.TotalBytes);

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
        if (TryReadOnce(offset)) return true;
        if (overwriting is null) return false;
        lock (overwriting)
        {
            _windowLength = 0;
            return TryReadOnce(offset);
        }
    }

    bool TryReadOnce(long offset)
    {
        if (offset + BatchHeader.Bytes > _length || !Load(offset, BatchHeader.Bytes) || !BatchHeader.TryRead(_window.AsSpan(_at, BatchHeader.Bytes), out var header))
            return Fail("no batch header");
        if (header.TotalBytes > _length - offset) return Fail("the batch is longer than its file");
        if (!Load(offset, (int)header.TotalBytes)) return Fail("the file ends within the batch");
        Header = header;
        if (!header.RecordsMatch(Bytes)) return Fail("the batch's headers fail their checksum");
        return RecordsAreWhole(Bytes);
    }

    /// <summary>Lets the window hold so many bytes from an offset on.</summary>
    /// <returns>False when the file ends before.</returns>
    bool Load(long offset, int length)
    {
        if (offset < _windowStart || offset + length > _windowStart + _windowLength)
        {
            var size = (int)Math.Min(Math.Max(WindowBytes, length), _length - offset);
            if (_window.Length < size)
            {
                Return();
                _window = ArrayPool<byte>.Shared.Rent(size);
            }
            _windowStart = offset;
            _windowLength = 0;
            _windowLength = file.Read(_window.AsSpan(0, size), offset);
        }
        _at = (int)(offset - _windowStart);
        return _windowLength - _at >= length;
    }

    bool RecordsAreWhole(ReadOnlySpan<byte> bytes)
    {
        var (at, body) = (BatchHeader.Bytes, BatchHeader.Bytes + Header.HeaderBytes);
        var time = Header.Time - 1;
        for (var i = 0; i < Header.Count; i++)
        {
            if (at + RecordHeader.Size(0) > BatchHeader.Bytes + Header.HeaderBytes) return Fail($"record {i} of the batch has no header");
            var record = new RecordHeader(bytes[at..(BatchHeader.Bytes + Header.HeaderBytes)]);
            if (!record.IsIntact || record.Ordinal != i || record.BatchDistance != at || record.Time <= time || at + record.BodyDistance != body
                || record.BodyLength > BatchHeader.Bytes + Header.HeaderBytes + Header.BodyBytes - body)
                return Fail($"the header of record {i} of the batch contradicts the batch");
            if (Crc32C.Of(bytes.Slice(body, record.BodyLength)) != record.BodyCrc) return Fail($"the body of record {i} of the batch fails its checksum");
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

    void Return()
    {
        if (_window.Length > 0) ArrayPool<byte>.Shared.Return(_window);
        (_window, _windowLength) = ([], 0);
    }

    public void Dispose() => Return();
}
