namespace Parley.Client;

/// <param name="Id"><c>si_…</c> between two users, <c>sg_…</c> a group, <c>sn_…</c> system.</param>
/// <param name="PeerId">The other user; empty unless the conversation is between two.</param>
/// <param name="GroupId">Empty unless it is a group.</param>
/// <param name="LastMessage">Null when nothing of it can be shown.</param>
/// <param name="Unread">Messages behind the read mark.</param>
/// <param name="MaxSequence">Highest sequence known here.</param>
public sealed record Conversation(string Id, string PeerId, string GroupId, Message? LastMessage, long Unread, long MaxSequence);
