using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;

namespace Parley.Edges.OpenIM.Sync;

/// <summary>A conversation as OpenIM and one of its users know it.</summary>
sealed record UserConversation(string Id, string OwnId, ConversationView View)
{
    /// <summary>Empty in a group.</summary>
    public string PeerId => View.Name.IsGroup ? "" : View.Name.PeerOf(OwnId);

    /// <summary>
    /// What clients are told as the user's read mark: they take the difference to the last sequence for the number of unread messages, so messages that do not count
    /// (recalled, deleted, hidden, events) have to be counted as read. It moves forward only, as the mark itself.
    /// </summary>
    public long ReadAsCounted => View.Last - View.Unread;
}

/// <summary>Notices about a conversation, or those for the user's own devices.</summary>
/// <param name="Conversation">Null for the user's own.</param>
sealed record UserNotices(string Id, ConversationKey? Conversation);

/// <summary>The conversations of a user. What is found is committed.</summary>
sealed class UserConversations(Sequencer sequencer, NoticeReader notices, OpenIMOptions options)
{
    /// <summary>All of them, up to the bound.</summary>
    public async ValueTask<IReadOnlyList<UserConversation>> AllAsync(long app, UserNumber user) => (await VersionedAsync(app, user)).Conversations;

    /// <summary>The same, and the version of their list.</summary>
    public ValueTask<(IReadOnlyList<UserConversation> Conversations, long Version)> VersionedAsync(long app, UserNumber user)
        => sequencer.QueryAsync((state, _) =>
        {
            var tables = state.App(app);
            var ownId = tables.Users.IdOf(user);
            var all = tables.Conversations.Of(user).Take(options.MaxConversations).Select(view => new UserConversation(ConversationIds.Of(view.Name), ownId, view)).ToArray();
            return ((IReadOnlyList<UserConversation>)all, tables.Conversations.VersionOf(user));
        });

    /// <summary>Those of the ids that are conversations of the user, each once.</summary>
    public ValueTask<Dictionary<string, UserConversation>> FindAsync(long app, UserNumber user, IEnumerable<string> ids)
        => sequencer.QueryAsync((state, _) =>
        {
            var tables = state.App(app);
            var ownId = tables.Users.IdOf(user);
            var found = new Dictionary<string, UserConversation>(StringComparer.Ordinal);
            foreach (var id in ids)
            {
                if (found.ContainsKey(id) || !ConversationIds.TryResolve(tables, user, id, out var key) || !tables.Conversations.TryView(key, user, out var view)) continue;
                found[id] = new UserConversation(id, ownId, view);
            }

            return found;
        });

    /// <summary>The one with that id; null when it is none of the user's.</summary>
    public async ValueTask<UserConversation?> FindAsync(long app, UserNumber user, string id) => (await FindAsync(app, user, [id])).GetValueOrDefault(id);

    /// <summary>Those of the ids that name notices of the user, each once.</summary>
    public ValueTask<Dictionary<string, UserNotices>> FindNoticesAsync(long app, UserNumber user, IEnumerable<string> ids)
        => sequencer.QueryAsync((state, sessions) =>
        {
            var found = new Dictionary<string, UserNotices>(StringComparer.Ordinal);
            foreach (var id in ids)
                if (!found.ContainsKey(id) && ConversationIds.TryResolveNotices(state.App(app), user, id, out _, out var conversation))
                    found[id] = new UserNotices(id, conversation?.Key);
            return found;
        });

    /// <summary>First and last sequence of the notices of each conversation that has any, and of the user's own.</summary>
    public IEnumerable<(string Id, long First, long Last)> NoticesOf(long app, UserNumber user, string ownId, IEnumerable<UserConversation> conversations)
    {
        var own = notices.Last(app, FeedIds.Notices(user));
        if (own > 0) yield return (ConversationIds.NoticesOf(ownId, ownId), notices.First(app, FeedIds.Notices(user)), own);
        foreach (var conversation in conversations)
        {
            // One with oneself has the notices for one's own devices; who has left a group is told no more.
            if (conversation.View.HasLeft || conversation.View.Key == ConversationKey.Peer(user, user)) continue;
            var last = notices.Last(app, FeedIds.Notices(conversation.View.Key));
            if (last > 0) yield return (ConversationIds.NoticesOf(conversation.View.Name), notices.First(app, FeedIds.Notices(conversation.View.Key)), last);
        }
    }
}
