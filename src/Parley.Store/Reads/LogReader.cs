using Parley.Store.Feeds;
using Parley.Store.Replication;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Reads;

/// <summary>Answers reads from what is committed. Looks up under the log's gate, reads files outside it; any thread.</summary>
sealed class LogReader(LogState state)
{
    // Places found at a time, so that a long range costs neither memory nor a long stay in the gate.
    const int PageRecords = 256;

    readonly FeedLocator _locator = new(state);

    public FeedHead Head(FeedKey key)
    {
        lock (state.Gate)
        {
            var index = state.Feeds.Find(key);
            return index < 0 ? new FeedHead(1, 0, 0) : new FeedHead(state.Feeds.DroppedUpTo(index) + 1, state.Feeds[index].Last, state.Feeds[index].LastPosition);
        }
    }

    public List<LogRecord> ReadFeed(FeedKey key, long from, long to, int maxCount, int maxBytes)
        => Ask(() => ReadFeedOnce(key, from, to, maxCount, maxBytes));

    public List<LogRecord> ReadLast(FeedKey key, int count, int maxBytes) => Ask(() => ReadLastOnce(key, count, maxBytes));

    public List<LogRecord> ReadFrom(long position, int maxCount, int maxBytes) => Ask(() => ReadFromOnce(position, maxCount, maxBytes));

    /// <summary>The record whose header lies there.</summary>
    public LogRecord ReadAt(Segment segment, long offset) => AskWhole(() =>
    {
        using var reader = new RecordReader();
        return reader.Read(segment, offset, long.MaxValue)!;
    });

    /// <summary>Asks again where segments were dropped meanwhile.</summary>
    T Ask<T>(Func<T> read)
    {
        while (true)
        {
            var beginning = state.Beginning;
            try
            {
                return AskVerified(read, beginning);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException && state.Beginning != beginning)
            {
                // What is left of it is looked for anew.
            }
        }
    }

    /// <summary>Asks again where an index that nobody had verified led astray.</summary>
    T AskVerified<T>(Func<T> read, Beginning beginning)
    {
        try
        {
            return AskWhole(read);
        }
        catch (IOException) when (state.Beginning == beginning)
        {
            if (!state.VerifyIndexes()) throw;
            return AskWhole(read);
        }
    }

