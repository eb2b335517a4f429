using Parley.Store.Segments;

namespace Parley.Store.Reads;

/// <summary>Reads single records and verifies them on their own, without the rest of their batch.</summary>
sealed class RecordReader : IDisposable
{
    const int CopiedBodyBytes = 4 << 10;

    // Headers and bodies of a large batch lie apart, so each has its window; in a small one the first holds both.
    readonly ReadWindow _headers = new();
    readonly ReadWindow _bodies = new();

    Segment? _batchSegment;
    long _batchOffset;
    BatchHeader _batch;

    /// <param name="bodyLimit">A longer body is left unread.</param>
    /// <returns>Null when the body is longer than the limit.</returns>
    /// <exception cref="CorruptRecordException">The header, its batch's header or the body fails its checksum.</exception>
    public LogRecord? Read(Segment segment, long offset, long bodyLimit)
    {
        var header = Header(segment, offset);
        if (header.BodyLength > bodyLimit) return null;
        var (type, app, time, filings) = (header.Type, header.App, header.Time, header.Filings());
        var (ordinal, bodyOffset, bodyLength, bodyCrc) = (header.Ordinal, offset + header.BodyDistance, header.BodyLength, header.BodyCrc);
        var position = Batch(segment, offset - header.BatchDistance).First + ordinal;
        return new LogRecord(position, type, app, time, filings, Body(segment, offset, bodyOffset, bodyLength, bodyCrc));
    }

    /// <summary>Good until the next call.</summary>
    public RecordHeader Header(Segment segment, long offset)
    {
        var bytes = _headers.Get(segment.File, offset, RecordHeader.Size(0));
        if (bytes.Length == RecordHeader.Size(0))
        {
            var header = new RecordHeader(bytes);
            var size = RecordHeader.Size(header.FeedCount);
            if (header.FeedCount <= RecordHeader.MaxFeeds) bytes = _headers.Get(segment.File, offset, size);
            header = new RecordHeader(bytes);
            if (header.IsIntact) return header;
            if (header.FeedCount <= RecordHeader.MaxFeeds && bytes.Length >= size)
                throw new CorruptRecordException(segment.Name, offset, header.StoredCrc, header.ComputedCrc);
        }
        throw new CorruptRecordException(segment.Name, offset, 0, 0);
    }

    public BatchHeader Batch(Segment segment, long offset)
    {
        if (ReferenceEquals(segment, _batchSegment) && offset == _batchOffset) return _batch;
        Span<byte> copy = stackalloc byte[BatchHeader.Bytes];
        if (offset >= SegmentHeader.Bytes)
        {
            if (_headers.Holds(segment.File, offset, copy.Length)) _headers.Get(segment.File, offset, copy.Length).CopyTo(copy);
            else segment.File.Read(copy, offset);
        }
        if (!BatchHeader.TryRead(copy, out _batch)) throw new CorruptRecordException(segment.Name, offset, 0, Crc32C.Of(copy));
        (_batchSegment, _batchOffset) = (segment, offset);
        return _batch;
    }

    byte[] Body(Segment segment, long header, long offset, int length, uint crc)
    {
        if (length == 0) return [];
        if (offset + length > segment.Prepared) throw new CorruptRecordException(segment.Name, header, crc, 0);
        var body = GC.AllocateUninitializedArray<byte>(length);
        if (_headers.Holds(segment.File, offset, length)) _headers.Get(segment.File, offset, length).CopyTo(body);
        else if (length <= CopiedBodyBytes) _bodies.Get(segment.File, offset, length).CopyTo(body);
        else segment.File.Read(body, offset);
        var computed = Crc32C.Of(body);
        return computed == crc ? body : throw new CorruptRecordException(segment.Name, header, crc, computed);
    }

    public void Dispose()
    {
        _headers.Dispose();
        _bodies.Dispose();
    }
}
