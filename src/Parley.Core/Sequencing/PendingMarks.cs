using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Sequencing;

/// <summary>The marks that commands of one batch moved in one app, maxima merged, until they become one record.</summary>
sealed class PendingMarks
{
    /// <summary>Largest encoding of one mark, for the room it needs in the batch.</summary>
    const int MaxMarkBytes = 40;

    readonly Dictionary<(long App, UserNumber User, ConversationKey Conversation, MarkKind Kind), long> _sequences = [];
    readonly HashSet<long> _apps = [];

    public int Count => _sequences.Count;

    /// <summary>Bytes and records that the marks will need, with <paramref name="more"/> added.</summary>
    public int BytesWith(int more) => (_sequences.Count + more) * MaxMarkBytes;

    public IReadOnlyCollection<long> Apps => _apps;

    public void Add(long app, MovedMark mark)
    {
        var key = (app, mark.User, mark.Conversation, mark.Kind);
        _sequences[key] = Math.Max(_sequences.GetValueOrDefault(key), mark.Sequence);
        _apps.Add(app);
    }

    public MarksMoved RecordOf(long app) => new([.. _sequences.Where(entry => entry.Key.App == app)
        .Select(entry => new MovedMark(entry.Key.User, entry.Key.Conversation, entry.Key.Kind, entry.Value))]);

    public void Clear()
    {
        _sequences.Clear();
        _apps.Clear();
    }
}
