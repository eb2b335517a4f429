using Parley.Store.Feeds;

namespace Parley.Store.Segments;

/// <summary>Finds the feeds of batches that are numbered already.</summary>
sealed class Filer(FeedTable feeds)
{
    readonly List<int> _filed = [];

    /// <summary>Index in the feed table of every filing, in the order of the records; good until the next call.</summary>
    public ReadOnlySpan<int> Filed => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_filed);

    /// <summary>What does not fit, as a clause, and where in the record headers; null when each feed goes on without a gap.</summary>
    public (string Problem, int Offset)? File(ReadOnlySpan<byte> recordHeaders)
    {
        _filed.Clear();
        for (var at = 0; at < recordHeaders.Length;)
        {
            var record = new RecordHeader(recordHeaders[at..]);
            for (var i = 0; i < record.FeedCount; i++)
            {
                var filing = record[i];
                var index = feeds.FindOrAdd(new FeedKey(record.App, filing.Feed));
                ref var feed = ref feeds[index];
                _filed.Add(index);
                if (filing.Sequence == feed.Last + ++feed.Pending) continue;
                var problem = $"feed {filing.Feed.Value:x16} of app {record.App} goes from sequence {feed.Last + feed.Pending - 1} to {filing.Sequence}";
                foreach (var touched in _filed) feeds[touched].Pending = 0;
                return (problem, at);
            }

            at += RecordHeader.Size(record.FeedCount);
        }

        return null;
    }
}
