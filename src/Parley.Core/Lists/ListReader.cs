using Parley.Core.Records;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Lists;

/// <summary>
/// What happened to a list (friends, members, conversations …) since a version of it. The versions are the sequences of the list's change feed. What an entry is now
/// is the state's to say, which may be newer than the range.
/// </summary>
public sealed class ListReader(Log log)
{
    /// <summary>Changes read for one answer; beyond, the whole list is shorter.</summary>
    const int MaxChanges = 200;
    const int MaxEntries = 1_000;
    const int MaxPageBytes = 4 << 20;

    /// <param name="list">One of the change feeds of <see cref="Conversations.FeedIds"/>.</param>
    /// <param name="since">The version the reader has; smaller than <paramref name="version"/>.</param>
    /// <param name="version">The version now, from the state.</param>
    /// <returns>Each entry once (the number of a user or group, or a conversation's feed; 0 for the list's subject), and whether it came into the list in the range. Null: read the whole list.</returns>
    public IReadOnlyDictionary<ulong, bool>? Changes(long app, FeedId list, long since, long version)
    {
        if (version - since > MaxChanges) return null;
        var changes = new ListChanges();
        for (var from = since + 1; from <= version;)
        {
            var page = log.ReadFeed(new FeedKey(app, list), from, version, MaxChanges, MaxPageBytes);
            if (page.Count == 0) return null;
            foreach (var stored in page)
                Record.Read(stored.Type, stored.Body)?.Touch(list, new Applied(stored.Position, stored.Time, stored.Filings), changes);
            from += page.Count;
        }

        return changes.IsLost || changes.Entries.Count > MaxEntries ? null : changes.Entries;
    }
}
