using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Notices;

/// <summary>A notice as it lies in a feed of notices.</summary>
/// <param name="Time">Record time, µs.</param>
/// <param name="Notice">Null when this version has no word for the record, or it is not for the reader.</param>
public sealed record StoredNotice(long Sequence, long Position, long Time, Notice? Notice);

/// <summary>Reads feeds of notices for edges.</summary>
public sealed class NoticeReader(Log log, Sequencer sequencer)
{
    const int MaxPageBytes = 4 << 20;

    readonly ShownLog _log = new(log, sequencer);

    /// <summary>Last sequence of a feed of notices; 0 when it is empty.</summary>
    public long Last(long app, FeedId feed) => _log.Head(new FeedKey(app, feed)).Last;

    /// <summary>Notices <paramref name="from"/>..<paramref name="to"/> about a conversation, ascending, at most <paramref name="maxCount"/> of the lowest.</summary>
    /// <returns>Nothing when the reader takes no part in it now. A notice about a message that is out of their sight is null.</returns>
    public ValueTask<IReadOnlyList<StoredNotice>> ReadAsync(long app, ConversationKey conversation, UserNumber reader, long from, long to, int maxCount)
        => ReadAsync(app, FeedIds.Notices(conversation), conversation, reader, from, to, maxCount);

    /// <summary>The same, of what a user's own devices are told.</summary>
    public ValueTask<IReadOnlyList<StoredNotice>> ReadAsync(long app, UserNumber reader, long from, long to, int maxCount)
        => ReadAsync(app, FeedIds.Notices(reader), null, reader, from, to, maxCount);

    async ValueTask<IReadOnlyList<StoredNotice>> ReadAsync(long app, FeedId feed, ConversationKey? conversation, UserNumber reader, long from, long to, int maxCount)
    {
        if (from > to || maxCount <= 0) return [];
        var page = _log.ReadFeed(new FeedKey(app, feed), Math.Max(1, from), to, maxCount, MaxPageBytes);
        var records = page.Select(stored => Record.Read(stored.Type, stored.Body)).ToArray();
        return await sequencer.QueryAsync((state, _) =>
        {
            var notices = new List<StoredNotice>(page.Count);
            var view = default(ConversationView);
            if (conversation is { } key && (!state.App(app).Conversations.TryView(key, reader, out view) || view.HasLeft)) return notices;
            for (var i = 0; i < page.Count; i++)
            {
                var stored = page[i];
                var at = new Applied(stored.Position, stored.Time, stored.Filings);
                var notice = records[i]?.NoticeFor(state.App(app), feed, at, reader);
                var isInSight = notice is null || notice.FirstMessage == 0 || (notice.FirstMessage >= view.Minimum && notice.FirstMessage <= view.Last);
                notices.Add(new StoredNotice(at.SequenceIn(feed), stored.Position, stored.Time, isInSight ? notice : null));
            }

            return notices;
        });
    }
}
