using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Storage;

/// <summary>What became of messages given to the store; both ascending.</summary>
/// <param name="Added">Not known before, and to be shown.</param>
/// <param name="Numbered">Own ones that were here already and now have their sequence.</param>
readonly record struct Taken(IReadOnlyList<Message> Added, IReadOnlyList<Message> Numbered);

/// <summary>
/// Everything a user sees offline, in one SQLite file. Safe for any thread: calls take turns, each is one transaction, and all but pages of
/// history end within a fraction of a millisecond, so none is asynchronous.
/// </summary>
sealed class LocalStore : IDisposable
{
    /// <summary>What <see cref="ReadMessage"/> reads, of messages as <c>m</c>.</summary>
    public const string Columns = "m.conversation, m.data, m.state, m.error_code";

    readonly Database _database;
    readonly StoreFile _file;
    readonly string _userId;

    LocalStore(Database database, string userId)
    {
        _database = database;
        _file = new StoreFile(database);
        _userId = userId;
        Marks = new MarkStore(_file);
        Conversations = new ConversationTable(_file, userId);
        Operations = new MessageOperations(_file);
        Lists = new ListStore(_file);
    }

    /// <summary>Whether no conversation was ever synced: a fresh device.</summary>
    public bool IsFresh => Locked(() => _database.Number("SELECT count(*) FROM (SELECT 1 FROM conversations WHERE synced_sequence>0 LIMIT 1)") == 0);

    public MarkStore Marks { get; }

    public ConversationTable Conversations { get; }

    public MessageOperations Operations { get; }

    public ListStore Lists { get; }

    /// <summary>Everything done through these stores meanwhile happens wholly or not at all.</summary>
    public T Atomically<T>(Func<T> work) => _file.Atomically(_ => work());

    /// <exception cref="IOException">In use, not a database, of another user, or of a newer version.</exception>
    public static LocalStore Open(string path, string userId)
    {
        Database? database = null;
        try
        {
            database = new Database(path);
            Schema.Migrate(database, Schema.Steps);
            Claim(database, path, userId);
            return new LocalStore(database, userId);
        }
        catch (Exception e)
        {
            database?.Dispose();
            if (e is SqliteException) throw new IOException($"The local store {path} can't be opened; another client may be using it: {e.Message}", e);
            throw;
        }
    }

    static void Claim(Database database, string path, string userId)
    {
        var owners = database.Query("SELECT user_id FROM account", row => row.GetString(0));
        if (owners.Count == 0) database.Execute("INSERT INTO account VALUES ($0)", userId);
        else if (owners[0] != userId) throw new IOException($"The local store {path} belongs to user '{owners[0]}', not '{userId}'. Give each user a file.");
    }

    public Dictionary<string, long> SyncedSequences() => Locked(() =>
        _database.Query("SELECT id, synced_sequence FROM conversations", row => (Id: row.GetString(0), Synced: row.GetInt64(1)))
            .ToDictionary(row => row.Id, row => row.Synced));

    /// <summary>Stores what the server gave, each sequence once.</summary>
    /// <param name="messages">Ascending, sequences above 0.</param>
    /// <param name="syncedTo">Raises the conversation's synced sequence in the same transaction; 0 leaves it.</param>
    public Taken Take(string conversation, IEnumerable<MsgData> messages, long syncedTo) => Atomically(() =>
    {
        List<Message> added = [], numbered = [];
        var first = Marks.Of(conversation).First;
        AddConversation(conversation);
        foreach (var data in messages)
        {
            var message = StoredMessage.From(conversation, data, StoredMessage.StateOf(data));
            if (data.SendID == _userId && Number(message, data)) numbered.Add(message);
            else if (data.Seq >= first && Insert(message, data, data.Seq, data.Seq) && message.State != MessageState.Deleted) added.Add(message);
            // The server moves a sender's read mark with each message it sends.
            if (data.SendID == _userId) MarkStore.RaiseReported(_database, conversation, data.Seq);
        }
        if (added.Count + numbered.Count > 0) _database.Execute("UPDATE conversations SET hidden=0 WHERE id=$0 AND hidden=1", conversation);
        RaiseSynced(conversation, syncedTo);
        return new Taken(added, numbered);
    });

    /// <summary>For a conversation whose messages are applied and not kept.</summary>
    public void RaiseSynced(string conversation, long sequence) => Locked(() =>
    {
        AddConversation(conversation);
        return _database.Execute("UPDATE conversations SET synced_sequence=$1 WHERE id=$0 AND synced_sequence<$1", conversation, sequence);
    });

    // Own messages alone are matched by their client id: another user's message that copies one must not overwrite it.
    bool Number(Message message, MsgData data) => _database.Execute(
        """
        UPDATE messages SET sequence=$2, anchor=$2, state=$3, error_code=0, data=$4
        WHERE client_id=$0 AND conversation=$1 AND sequence IS NULL AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation=$1 AND sequence=$2)
        """, message.ClientMessageId, message.ConversationId, message.Sequence, (int)message.State, data.ToByteArray()) > 0;

