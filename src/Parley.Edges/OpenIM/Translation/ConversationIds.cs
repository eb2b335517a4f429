using Parley.Core;
using Parley.Core.Conversations;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>
/// OpenIM's texts for conversations: <c>si_</c> and the two user ids in the order of their bytes, joined by <c>_</c>; <c>sn_</c> likewise where one of the two speaks for the
/// system; <c>sg_</c> and the group's id. Notices about them go by <c>n_</c> and the same ids, those for a user's own devices by <c>n_u_u</c>.
/// </summary>
static class ConversationIds
{
    const string PeerPrefix = "si_";
    const string SystemPrefix = "sn_";
    const string GroupPrefix = "sg_";
    const string NoticesPrefix = "n_";
    const char Separator = '_';

    public static string Of(ConversationName name)
        => name.IsGroup ? GroupPrefix + name.First : Joined(name.IsSystem ? SystemPrefix : PeerPrefix, name.First, name.Second);

    public static string NoticesOf(ConversationName name) => name.IsGroup ? NoticesOfGroup(name.First) : NoticesOf(name.First, name.Second);

    public static string NoticesOf(string one, string other) => Joined(NoticesPrefix, one, other);

    public static string NoticesOfGroup(string groupId) => NoticesPrefix + groupId;

    /// <summary>Reads a text from the caller's side: only what they are or were in is found. Ids may hold the separator; registration saw to it that the text means one thing there.</summary>
    public static bool TryResolve(AppState app, UserNumber caller, string text, out ConversationKey key)
    {
        key = default;
        if (text.StartsWith(GroupPrefix, StringComparison.Ordinal)) return TryResolveGroup(app, caller, text.AsSpan(GroupPrefix.Length), out key);
        if (!text.StartsWith(PeerPrefix, StringComparison.Ordinal) && !text.StartsWith(SystemPrefix, StringComparison.Ordinal)) return false;
        return TryResolvePair(app, caller, text.AsSpan(PeerPrefix.Length), out key) && Of(app.Conversations.NameOf(key)) == text;
    }

    /// <summary>The same for an administrator, who sees all of them; false also when a text of a pair can be read in two ways.</summary>
    public static bool TryResolve(AppState app, string text, out ConversationKey key)
    {
        key = default;
        if (text.StartsWith(GroupPrefix, StringComparison.Ordinal))
        {
            if (!app.Groups.TryFind(text[GroupPrefix.Length..], out var group)) return false;
            key = ConversationKey.Of(group);
            return true;
        }

        if (!text.StartsWith(PeerPrefix, StringComparison.Ordinal) && !text.StartsWith(SystemPrefix, StringComparison.Ordinal)) return false;
        for (var at = text.IndexOf(Separator, PeerPrefix.Length); at >= 0; at = text.IndexOf(Separator, at + 1))
        {
            if (!app.Users.TryFind(text[PeerPrefix.Length..at], out var one) || !app.Users.TryFind(text[(at + 1)..], out var other)) continue;
            if (key != default) return false;
            key = ConversationKey.Peer(one, other);
        }

        return key != default && Of(app.Conversations.NameOf(key)) == text;
    }

    /// <summary>The same for notices.</summary>
    /// <param name="conversation">What the notices are about; null when they are for the caller's own devices.</param>
    public static bool TryResolveNotices(AppState app, UserNumber caller, string text, out FeedId feed, out ConversationName? conversation)
    {
        (feed, conversation) = (default, null);
        if (!text.StartsWith(NoticesPrefix, StringComparison.Ordinal)) return false;
        var ids = text.AsSpan(NoticesPrefix.Length);
        if (!TryResolvePair(app, caller, ids, out var key) && !TryResolveGroup(app, caller, ids, out key)) return false;
        if (key == ConversationKey.Peer(caller, caller))
        {
            feed = FeedIds.Notices(caller);
            return true;
        }

        (feed, conversation) = (FeedIds.Notices(key), app.Conversations.NameOf(key));
        return true;
    }

    static bool TryResolveGroup(AppState app, UserNumber caller, ReadOnlySpan<char> groupId, out ConversationKey key)
    {
        key = default;
        if (!app.Groups.TryFind(groupId.ToString(), out var group) || !app.Members.TryView(group, caller, out _)) return false;
        key = ConversationKey.Of(group);
        return true;
    }

    static bool TryResolvePair(AppState app, UserNumber caller, ReadOnlySpan<char> pair, out ConversationKey key)
    {
        key = default;
        var own = app.Users.IdOf(caller);
        if (pair.Length <= own.Length) return false;

        var rest = pair.Length - own.Length - 1;
        if (pair.StartsWith(own, StringComparison.Ordinal) && pair[own.Length] == Separator)
        {
            var peerId = pair[(own.Length + 1)..].ToString();
            if (UserIds.Compare(own, peerId) <= 0 && app.Users.TryFind(peerId, out var peer)) key = ConversationKey.Peer(caller, peer);
        }

        if (key == default && pair.EndsWith(own, StringComparison.Ordinal) && pair[rest] == Separator)
        {
            var peerId = pair[..rest].ToString();
            if (UserIds.Compare(peerId, own) <= 0 && app.Users.TryFind(peerId, out var peer)) key = ConversationKey.Peer(caller, peer);
        }

        return key != default;
    }

    static string Joined(string prefix, string one, string other)
        => UserIds.Compare(one, other) <= 0 ? string.Concat(prefix, one, "_", other) : string.Concat(prefix, other, "_", one);
}
