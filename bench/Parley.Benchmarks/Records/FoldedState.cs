using Parley.Core;
using Parley.Core.Records;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Benchmarks.Records;

/// <summary>A state and the heads of its feeds, fed with records that lie in no log: encoded, numbered and read back as a start reads them.</summary>
sealed class FoldedState
{
    const long StepMicroseconds = 10;

    // A short memory for repeats: what is measured is what stays.
    readonly State _state = new(new DedupeOptions { MaxMessages = 1_024, MaxMessagesPerSender = 16 });
    readonly FeedTable _feeds = new(new Lock());
    readonly TaggedWriter _writer = new();
    long _time = 1_700_000_000_000_000;

    public AppState App => _state.App(0);

    /// <summary>As a snapshot holds it.</summary>
    public void Write(Stream stream) => _state.Write(stream);

    public long Position => _state.Position;

    public int Feeds => _feeds.Count;

    public void Append(Record record, params ReadOnlySpan<FeedId> feeds)
    {
        var filings = new Filing[feeds.Length];
        for (var i = 0; i < feeds.Length; i++)
        {
            ref var feed = ref _feeds[_feeds.FindOrAdd(new FeedKey(0, feeds[i]))];
            feed.LastPosition = Position + 1;
            filings[i] = new Filing(feeds[i], ++feed.Last);
        }

        _writer.Clear();
        record.Write(_writer);
        _state.Apply(new LogRecord(Position + 1, record.Type, App: 0, _time += StepMicroseconds, filings, _writer.Written.ToArray()));
    }

    /// <summary>Makes the head of a feed that something will be filed in.</summary>
    public void Open(FeedId feed) => _feeds.FindOrAdd(new FeedKey(0, feed));
}
