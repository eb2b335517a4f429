using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Sequencing;

/// <summary>The marks that commands of one batch moved, maxima merged, until they become records.</summary>
sealed class PendingMarks
{
    /// <summary>Largest encoding of one mark, for the room it needs in the batch.</summary>
    public const int MaxMarkBytes = 52;

    /// <summary>A record's feeds are bounded, and a mark may bring one.</summary>
    public const int MaxPerRecord = 1_000;

    readonly Dictionary<(long App, UserNumber User, ConversationKey Conversation, MarkKind Kind), long> _sequences = [];
    readonly HashSet<long> _apps = [];

    public int Count => _sequences.Count;

    public IReadOnlyCollection<long> Apps => _apps;

    public void Add(long app, MovedMark mark)
    {
        var key = (app, mark.User, mark.Conversation, mark.Kind);
        _sequences[key] = Math.Max(_sequences.GetValueOrDefault(key), mark.Sequence);
        _apps.Add(app);
    }

    /// <param name="state">At the end of the batch: a mark that a message has moved as far meanwhile is none any more.</param>
    public IEnumerable<(long App, MarksMoved Record, FeedId[] Feeds)> Records(State state)
    {
        foreach (var app in _apps)
        {
            var marks = new List<MovedMark>();
            foreach (var ((_, user, conversation, kind), sequence) in _sequences.Where(entry => entry.Key.App == app))
            {
                state.App(app).Conversations.TryView(conversation, user, out var view);
                var from = kind == MarkKind.Read ? view.Read : view.Minimum;
                if (sequence > from) marks.Add(new MovedMark(user, conversation, kind, sequence, from));
            }

            foreach (var chunk in marks.Chunk(MaxPerRecord)) yield return (app, new MarksMoved(chunk), FeedsOf(chunk));
        }
    }

    public void Clear()
    {
        _sequences.Clear();
        _apps.Clear();
    }

    /// <summary>What a peer has read must not be missed; in groups only the reader's own devices are told.</summary>
    static FeedId[] FeedsOf(IEnumerable<MovedMark> marks)
        => [.. marks.Where(mark => mark.Kind == MarkKind.Read && mark.Conversation.Kind == ConversationKind.Peer && mark.Conversation.First != mark.Conversation.Second)
            .Select(mark => FeedIds.Notices(mark.Conversation)).Distinct()];
}
