using Parley.Core.Conversations;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;

namespace Parley.Edges.OpenIM.Sync;

/// <summary>A conversation as OpenIM and one of its users know it.</summary>
sealed record UserConversation(string Id, string OwnId, UserNumber Peer, string PeerId, ConversationView View)
{
    public long Unread => Math.Max(0, View.Last - View.Read);
}

/// <summary>The conversations of a user. What is found is committed.</summary>
sealed class UserConversations(Sequencer sequencer, OpenIMOptions options)
{
    /// <summary>All of them, up to the bound, those begun last first.</summary>
    public async ValueTask<IReadOnlyList<UserConversation>> AllAsync(UserNumber user) => (await CountedAsync(user)).Listed;

    /// <summary>The same, and how many there are beyond the bound too.</summary>
    public async ValueTask<(IReadOnlyList<UserConversation> Listed, int Total)> CountedAsync(UserNumber user)
    {
        var (ownId, found, total) = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(options.App);
            return (app.Users.IdOf(user), app.Conversations.Of(user).Take(options.MaxConversations)
                .Select(view => (Peer: view.Key.PeerOf(user), PeerId: app.Users.IdOf(view.Key.PeerOf(user)), View: view)).ToArray(),
                app.Conversations.Of(user).Count());
        });
        return ([.. found.Select(entry => new UserConversation(ConversationIds.Peer(ownId, entry.PeerId), ownId, entry.Peer, entry.PeerId, entry.View))], total);
    }

    /// <summary>Those of the ids that are conversations of the user, each once.</summary>
    public ValueTask<Dictionary<string, UserConversation>> FindAsync(UserNumber user, IEnumerable<string> ids)
        => sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(options.App);
            var ownId = app.Users.IdOf(user);
            var found = new Dictionary<string, UserConversation>(StringComparer.Ordinal);
            foreach (var id in ids)
            {
                if (found.ContainsKey(id) || !ConversationIds.TryResolve(app.Users, user, id, out var key) || !app.Conversations.TryView(key, user, out var view)) continue;
                var peer = key.PeerOf(user);
                found[id] = new UserConversation(id, ownId, peer, app.Users.IdOf(peer), view);
            }

            return found;
        });
}
