using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Reads;

/// <summary>
/// Reads committed records one after the other, for who reads many: whole stretches of a segment at once, verified a batch at a time, and nothing allocated for a record. What it shows of a record is
/// borrowed until the next. For one thread.
/// </summary>
public sealed class LogScan : IDisposable
{
    readonly Segment[] _segments;
    readonly long _to;
    readonly Lock _overwriting;
    BatchScanner? _scanner;
    int _segment;
    long _offset;
    Filing[] _filings = new Filing[16];
    int _feedCount;
    // In the batch that was read last: how many records are left, and where the next one's header and body are.
    int _left;
    int _header;
    int _body;
    int _bodyStart;

    /// <param name="offset">Of the batch that holds the first record.</param>
    internal LogScan(Segment[] segments, int segment, long offset, long from, long to, Lock overwriting)
    {
        (_segments, _segment, _offset, _to, _overwriting) = (segments, segment, offset, to, overwriting);
        Position = from - 1;
    }

    public long Position { get; private set; }
    public ushort Type { get; private set; }
    public long App { get; private set; }

    /// <summary>µs since the Unix epoch.</summary>
    public long Time { get; private set; }
    public ReadOnlySpan<Filing> Filings => _filings.AsSpan(0, _feedCount);
    public ReadOnlySpan<byte> Body => _scanner!.Bytes[_bodyStart.._body];

    /// <returns>False behind the last one.</returns>
    /// <exception cref="CorruptRecordException">A batch fails a checksum.</exception>
    public bool TryNext()
    {
        if (Position >= _to) return false;
        var wanted = Position + 1;
        do
        {
            if (_left == 0) ReadBatch();
            ReadRecord();
        }
        while (Position < wanted);
        return true;
    }

    void ReadBatch()
    {
        if (_scanner is null)
        {
            _scanner = new BatchScanner(_segments[_segment].File, _overwriting);
        }
        else
        {
            _offset += _scanner.Header.TotalBytes;
            if (_segment + 1 < _segments.Length && _segments[_segment + 1].First == _scanner.Header.Last + 1)
            {
                _scanner.Dispose();
                _scanner = new BatchScanner(_segments[++_segment].File, _overwriting);
                _offset = SegmentHeader.Bytes;
            }
        }

        if (!_scanner.TryRead(_offset)) throw new CorruptRecordException(_segments[_segment].Name, _offset, 0, 0);
        _left = _scanner.Header.Count;
        _header = BatchHeader.Bytes;
        _body = BatchHeader.Bytes + _scanner.Header.HeaderBytes;
        Position = _scanner.Header.First - 1;
    }

    void ReadRecord()
    {
        var header = new RecordHeader(_scanner!.Bytes[_header..]);
        (Position, Type, App, Time, _feedCount) = (Position + 1, header.Type, header.App, header.Time, header.FeedCount);
        if (_filings.Length < _feedCount) _filings = new Filing[RecordHeader.MaxFeeds];
        for (var i = 0; i < _feedCount; i++) _filings[i] = header[i];
        _bodyStart = _body;
        _body += header.BodyLength;
        _header += RecordHeader.Size(_feedCount);
        _left--;
    }

    public void Dispose() => _scanner?.Dispose();
}
