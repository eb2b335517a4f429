using System.Text.Json;
using Microsoft.Data.Sqlite;
using Parley.Client.Conversations;

namespace Parley.Client.Storage;

/// <summary>Conversations as the application sees them.</summary>
sealed class ConversationTable(StoreFile file, string userId)
{
    // What the server counted, but no more than was not read or cleared since, and what came behind it and still counts.
    const string Unread =
        """
        max(0, min(c.counted_unread, c.counted_to - max(c.read_sequence, c.first_sequence - 1)))
        + (SELECT count(*) FROM messages u WHERE u.conversation=c.id AND u.sequence>max(c.read_sequence, c.first_sequence - 1, c.counted_to) AND u.state=2 AND u.counts=1)
        """;

    const string Shown =
        $"""
        SELECT {LocalStore.Columns}, c.id, c.synced_sequence, c.read_sequence, c.peer_read_sequence, {Unread}, e.data
        FROM conversations c
        LEFT JOIN messages m ON m.id = (
            SELECT id FROM messages WHERE conversation=c.id AND state<>4 ORDER BY anchor DESC, sequence IS NULL DESC, id DESC LIMIT 1)
        LEFT JOIN list_entries e ON e.list='conversations' AND e.id=c.id
        WHERE c.hidden=0 AND c.id NOT LIKE 'n\_%' ESCAPE '\'
        """;

    public IReadOnlyList<Conversation> All() => file.Take(database => database.Query(Shown, Read));

    public Conversation? Find(string conversation) => file.Take(database => database.Query($"{Shown} AND c.id=$0", Read, conversation).FirstOrDefault());

    public long TotalUnread() => file.Take(database =>
        database.Number($"SELECT sum({Unread}) FROM conversations c WHERE c.hidden=0 AND c.id NOT LIKE 'n\\_%' ESCAPE '\\'"));

    /// <summary>A list of the server names it: it is shown, even without a message.</summary>
    public void Show(IEnumerable<string> conversations) => file.Atomically(database => conversations.Sum(conversation => database.Execute(
        "INSERT INTO conversations (id) VALUES ($0) ON CONFLICT (id) DO UPDATE SET hidden=0", conversation)));

    /// <summary>Not shown until there is a message in it again.</summary>
    public void Hide(IEnumerable<string> conversations) => file.Atomically(database => conversations.Sum(conversation => database.Execute(
        "UPDATE conversations SET hidden=1 WHERE id=$0", conversation)));

    Conversation Read(SqliteDataReader row)
    {
        var id = row.GetString(4);
        return new Conversation(
            id, ConversationIds.PeerOf(id, userId), ConversationIds.GroupOf(id), row.IsDBNull(0) ? null : LocalStore.ReadMessage(row), row.GetInt64(8), row.GetInt64(5))
        {
            ReadSequence = row.GetInt64(6),
            PeerReadSequence = row.GetInt64(7),
            Settings = row.IsDBNull(9) ? ConversationSettings.Default : Settings(row.GetString(9)),
        };
    }

    static ConversationSettings Settings(string data)
    {
        using var document = JsonDocument.Parse(data);
        return ConversationSettings.Read(document.RootElement);
    }
}
