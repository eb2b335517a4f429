using Google.Protobuf;
using Parley.Client.Messages;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Storage;

/// <summary>What became of stored messages after they were sent: recalled, deleted, edited. The former content is overwritten, not only marked.</summary>
sealed class MessageOperations(StoreFile file)
{
    // When an operation last touched a conversation, counted over all of them: who asked the server before must not store its answer after.
    readonly Dictionary<string, long> _touched = [];
    long _count;

    /// <summary>Rises with each operation.</summary>
    public long Count => file.Take(_ => _count);

    /// <summary>Whether an operation touched the conversation after <see cref="Count"/> was read.</summary>
    public bool TouchedSince(string conversation, long count) => file.Take(_ => _touched.GetValueOrDefault(conversation) > count);

    /// <returns>What is left to show; null when it is not stored here, or was deleted.</returns>
    public Message? Recall(Recall recall) => file.Atomically(database =>
    {
        Touch(recall.ConversationId);
        if (Find(database, recall.ConversationId, recall.Sequence) is not var (id, data) || StoredMessage.StateOf(data) == MessageState.Deleted) return null;
        var (clientId, left) = (data.ClientMsgID, recall.LeftOf(data));
        Write(database, id, left, MessageState.Recalled);
        EmptyQuotes(database, recall.ConversationId, recall.Sequence, clientId);
        return StoredMessage.From(recall.ConversationId, left, MessageState.Recalled);
    });

    /// <summary>They stay as placeholders, so that the sequence has no hole.</summary>
    /// <returns>The sequences that were shown until now.</returns>
    public IReadOnlyList<long> Delete(string conversation, IEnumerable<long> sequences) => file.Atomically(database =>
    {
        Touch(conversation);
        var deleted = new List<long>();
        foreach (var sequence in sequences)
        {
            if (Find(database, conversation, sequence) is not var (id, data) || data.Status >= (int)MessageState.Deleted) continue;
            Write(database, id, new MsgData { ClientMsgID = data.ClientMsgID, SendID = data.SendID, Seq = sequence, SendTime = data.SendTime, Status = (int)MessageState.Deleted }, MessageState.Deleted);
            deleted.Add(sequence);
        }
        return deleted;
    });

    /// <returns>The message as it is now; null when it is not stored here, or was recalled or deleted.</returns>
    public Message? Edit(string conversation, long sequence, int contentType, string content) => file.Atomically(database =>
    {
        Touch(conversation);
        if (Find(database, conversation, sequence) is not var (id, data) || StoredMessage.StateOf(data) != MessageState.Sent) return null;
        (data.ContentType, data.Content) = (contentType, ByteString.CopyFromUtf8(content));
        Write(database, id, data, MessageState.Sent);
        return StoredMessage.From(conversation, data, MessageState.Sent);
    });

    /// <summary>The read mark moved, or messages were counted anew: an answer under way may know less.</summary>
    public void Touch(string conversation) => file.Take(_ => _touched[conversation] = ++_count);

    static (long Id, MsgData Data)? Find(Database database, string conversation, long sequence) => database.Query(
        "SELECT id, data FROM messages WHERE conversation=$0 AND sequence=$1",
        row => ((long, MsgData)?)(row.GetInt64(0), MsgData.Parser.ParseFrom((byte[])row[1])), conversation, sequence).FirstOrDefault();

    static void Write(Database database, long id, MsgData data, MessageState state) =>
        database.Execute("UPDATE messages SET data=$1, state=$2 WHERE id=$0", id, data.ToByteArray(), (int)state);

    /// <summary>What was taken back must not live on in the answers to it.</summary>
    static void EmptyQuotes(Database database, string conversation, long behind, string clientId)
    {
        var quoting = database.Query(
            "SELECT id, data, state FROM messages WHERE conversation=$0 AND anchor>=$1 AND instr(data, $2)>0",
            row => (Id: row.GetInt64(0), Data: MsgData.Parser.ParseFrom((byte[])row[1]), State: (MessageState)row.GetInt32(2)),
            conversation, behind, System.Text.Encoding.UTF8.GetBytes(clientId));
        foreach (var (id, data, state) in quoting)
        {
            if (EmbeddedMessage.WithoutQuote(data.ContentType, data.Content.ToStringUtf8(), clientId) is not { } emptied) continue;
            data.Content = ByteString.CopyFrom(emptied);
            Write(database, id, data, state);
        }
    }
}
