using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Storage;

/// <summary>
/// Reads inboxes and groups' conversations by message id, as a back end that keeps devices in sync does. Pages ascend from an id, which need not be in the feed, and
/// leave nothing out: what was recalled, deleted or hidden is there, emptied. The caller has checked who asks.
/// </summary>
public sealed class StorageReader(Log log, Sequencer sequencer, MessageReader messages)
{
    readonly ShownLog _log = new(log, sequencer);

    /// <summary>Messages of an inbox behind an id, at most <paramref name="maxCount"/> of the lowest.</summary>
    /// <param name="maxBytes">Bound on the bodies' bytes; a single message may be over it.</param>
    public async ValueTask<StoragePage> ReadInboxAsync(long app, Addressee user, long afterId, int maxCount, int maxBytes)
    {
        if (await FindAsync(app, user) is not { } reader) return StoragePage.Refused(Refusal.UnknownUser);
        var (feed, head) = HeadOf(app, FeedIds.Inbox(reader));
        var from = new FeedSearch(log, feed, head).FirstAfter(afterId);
        return await PageAsync(feed, head, reader, from, head.Last, afterId, maxCount, maxBytes);
    }

    /// <summary>The newest messages of an inbox, the newest first.</summary>
    public async ValueTask<StoragePage> ReadLatestAsync(long app, Addressee user, int count, int maxBytes)
    {
        if (await FindAsync(app, user) is not { } reader) return StoragePage.Refused(Refusal.UnknownUser);
        var feed = new FeedKey(app, FeedIds.Inbox(reader));
        var records = _log.ReadLast(feed, count, maxBytes);
        // Asked for after the reading: what came meanwhile is newer, and no sign of older ones.
        var head = _log.Head(feed);
        var entries = await ShowAsync(app, reader, feed.Feed, records);
        entries.Reverse();
        var hasMore = entries.Count == 0 ? head.Last >= head.FirstReadable : entries[^1].Sequence > head.FirstReadable;
        return new StoragePage(Refusal.None, entries, entries.Count > 0 ? entries[0].Message.Position : 0, head.LastPosition, hasMore);
    }

    /// <summary>How many messages of an inbox lie behind an id.</summary>
    /// <returns>Null when there is no such user.</returns>
    public async ValueTask<long?> CountInboxAsync(long app, Addressee user, long afterId)
    {
        if (await FindAsync(app, user) is not { } reader) return null;
        var (feed, head) = HeadOf(app, FeedIds.Inbox(reader));
        return head.Last - new FeedSearch(log, feed, head).FirstAfter(afterId) + 1;
    }

    /// <summary>Messages of a group behind an id, at most <paramref name="maxCount"/> of the lowest.</summary>
    /// <param name="user">In whose eyes: what that user can't see is left out. Null for everything there is.</param>
    /// <param name="since">µs: what is older is left out, as for who joined then; 0 leaves nothing out.</param>
    public async ValueTask<StoragePage> ReadGroupAsync(long app, Addressee group, Addressee? user, long afterId, long since, int maxCount, int maxBytes)
    {
        var (refusal, key, reader, first, last) = await sequencer.QueryAsync((state, _) => ViewOf(state.App(app), group, user));
        if (refusal != Refusal.None) return StoragePage.Refused(refusal);
        var (feed, head) = HeadOf(app, key.Feed);
        var search = new FeedSearch(log, feed, head);
        var from = Math.Max(first, search.FirstAfter(afterId));
        if (since > 0) from = Math.Max(from, search.FirstSince(since));
        return await PageAsync(feed, head, reader, from, Math.Min(last, head.Last), afterId, maxCount, maxBytes);
    }

    /// <summary>Where the records that a save made lie in the feeds they were saved to.</summary>
    /// <param name="position">Of the first record; all are committed.</param>
    public Dictionary<FeedId, SavedPlace> PlacesOf(long position, int recordCount)
    {
        var places = new Dictionary<FeedId, SavedPlace>();
        for (var read = 0; read < recordCount;)
        {
            var records = _log.ReadFrom(position + read, recordCount - read, MaxSavedBytes);
            read += records.Count;
            foreach (var record in records)
                foreach (var filing in record.Filings)
                {
                    var feed = new FeedKey(record.App, filing.Feed);
                    var previous = filing.Sequence == 1 ? [] : _log.ReadFeed(feed, filing.Sequence - 1, filing.Sequence - 1, 1, int.MaxValue);
                    places[filing.Feed] = new SavedPlace(record.Position, previous.Count == 0 ? 0 : previous[0].Position, filing.Sequence);
                }
        }

        return places;
    }

    const int MaxSavedBytes = 1 << 20;

