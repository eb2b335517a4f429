using Parley.Core.Messages;

namespace Parley.Core.Storage;

/// <param name="Sequence">In the feed that was read.</param>
/// <param name="Message">Its own sequence is that in its conversation; 0, and the conversation empty, for a message that was saved to inboxes.</param>
public readonly record struct StorageEntry(long Sequence, StoredMessage Message);

/// <summary>A stretch of an inbox or of a group's conversation.</summary>
/// <param name="Refusal">Why there is none.</param>
/// <param name="LastId">Where to go on: position of the last message of the page, or what was asked from when there is none.</param>
/// <param name="NewestId">Position of the feed's last message; 0 when it has none.</param>
/// <param name="HasMore">More lie in the direction that was read: newer ones for a sync, older ones for the latest.</param>
public sealed record StoragePage(Refusal Refusal, IReadOnlyList<StorageEntry> Entries, long LastId, long NewestId, bool HasMore)
{
    internal static StoragePage Refused(Refusal refusal) => new(refusal, [], 0, 0, false);
}

/// <summary>Where a saved message lies in one feed.</summary>
/// <param name="Id">Its position in the log.</param>
/// <param name="PreviousId">Position of the feed's message before it; 0 when it is the first, or that one can no longer be read.</param>
public readonly record struct SavedPlace(long Id, long PreviousId, long Sequence);
