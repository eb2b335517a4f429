using System.Globalization;
using Parley.Store;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>The id under which clients keep list versions: that of the log, so that a new data directory makes them start anew.</summary>
sealed class ListVersions(Log log, OpenIMOptions options)
{
    /// <summary>Lists that do not exist yet stand at their first version.</summary>
    public const ulong First = 1;

    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{log.LogId:x16}{(uint)options.App:x8}");
}
