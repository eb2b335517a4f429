using System.Runtime.InteropServices;
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

    readonly Dictionary<(long App, UserNumber User, ConversationKey Conversation, MarkKind Kind), MovedMark> _marks = [];
    readonly HashSet<long> _apps = [];

    public int Count => _marks.Count;

    public IReadOnlyCollection<long> Apps => _apps;

    /// <summary>A mark that a message of the batch moved on as well stays one: who reads on and answers is heard to have read.</summary>
    public void Add(long app, MovedMark mark)
    {
        ref var pending = ref CollectionsMarshal.GetValueRefOrAddDefault(_marks, (app, mark.User, mark.Conversation, mark.Kind), out var exists);
        pending = exists ? pending with { Sequence = Math.Max(pending.Sequence, mark.Sequence), From = Math.Min(pending.From, mark.From) } : mark;
        _apps.Add(app);
    }

    public IEnumerable<(long App, MarksMoved Record, FeedId[] Feeds)> Records()
    {
        foreach (var app in _apps)
            foreach (var chunk in _marks.Where(entry => entry.Key.App == app).Select(entry => entry.Value).Chunk(MaxPerRecord))
                yield return (app, new MarksMoved(chunk), FeedsOf(chunk));
    }

    public void Clear()
    {
        _marks.Clear();
        _apps.Clear();
    }

    /// <summary>What a peer has read must not be missed; in groups only the reader's own devices are told.</summary>
    static FeedId[] FeedsOf(IEnumerable<MovedMark> marks)
        => [.. marks.Where(mark => mark.IsTold && mark.Conversation.Kind == ConversationKind.Peer && mark.Conversation.First != mark.Conversation.Second)
            .Select(mark => FeedIds.Notices(mark.Conversation)).Distinct()];
}
