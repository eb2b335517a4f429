namespace Parley.Client.Storage;

/// <param name="First">Below it the server has nothing for this user.</param>
/// <param name="Synced">Everything up to here is stored, or a hole that reading the history fills.</param>
/// <param name="Read">Everything up to here was read.</param>
/// <param name="Reported">The read mark that the server is known to have.</param>
/// <param name="CountedTo">The server has counted what is unread up to here; what lies behind is counted here.</param>
readonly record struct Marks(long First, long Synced, long Read, long Reported, long CountedTo);

/// <summary>
/// How far each conversation was read, and what of it counts as unread: the server's count up to one sequence, which knows what this device may not have, and
/// the messages stored since. See <see cref="ConversationTable"/> for the sum.
/// </summary>
sealed class MarkStore(StoreFile file)
{
    public Marks Of(string conversation) => file.Take(database => database.Query(
        "SELECT first_sequence, synced_sequence, read_sequence, reported_sequence, counted_to FROM conversations WHERE id=$0",
        row => new Marks(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)), conversation).FirstOrDefault());

    /// <summary>Below <paramref name="sequence"/> the server has nothing for this user, and neither has the store from now on.</summary>
    /// <returns>Whether that was news.</returns>
    public bool RaiseFirst(string conversation, long sequence) => file.Atomically(database =>
    {
        var news = database.Execute(
            "INSERT INTO conversations (id, first_sequence) VALUES ($0, $1) ON CONFLICT (id) DO UPDATE SET first_sequence=$1 WHERE first_sequence<$1",
            conversation, sequence) > 0;
        if (news) database.Execute("DELETE FROM messages WHERE conversation=$0 AND sequence<$1", conversation, sequence);
        return news;
    });

    /// <summary>Read here; the server has yet to be told.</summary>
    public bool RaiseRead(string conversation, long sequence) => file.Take(database =>
        database.Execute("UPDATE conversations SET read_sequence=$1 WHERE id=$0 AND read_sequence<$1", conversation, sequence) > 0);

    /// <summary>Read, as the server knows.</summary>
    public bool RaiseReported(string conversation, long sequence) => file.Take(database => RaiseReported(database, conversation, sequence));

    public static bool RaiseReported(Database database, string conversation, long sequence) => database.Execute(
        "UPDATE conversations SET reported_sequence=max(reported_sequence, $1), read_sequence=max(read_sequence, $1) WHERE id=$0 AND min(reported_sequence, read_sequence)<$1",
        conversation, sequence) > 0;

    /// <summary>The peer has read own messages up to here.</summary>
    public bool RaisePeerRead(string conversation, long sequence) => file.Take(database =>
        database.Execute("UPDATE conversations SET peer_read_sequence=$1 WHERE id=$0 AND peer_read_sequence<$1", conversation, sequence) > 0);

    /// <summary>Takes over the server's counts of unread messages.</summary>
    public void Count(IEnumerable<(string Conversation, long To, long Unread)> counts) => file.Atomically(database =>
    {
        foreach (var (conversation, to, unread) in counts)
            database.Execute("UPDATE conversations SET counted_to=$1, counted_unread=$2 WHERE id=$0 AND counted_to<=$1", conversation, to, unread);
        return true;
    });

    /// <summary>Conversations that were read further here than the server is known to know.</summary>
    public IReadOnlyList<string> Unreported() => file.Take(database =>
        database.Query("SELECT id FROM conversations WHERE read_sequence>reported_sequence ORDER BY id", row => row.GetString(0)));
}
