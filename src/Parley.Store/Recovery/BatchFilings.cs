using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Recovery;

/// <summary>Finds the feeds of a scanned batch and holds each to its next sequence. Its arrays serve every batch.</summary>
sealed class BatchFilings(FeedTable feeds)
{
    FeedKey[] _keys = new FeedKey[1024];
    long[] _sequences = new long[1024];
    int[] _filed = new int[1024];
    int _count;

    /// <summary>Index in the feed table of every filing, in the order of the records.</summary>
    public ReadOnlySpan<int> Filed => _filed.AsSpan(0, _count);

    /// <summary>Adds to each feed's <see cref="Feed.Pending"/>.</summary>
    /// <returns>Null when every sequence is the next of its feed; else where the first is that is not.</returns>
    public (int At, string Problem)? FileAll(ReadOnlySpan<byte> recordHeaders)
    {
        Gather(recordHeaders);
        feeds.Find(_keys.AsSpan(0, _count), _filed);
        for (var i = 0; i < _count; i++)
        {
            if (_filed[i] < 0) _filed[i] = feeds.FindOrAdd(_keys[i]);
            ref var feed = ref feeds[_filed[i]];
            if (_sequences[i] != feed.Last + ++feed.Pending)
                return (OffsetOf(recordHeaders, i), $"feed {feed.Id:x16} of app {feed.App} goes from sequence {feed.Last + feed.Pending - 1} to {_sequences[i]}");
        }
        return null;
    }

    void Gather(ReadOnlySpan<byte> recordHeaders)
    {
        _count = 0;
        for (var at = 0; at < recordHeaders.Length;)
        {
            var record = new RecordHeader(recordHeaders[at..]);
            if (_keys.Length < _count + record.FeedCount) Grow(_count + record.FeedCount);
            for (var i = 0; i < record.FeedCount; i++)
            {
                var filing = record[i];
                (_keys[_count], _sequences[_count++]) = (new FeedKey(record.App, filing.Feed), filing.Sequence);
            }
            at += RecordHeader.Size(record.FeedCount);
        }
    }

    void Grow(int count)
    {
        var size = Math.Max(count, _keys.Length * 2);
        Array.Resize(ref _keys, size);
        Array.Resize(ref _sequences, size);
        Array.Resize(ref _filed, size);
    }

    /// <summary>Offset of the header of the record that a filing belongs to.</summary>
    static int OffsetOf(ReadOnlySpan<byte> recordHeaders, int filing)
    {
        var at = 0;
        while (true)
        {
            var count = new RecordHeader(recordHeaders[at..]).FeedCount;
            if (filing < count) return at;
            filing -= count;
            at += RecordHeader.Size(count);
        }
    }
}