    bool Insert(Message message, MsgData data, long? sequence, long anchor) => _database.Execute(
        "INSERT INTO messages (conversation, sequence, anchor, client_id, state, data, counts) VALUES ($0, $1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        message.ConversationId, sequence, anchor, message.ClientMessageId, (int)message.State, data.ToByteArray(), StoredMessage.CountsAsUnread(data) ? 1 : 0) > 0;

    void AddConversation(string conversation) => _database.Execute("INSERT INTO conversations (id) VALUES ($0) ON CONFLICT DO NOTHING", conversation);

    /// <exception cref="InvalidOperationException"><paramref name="maxUnsent"/> are waiting already.</exception>
    public Message AddUnsent(string conversation, MsgData data, int maxUnsent) => Atomically(() =>
    {
        if (_database.Number("SELECT count(*) FROM messages WHERE state=1") >= maxUnsent)
            throw new InvalidOperationException($"{maxUnsent} messages are waiting to be sent already; more are accepted once some have left.");
        AddConversation(conversation);
        var anchor = _database.Number("SELECT synced_sequence FROM conversations WHERE id=$0", conversation);
        var message = StoredMessage.From(conversation, data, MessageState.Unsent);
        if (!Insert(message, data, null, anchor)) throw new InvalidOperationException($"Client message id {data.ClientMsgID} is in use.");
        return message;
    });

    /// <summary>The message whose turn it is to be sent, exactly as it was composed; null when none waits.</summary>
    public MsgData? OldestUnsent() => Locked(() =>
        _database.Query("SELECT data FROM messages WHERE state=1 ORDER BY id LIMIT 1", row => MsgData.Parser.ParseFrom((byte[])row[0])).FirstOrDefault());

    /// <summary>Notes the server's acknowledgement. The echo may have come before it and knows more; then nothing changes.</summary>
    public Message? MarkSent(string clientMessageId, SendMsgResp answer) => Locked(() =>
    {
        if (FindUnnumbered(clientMessageId) is not var (conversation, data)) return null;
        // Only present when a hook of the server changed the message.
        if (answer.Modify is { } modified) data.Content = modified.Content;
        data.ServerMsgID = answer.ServerMsgID;
        data.SendTime = answer.SendTime;
        data.Status = (int)MessageState.Sent;
        _database.Execute("UPDATE messages SET state=2, error_code=0, data=$1 WHERE client_id=$0 AND sequence IS NULL", clientMessageId, data.ToByteArray());
        return StoredMessage.From(conversation, data, MessageState.Sent);
    });

    public Message? MarkFailed(string clientMessageId, int errorCode) => Locked(() =>
    {
        if (FindUnnumbered(clientMessageId) is not var (conversation, data)) return null;
        _database.Execute("UPDATE messages SET state=3, error_code=$1 WHERE client_id=$0 AND sequence IS NULL", clientMessageId, errorCode);
        return StoredMessage.From(conversation, data, MessageState.Failed, errorCode);
    });

    (string Conversation, MsgData Data)? FindUnnumbered(string clientMessageId) => _database.Query(
        "SELECT conversation, data FROM messages WHERE client_id=$0 AND sequence IS NULL",
        row => ((string, MsgData)?)(row.GetString(0), MsgData.Parser.ParseFrom((byte[])row[1])), clientMessageId).FirstOrDefault();

    public Message? FindOwn(string clientMessageId) => Locked(() =>
        _database.Query($"SELECT {Columns} FROM messages m WHERE client_id=$0", ReadMessage, clientMessageId).Find(message => message.SenderId == _userId));

    /// <summary>Those whose place lies between two sequences, both included, own ones without a sequence among them; ascending, deleted ones left out.</summary>
    public IReadOnlyList<Message> Messages(string conversation, long from, long to) => Locked(() => _database.Query(
        $"SELECT {Columns} FROM messages m WHERE conversation=$0 AND anchor BETWEEN $1 AND $2 AND state<>4 ORDER BY anchor, sequence IS NULL, id",
        ReadMessage, conversation, from, to));

    /// <summary>The sequence of the <paramref name="count"/>th newest message to be shown at or below <paramref name="to"/>; 0 when there are fewer.</summary>
    public long PageStart(string conversation, long to, int count) => Locked(() => _database.Number(
        "SELECT sequence FROM messages WHERE conversation=$0 AND sequence<=$1 AND state<>4 ORDER BY sequence DESC LIMIT 1 OFFSET $2",
        conversation, to, count - 1));

    /// <summary>Sequences of <paramref name="from"/> to <paramref name="to"/> that are not here, ascending.</summary>
    public IReadOnlyList<long> Missing(string conversation, long from, long to) => Locked(() =>
    {
        var present = _database.Query(
            "SELECT sequence FROM messages WHERE conversation=$0 AND sequence BETWEEN $1 AND $2", row => row.GetInt64(0), conversation, from, to).ToHashSet();
        var missing = new List<long>();
        for (var sequence = from; sequence <= to; sequence++)
        {
            if (!present.Contains(sequence)) missing.Add(sequence);
        }
        return missing;
    });

    public static Message ReadMessage(SqliteDataReader row) => StoredMessage.From(
        row.GetString(0), MsgData.Parser.ParseFrom((byte[])row[1]), (MessageState)row.GetInt32(2), row.GetInt32(3));

    public void Dispose() => _file.Dispose();

    T Locked<T>(Func<T> work) => _file.Take(_ => work());
}
