using Parley.Store.Feeds;
using Parley.Store.Retention;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store;

/// <summary>What is committed, as readers see it. Changed under <see cref="Gate"/> only, which is never held during I/O.</summary>
sealed class LogState
{
    long _committed;
    long _lastTime;
    // Replaced, never changed: readers keep the array they found.
    volatile Segment[] _segments = [];
    volatile Beginning _beginning = Beginning.OfAll;

    public LogState() => Feeds = new FeedTable(Gate);

    public Lock Gate { get; } = new();
    public FeedTable Feeds { get; }

    /// <summary>Held while one body is overwritten, during I/O: who read half of it holds it too and reads again.</summary>
    public Lock Overwriting { get; } = new();

    /// <summary>What lies before was dropped.</summary>
    public Beginning Beginning => _beginning;

    /// <summary>All segments with batches, and the one the next batch goes to, by ordinal.</summary>
    public Segment[] Segments => _segments;
    public Segment Current => _segments[^1];

    public long Committed => Volatile.Read(ref _committed);
    public long LastTime => Volatile.Read(ref _lastTime);

    /// <summary>Last position of the newest segment with an index file; 0 without.</summary>
    public long Sealed => NewestSealed?.Last ?? 0;

    public Segment? NewestSealed
    {
        get
        {
            // They are indexed from the oldest on.
            var segments = _segments;
            var i = segments.Length - 1;
            while (i >= 0 && segments[i].Index is null) i--;
            return i < 0 ? null : segments[i];
        }
    }

    /// <summary>Verifies every index that was taken over unread. Reads them all: for when something contradicts one.</summary>
    /// <returns>Whether one was damaged and is now built anew, so that asking again may help.</returns>
    public bool VerifyIndexes()
    {
        var isAny = false;
        foreach (var segment in _segments) isAny |= segment.Index?.Verify() ?? false;
        return isAny;
    }

    public ulong LastEpoch => _segments.Length == 0 ? Beginning.Before.Epoch : Current.Last >= Current.First ? Current.LastEpoch : Current.PreviousEpoch;

    /// <summary>Lets an empty log begin where segments were dropped. The feeds are loaded by the caller.</summary>
    public void Begin(Beginning beginning)
    {
        _beginning = beginning;
        Volatile.Write(ref _lastTime, beginning.Before.Time);
        Volatile.Write(ref _committed, beginning.Before.Position);
    }

    /// <summary>Moves the beginning of a log in use forward.</summary>
    public void Drop(Beginning beginning)
    {
        _beginning = beginning;
        _segments = [.. _segments.Where(segment => segment.Ordinal >= beginning.Segment)];
    }

    /// <summary>Makes an empty segment the one that batches go to.</summary>
    public void Append(Segment segment)
    {
        segment.PreviousEpoch = LastEpoch;
        segment.LastEpoch = segment.PreviousEpoch;
        segment.First = Committed + 1;
        segment.Last = Committed;
        segment.Tail = new TailIndex();
        _segments = [.. _segments, segment];
    }

    /// <summary>Takes over a segment that has its index file; the feeds' heads speak for it already, or are moved by <see cref="Apply"/>.</summary>
    public void Append(Segment segment, SegmentIndex index)
    {
        var header = index.Header;
        segment.Index = index;
        segment.PreviousEpoch = header.PreviousEpoch;
        segment.LastEpoch = header.LastEpoch;
        segment.First = header.First;
        segment.Last = header.Last;
        segment.LastTime = header.LastTime;
        segment.End = header.End;
        _segments = [.. _segments, segment];
        Volatile.Write(ref _lastTime, header.LastTime);
        Volatile.Write(ref _committed, header.Last);
    }

    /// <summary>Moves feed heads as a segment's index says.</summary>
    /// <param name="feeds">Each row's feed as an index in the table, or -1 where it is new.</param>
    public void Apply(int ordinal, IEnumerable<FeedRow> rows, ReadOnlySpan<int> feeds)
    {
        foreach (var row in rows)
        {
            ref var feed = ref Feeds[feeds[0] < 0 ? Feeds.FindOrAdd(row.Key) : feeds[0]];
            feeds = feeds[1..];
            feed.Last = row.Last;
            feed.LastPosition = row.LastPosition;
            feed.Segment = ordinal;
        }
    }

    /// <summary>The record at a sealed segment's end, the last one dropped or the last committed one; null when the position is none of them.</summary>
    public LogPoint? PointAt(long position)
    {
        lock (Gate)
        {
            foreach (var segment in _segments)
            {
                if (segment.Last == position && segment.Index is not null) return new LogPoint(position, segment.LastEpoch, segment.LastTime);
            }
            if (position > 0 && position == Beginning.Before.Position) return Beginning.Before;
            return position == Committed && position > 0 ? new LogPoint(position, LastEpoch, LastTime) : null;
        }
    }

    /// <summary>Makes a batch that lies at the current segment's end part of what readers see.</summary>
    /// <param name="filed">Index in <see cref="Feeds"/> of every filing, in the order of the records.</param>
    public void Publish(long first, ulong epoch, ReadOnlySpan<byte> recordHeaders, long totalBytes, ReadOnlySpan<int> filed)
    {
        var segment = Current;
        var tail = segment.Tail!;
        tail.AddBatch(first, segment.End);
        var position = first;
        var time = 0L;
        for (var at = 0; at < recordHeaders.Length; position++)
        {
            var record = new RecordHeader(recordHeaders[at..]);
            foreach (var index in filed[..record.FeedCount])
            {
                tail.Add(Feeds, index, segment.Ordinal, segment.End + BatchHeader.Bytes + at, position);
                ref var feed = ref Feeds[index];
                feed.Last++;
                feed.LastPosition = position;
                feed.Pending = 0;
                feed.Stamp = 0;
            }
            filed = filed[record.FeedCount..];
            time = record.Time;
            at += RecordHeader.Size(record.FeedCount);
        }
        segment.End += totalBytes;
        segment.Last = position - 1;
        segment.LastEpoch = epoch;
        segment.LastTime = time;
        Volatile.Write(ref _lastTime, time);
        Volatile.Write(ref _committed, position - 1);
    }
}
