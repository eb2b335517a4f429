using Parley.Core.Conversations;
using Parley.Core.Users;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>OpenIM's texts for conversations. A peer conversation is <c>si_</c> and the two user ids, in the order of their bytes, joined by <c>_</c>.</summary>
static class ConversationIds
{
    const string PeerPrefix = "si_";
    const char Separator = '_';

    public static string Peer(string one, string other)
        => UserIds.Compare(one, other) <= 0 ? string.Concat(PeerPrefix, one, "_", other) : string.Concat(PeerPrefix, other, "_", one);

    /// <summary>Ids may hold the separator themselves, so the text is read from the caller's side; registration saw to it that it means one thing there.</summary>
    public static bool TryResolve(UserTable users, UserNumber caller, string conversationId, out ConversationKey key)
    {
        key = default;
        if (!conversationId.StartsWith(PeerPrefix, StringComparison.Ordinal)) return false;
        var pair = conversationId.AsSpan(PeerPrefix.Length);
        var own = users.IdOf(caller);
        if (pair.Length <= own.Length) return false;

        var rest = pair.Length - own.Length - 1;
        if (pair.StartsWith(own, StringComparison.Ordinal) && pair[own.Length] == Separator)
        {
            var peerId = pair[(own.Length + 1)..].ToString();
            if (UserIds.Compare(own, peerId) <= 0 && users.TryFind(peerId, out var peer)) key = ConversationKey.Peer(caller, peer);
        }

        if (key == default && pair.EndsWith(own, StringComparison.Ordinal) && pair[rest] == Separator)
        {
            var peerId = pair[..rest].ToString();
            if (UserIds.Compare(peerId, own) <= 0 && users.TryFind(peerId, out var peer)) key = ConversationKey.Peer(caller, peer);
        }

        return key != default;
    }
}
