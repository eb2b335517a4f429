using System.Collections.ObjectModel;
using System.Globalization;
using Parley.Core.Lists;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>The id under which clients keep list versions: that of the log, so that a new data directory makes them start anew.</summary>
sealed class ListVersions(Log log, OpenIMOptions options)
{
    /// <summary>The version of a list without changes.</summary>
    public const ulong First = 1;

    /// <summary>What clients are shown for a version, which is the last sequence of a change feed: a list without changes has a version too.</summary>
    public static ulong Of(long version) => (ulong)version + First;

    /// <param name="shown">The version the client has, as it was shown one.</param>
    /// <param name="version">Of the list now.</param>
    /// <returns>What happened since, as <see cref="ListReader.Changes"/> says it; null when the client has to read the whole list.</returns>
    public IReadOnlyDictionary<ulong, bool>? Delta(ListReader lists, long app, FeedId feed, string? versionId, ulong shown, long version)
    {
        if (versionId != Id || shown < First || shown > Of(version)) return null;
        return shown == Of(version) ? ReadOnlyDictionary<ulong, bool>.Empty : lists.Changes(app, feed, (long)(shown - First), version);
    }

    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{log.LogId:x16}{(uint)options.App:x8}");
}
