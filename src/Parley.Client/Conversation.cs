using Parley.Client.Conversations;

namespace Parley.Client;

/// <param name="Id"><c>si_…</c> between two users, <c>sg_…</c> a group, <c>sn_…</c> system.</param>
/// <param name="PeerId">The other user; empty unless the conversation is between two.</param>
/// <param name="GroupId">Empty unless it is a group.</param>
/// <param name="LastMessage">Null when nothing of it can be shown.</param>
/// <param name="Unread">Messages behind the read mark that count: none that was recalled, deleted or never meant to.</param>
/// <param name="MaxSequence">Highest sequence known here.</param>
public sealed record Conversation(string Id, string PeerId, string GroupId, Message? LastMessage, long Unread, long MaxSequence)
{
    /// <summary>This user has read up to here, on any device, as far as is known here.</summary>
    public long ReadSequence { get; init; }

    /// <summary>The other user has read up to here; 0 unless the conversation is between two.</summary>
    public long PeerReadSequence { get; init; }

    public ConversationSettings Settings { get; init; } = ConversationSettings.Default;
}