    static (Refusal Refusal, ConversationKey Key, UserNumber Reader, long First, long Last) ViewOf(AppState app, Addressee group, Addressee? user)
    {
        if (!group.TryFind(app.Groups, out var number)) return (Refusal.UnknownGroup, default, default, 0, 0);
        var key = ConversationKey.Of(number);
        if (user is not { } named) return (Refusal.None, key, UserNumber.Administration, 1, long.MaxValue);
        if (!named.TryFind(app.Users, out var reader)) return (Refusal.UnknownUser, default, default, 0, 0);
        if (!app.Conversations.TryView(key, reader, out var view)) return (Refusal.NotAMember, default, default, 0, 0);
        return (Refusal.None, key, reader, view.Minimum, view.HasLeft ? view.Last : long.MaxValue);
    }

    async ValueTask<UserNumber?> FindAsync(long app, Addressee user)
        => await sequencer.QueryAsync((state, _) => user.TryFind(state.App(app).Users, out var number) ? number : default(UserNumber?));

    (FeedKey Feed, FeedHead Head) HeadOf(long app, FeedId feed)
    {
        var key = new FeedKey(app, feed);
        return (key, _log.Head(key));
    }

    async ValueTask<StoragePage> PageAsync(FeedKey feed, FeedHead head, UserNumber reader, long from, long to, long afterId, int maxCount, int maxBytes)
    {
        var records = _log.ReadFeed(feed, from, to, maxCount, maxBytes);
        var entries = await ShowAsync(feed.App, reader, feed.Feed, records);
        return records.Count == 0
            ? new StoragePage(Refusal.None, [], afterId, head.LastPosition, from <= to)
            : new StoragePage(Refusal.None, entries, records[^1].Position, head.LastPosition, entries[^1].Sequence < to);
    }

    async ValueTask<List<StorageEntry>> ShowAsync(long app, UserNumber reader, FeedId feed, IReadOnlyList<LogRecord> records)
    {
        if (records.Count == 0) return [];
        var found = new List<Found>(records.Count);
        foreach (var record in records)
        {
            var sequence = Array.Find(record.Filings, filing => filing.Feed == feed).Sequence;
            found.Add(Record.Read(record.Type, record.Body) switch
            {
                MessageSent sent => new Found(record, sequence, new ConversationKey(record.Filings[0].Feed), record.Filings[0].Sequence, sent.Message),
                MessageSaved saved => new Found(record, sequence, default, 0, saved.Message),
                // Of a newer server: that there is something is all that can be said.
                _ => new Found(record, sequence, default, 0, Unknown),
            });
        }

        var (stored, touched) = await sequencer.QueryAsync((state, _) => Look(state.App(app), reader, found));
        foreach (var group in touched.GroupBy(touch => found[touch.Index].Key))
        {
            var page = group.Select(touch => stored[touch.Index]).ToList();
            var operations = group.Where(touch => touch.Operation.Sequence > 0).ToDictionary(touch => touch.Operation.Sequence, touch => touch.Operation);
            await messages.LayOverAsync(app, page, operations, [.. group.Where(touch => touch.IsHidden).Select(touch => stored[touch.Index].Sequence)]);
            foreach (var (touch, message) in group.Zip(page)) stored[touch.Index] = message;
        }

        return [.. found.Zip(stored, (one, message) => new StorageEntry(one.FeedSequence, message))];
    }

    static (List<StoredMessage> Stored, List<(int Index, MessageOperation Operation, bool IsHidden)> Touched) Look(AppState app, UserNumber reader, List<Found> found)
    {
        var (stored, touched) = (new List<StoredMessage>(found.Count), new List<(int, MessageOperation, bool)>());
        for (var i = 0; i < found.Count; i++)
        {
            var (record, _, key, sequence, message) = found[i];
            var name = key == default ? new ConversationName(default, "") : app.Conversations.NameOf(key);
            stored.Add(new StoredMessage(record.Position, sequence, record.Time, name, app.Users.IdOrEmpty(message.Sender), message));
            if (key == default) continue;
            var operation = app.Operations.Of(key, sequence);
            var isHidden = reader != UserNumber.Administration && (app.Operations.IsHidden(key, reader, sequence) || !app.Conversations.CanSee(key, reader, sequence));
            if (isHidden || operation.Fate != MessageFate.None) touched.Add((i, operation, isHidden));
        }

        return (stored, touched);
    }

    static readonly Message Unknown = new(UserNumber.Administration, "", ContentKind.None, default, 0, 0);

    readonly record struct Found(LogRecord Record, long FeedSequence, ConversationKey Key, long Sequence, Message Message);
}