    /// <summary>Asks again where a body may have been read while it was overwritten.</summary>
    T AskWhole<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CorruptRecordException)
        {
            lock (state.Overwriting) return read();
        }
    }

    List<LogRecord> ReadFeedOnce(FeedKey key, long from, long to, int maxCount, int maxBytes)
    {
        var records = new List<LogRecord>();
        // Looked up once: a window may hold bytes from before a later commit.
        var head = Head(key);
        var last = Math.Min(to, head.Last);
        from = Math.Max(head.FirstReadable, from);
        if (from > last || maxCount <= 0) return records;
        last = Math.Min(last, from + maxCount - 1);

        var places = new RecordPlace[Math.Min(PageRecords, last - from + 1)];
        using var reader = new RecordReader();
        for (var bytes = 0L; from <= last;)
        {
            var page = places.AsSpan(0, (int)Math.Min(places.Length, last - from + 1));
            _locator.Locate(key, from, page);
            foreach (var place in page)
            {
                var record = Read(reader, place, key, from++, records.Count == 0 ? long.MaxValue : maxBytes - bytes);
                if (record is null) return records;
                bytes += record.Body.Length;
                records.Add(record);
            }
        }
        return records;
    }

    List<LogRecord> ReadLastOnce(FeedKey key, int count, int maxBytes)
    {
        var records = new List<LogRecord>();
        var head = Head(key);
        var last = head.Last;
        var first = Math.Max(head.FirstReadable, last - Math.Max(0, count) + 1);
        var places = new RecordPlace[Math.Clamp(last - first + 1, 0, PageRecords)];
        using var reader = new RecordReader();
        var bytes = 0L;
        while (last >= first)
        {
            var page = places.AsSpan(0, (int)Math.Min(places.Length, last - first + 1));
            _locator.Locate(key, last - page.Length + 1, page);
            for (var i = page.Length - 1; i >= 0; i--)
            {
                var record = Read(reader, page[i], key, last--, records.Count == 0 ? long.MaxValue : maxBytes - bytes);
                if (record is null)
                {
                    records.Reverse();
                    return records;
                }
                bytes += record.Body.Length;
                records.Add(record);
            }
        }
        records.Reverse();
        return records;
    }

    List<LogRecord> ReadFromOnce(long position, int maxCount, int maxBytes)
    {
        var records = new List<LogRecord>();
        var committed = state.Committed;
        var segments = state.Segments;
        position = Math.Max(segments[0].First, position);
        if (position > committed || maxCount <= 0) return records;

        var at = SegmentAt(segments, position);
        var batchOffset = BatchAt(segments[at], position);
        using var reader = new RecordReader();
        var bytes = 0L;
        var next = position;
        while (true)
        {
            var batch = reader.Batch(segments[at], batchOffset);
            // An index that points to a later batch would let records be passed over.
            if (batch.First > next || batch.Last < next) throw new CorruptRecordException(segments[at].Name, batchOffset, 0, 0);
            next = batch.Last + 1;
            var offset = batchOffset + BatchHeader.Bytes;
            for (var here = batch.First; here <= batch.Last; here++)
            {
                var size = RecordHeader.Size(reader.Header(segments[at], offset).FeedCount);
                if (here >= position)
                {
                    var record = reader.Read(segments[at], offset, records.Count == 0 ? long.MaxValue : maxBytes - bytes);
                    if (record is null) return records;
                    bytes += record.Body.Length;
                    records.Add(record);
                    if (records.Count == maxCount) return records;
                }
                offset += size;
            }
            if (batch.Last >= committed) return records;
            batchOffset += batch.TotalBytes;
            if (at + 1 < segments.Length && segments[at + 1].First == batch.Last + 1) (at, batchOffset) = (at + 1, SegmentHeader.Bytes);
        }
    }

    /// <summary>See <see cref="Log.ReadBatches"/>.</summary>
    public int ReadBatches(long from, Span<byte> buffer, out long last)
    {
        last = from - 1;
        var committed = state.Committed;
        if (from < 1 || from > committed) return 0;
        var segments = state.Segments;
        if (from < segments[0].First) throw new ReplicaException($"position {from} was dropped, and the log begins at {segments[0].First}; begin the replica with a restored backup's files");
        var segment = segments[SegmentAt(segments, from)];
        var offset = BatchAt(segment, from);
        int length;
        // Bodies are not verified here, so none may be overwritten meanwhile: half of one would look like a diverged log to the replica.
        lock (state.Overwriting) length = segment.File.Read(buffer, offset);
        var copied = 0;
        // Beyond the committed position lies what is being written.
        while (BatchHeader.TryRead(buffer[copied..length], out var header) && header.Last <= committed && copied + header.TotalBytes <= length)
        {
            if (header.First != last + 1) break;
            copied += (int)header.TotalBytes;
            last = header.Last;
        }

        if (copied == 0 && length >= BatchHeader.Bytes && BatchHeader.TryRead(buffer, out var first) && first.First != from)
            throw new ReplicaException($"position {from} is not the first of a batch");
        return copied;
    }

    public LogScan Scan(long from, long to)
    {
        // Looked up once: what a scan's stretches hold of the file was committed before they are read.
        to = Math.Min(to, state.Committed);
        var segments = state.Segments;
        from = Math.Max(segments[0].First, from);
        if (from > to) return new LogScan(segments, 0, 0, from, to, state.Overwriting);
        var at = SegmentAt(segments, from);
        return new LogScan(segments, at, BatchAt(segments[at], from), from, to, state.Overwriting);
    }

    /// <summary>Where a committed record's header and body lie, and the body's checksum.</summary>
    /// <exception cref="CorruptRecordException">A header on the way fails its checksum.</exception>
    public BodyPlace Place(long position) => Ask(() => PlaceOnce(position));

    BodyPlace PlaceOnce(long position)
    {
        var segments = state.Segments;
        if (position < segments[0].First) throw new IOException($"Position {position} was dropped.");
        var segment = segments[SegmentAt(segments, position)];
        using var reader = new RecordReader();
        var offset = BatchAt(segment, position);
        var batch = reader.Batch(segment, offset);
        if (batch.First > position || batch.Last < position) throw new CorruptRecordException(segment.Name, offset, 0, 0);
        offset += BatchHeader.Bytes;
        for (var here = batch.First; here < position; here++) offset += RecordHeader.Size(reader.Header(segment, offset).FeedCount);
        var header = reader.Header(segment, offset);
        return new BodyPlace(segment, offset, offset + header.BodyDistance, header.BodyLength, header.BodyCrc);
    }

    /// <summary>Whether a record is the last of its batch at its position, with this epoch and time. What can't be read is not held.</summary>
    public bool Holds(LogPoint point)
    {
        if (point.Position < 1 || point.Position > state.Committed) return false;
        if (state.PointAt(point.Position) is { } known) return known == point;
        var segments = state.Segments;
        if (point.Position < segments[0].First) return false;
        var segment = segments[SegmentAt(segments, point.Position)];
        try
        {
            return IsAt(segment, point) ?? (segment.Index?.Verify() is true && IsAt(segment, point) is true);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <returns>Null when the index led to a batch that does not have the position.</returns>
    bool? IsAt(Segment segment, LogPoint point)
    {
        using var reader = new RecordReader();
        var offset = BatchAt(segment, point.Position);
        var batch = reader.Batch(segment, offset);
        if (batch.First > point.Position || batch.Last < point.Position) return null;
        if (batch.Last != point.Position || batch.Epoch != point.Epoch) return false;
        offset += BatchHeader.Bytes;
        for (var i = 1; i < batch.Count; i++) offset += RecordHeader.Size(reader.Header(segment, offset).FeedCount);
        return reader.Header(segment, offset).Time == point.Time;
    }

    static LogRecord? Read(RecordReader reader, RecordPlace place, FeedKey key, long sequence, long bodyLimit)
    {
        var record = reader.Read(place.Segment, place.Offset, bodyLimit);
        // An index that survived its checksum and yet points elsewhere must not show one user another's record.
        if (record is not null && (record.App != key.App || Array.IndexOf(record.Filings, new Filing(key.Feed, sequence)) < 0))
            throw new CorruptRecordException(place.Segment.Name, place.Offset, 0, 0);
        return record;
    }

    static int SegmentAt(Segment[] segments, long position)
    {
        int low = 0, high = segments.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (segments[middle].First <= position) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    long BatchAt(Segment segment, long position)
    {
        lock (state.Gate)
        {
            if (segment.Tail is { } tail) return tail.BatchAt(position);
        }
        return segment.Index!.BatchAt(position);
    }
}
