using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>Records being gathered for one write and one sync. Used by the single writer only; borrowed from the log and reused by it after the commit.</summary>
public sealed class Batch
{
    readonly FeedTable _feeds;
    readonly int _maxBytes;
    // Batch header and record headers; Seal puts the bodies behind them.
    byte[] _buffer = new byte[4096];
    byte[] _bodies = new byte[4096];
    int[] _filed = new int[64];
    int _filedCount;
    int _headerEnd;
    int _bodyEnd;
    long _first;
    long _firstTime;
    long _lastTime;

    internal Batch(FeedTable feeds, int maxBytes) => (_feeds, _maxBytes) = (feeds, maxBytes);

    public int Count { get; private set; }

    /// <summary>Position the next record will get.</summary>
    public long NextPosition => _first + Count;

    internal Segment? Target { get; private set; }
    internal long First => _first;
    internal long LastTime => _lastTime;

    /// <summary>Index in the feed table of every filing, in the order of the records.</summary>
    internal ReadOnlySpan<int> Filed => _filed.AsSpan(0, _filedCount);

    internal ReadOnlySpan<byte> RecordHeaders => _buffer.AsSpan(BatchHeader.Bytes, _headerEnd - BatchHeader.Bytes);

    /// <summary>Whether so many more records with so many feeds and body bytes together fit.</summary>
    public bool HasRoomFor(int records, int feeds, int bodyBytes)
        => BatchHeader.Padded(_headerEnd + RecordHeader.TotalSize(records, feeds) + _bodyEnd + bodyBytes) <= _maxBytes;

    /// <summary>Last sequence given in a feed, the open batch included; 0 when there is none.</summary>
    public long LastSequence(FeedKey feed)
    {
        var index = _feeds.Find(feed);
        return index < 0 ? 0 : _feeds[index].Last + _feeds[index].Pending;
    }

    /// <summary>Numbers a record and adds it.</summary>
    /// <param name="type">The caller's; never looked at.</param>
    /// <param name="feeds">1 to 1,024 different feeds of <paramref name="app"/>. (0 feeds is allowed: a record read by position only.)</param>
    /// <param name="filings">Receives the sequence in each feed; as long as <paramref name="feeds"/>.</param>
    /// <param name="time">Microseconds, greater than that of the record before.</param>
    /// <returns>The record's position.</returns>
    /// <exception cref="ArgumentException">A bound above is broken, or <see cref="HasRoomFor"/> is false. Nothing was added.</exception>
    public long Add(ushort type, long app, long time, ReadOnlySpan<FeedId> feeds, ReadOnlySpan<byte> body, Span<Filing> filings)
    {
        if (Target is null) throw new InvalidOperationException("The batch was committed; begin another.");
        if (time <= _lastTime) throw new ArgumentException($"Record time {time} µs is not after {_lastTime} µs, the record before.", nameof(time));
        if (feeds.Length > RecordHeader.MaxFeeds) throw new ArgumentException($"{feeds.Length} feeds; a record has at most {RecordHeader.MaxFeeds}.", nameof(feeds));
        if (filings.Length < feeds.Length) throw new ArgumentException($"{filings.Length} filings for {feeds.Length} feeds.", nameof(filings));
        if (!HasRoomFor(1, feeds.Length, body.Length)) throw new ArgumentException($"A body of {body.Length} bytes under {feeds.Length} feeds does not fit into the batch.", nameof(body));

        filings = filings[..feeds.Length];
        Number(app, feeds, filings);
        var size = RecordHeader.Size(feeds.Length);
        Fit(ref _buffer, _headerEnd, size);
        Fit(ref _bodies, _bodyEnd, body.Length);
        RecordHeader.Write(_buffer.AsSpan(_headerEnd, size), Count, _headerEnd, body, type, app, time, filings);
        body.CopyTo(_bodies.AsSpan(_bodyEnd));
        _headerEnd += size;
        _bodyEnd += body.Length;
        _lastTime = time;
        if (Count == 0) _firstTime = time;
        return _first + Count++;
    }

    void Number(long app, ReadOnlySpan<FeedId> feeds, Span<Filing> filings)
    {
        if (_filed.Length < _filedCount + feeds.Length) Array.Resize(ref _filed, Math.Max(_filed.Length * 2, _filedCount + feeds.Length));
        var filed = _filed.AsSpan(_filedCount, feeds.Length);
        for (var i = 0; i < feeds.Length; i++)
        {
            filed[i] = _feeds.FindOrAdd(new FeedKey(app, feeds[i]));
            ref var feed = ref _feeds[filed[i]];
            if (feed.Stamp == Count + 1)
            {
                foreach (var index in filed[..i]) _feeds[index].Stamp = 0;
                throw new ArgumentException($"Feed {feeds[i].Value:x16} is named twice.", nameof(feeds));
            }
            feed.Stamp = Count + 1;
            filings[i] = new Filing(feeds[i], feed.Last + feed.Pending + 1);
        }
        foreach (var index in filed) _feeds[index].Pending++;
        _filedCount += feeds.Length;
    }

    internal void Open(Segment target, long first, long lastTime)
    {
        (Target, _first, _lastTime) = (target, first, lastTime);
        (_headerEnd, _bodyEnd, _filedCount, Count) = (BatchHeader.Bytes, 0, 0, 0);
    }

    internal void Close() => Target = null;

    /// <summary>Joins headers and bodies into the bytes to write; borrowed until the next <see cref="Open"/>.</summary>
    internal ReadOnlySpan<byte> Seal(ulong log, ulong epoch, ulong previousEpoch, long synced)
    {
        var header = new BatchHeader
        {
            Log = log,
            Epoch = epoch,
            PreviousEpoch = previousEpoch,
            First = _first,
            Synced = synced,
            Time = _firstTime,
            Count = Count,
            HeaderBytes = _headerEnd - BatchHeader.Bytes,
            BodyBytes = _bodyEnd,
        };
        var total = (int)header.TotalBytes;
        Fit(ref _buffer, _headerEnd, total - _headerEnd);
        var batch = _buffer.AsSpan(0, total);
        _bodies.AsSpan(0, _bodyEnd).CopyTo(batch[_headerEnd..]);
        batch[(_headerEnd + _bodyEnd)..].Clear();
        var body = _headerEnd;
        for (var at = BatchHeader.Bytes; at < _headerEnd;)
        {
            var record = new RecordHeader(batch[at.._headerEnd]);
            var size = RecordHeader.Size(record.FeedCount);
            RecordHeader.Finish(batch.Slice(at, size), body - at);
            body += record.BodyLength;
            at += size;
        }
        header.Write(batch);
        return batch;
    }

    static void Fit(ref byte[] buffer, int used, int more)
    {
        if (buffer.Length < used + more) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, used + more));
    }
}
