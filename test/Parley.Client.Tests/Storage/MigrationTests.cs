using Google.Protobuf;
using Parley.Client.Storage;
using Parley.Client.Tests.Peer;

namespace Parley.Client.Tests.Storage;

/// <summary>Files of earlier versions of the schema stay usable.</summary>
public sealed class MigrationTests : IDisposable
{
    const string Chat = "si_alice_bob";

    readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("parley-migration-").FullName, "alice.db");

    /// <summary>As the first version left it: five messages, of which two were read, a notice among the messages, and one unsent.</summary>
    void WriteFirstVersion()
    {
        using var database = new Database(_path);
        Schema.Migrate(database, [.. Schema.Steps.Take(1)]);
        database.Execute("INSERT INTO account VALUES ('alice')");
        database.Execute("INSERT INTO conversations VALUES ($0, 5, 1, 2)", Chat);
        database.Execute("INSERT INTO conversations VALUES ('n_alice_bob', 3, 0, 0)");
        for (var sequence = 1L; sequence <= 5; sequence++) Insert(Chat, sequence, ScriptedServer.Text("bob", "alice", $"{sequence}"));
        Insert("n_alice_bob", 3, ScriptedServer.Notice(2101, []));
        Insert(Chat, null, ScriptedServer.Text("alice", "bob", "unsent"));

        void Insert(string conversation, long? sequence, Wire.OpenIM.Messages.MsgData data) => database.Execute(
            "INSERT INTO messages (conversation, sequence, anchor, client_id, state, data) VALUES ($0, $1, $2, $3, $4, $5)",
            conversation, sequence, sequence ?? 5, data.ClientMsgID, sequence is null ? 1 : 2, data.ToByteArray());
    }

    [Fact]
    public void A_store_of_the_first_version_keeps_messages_marks_and_what_is_unsent()
    {
        WriteFirstVersion();
        using var store = LocalStore.Open(_path, "alice");
        Assert.Equal(["1", "2", "3", "4", "5", "unsent"], store.Messages(Chat, 0, long.MaxValue).Select(message => message.Text));
        Assert.Equal("unsent", StoredMessage.From(Chat, store.OldestUnsent()!, MessageState.Unsent).Text);
        Assert.Equal(new Marks(First: 1, Synced: 5, Read: 2, Reported: 2, CountedTo: 5), store.Marks.Of(Chat));
        Assert.Equal(3, Assert.Single(store.Conversations.All()).Unread);
        Assert.False(store.IsFresh);
    }

    [Fact]
    public void Its_notices_are_pulled_once_more_since_they_were_never_applied()
    {
        WriteFirstVersion();
        using var store = LocalStore.Open(_path, "alice");
        Assert.Equal(0, store.SyncedSequences()["n_alice_bob"]);
        Assert.Empty(store.Messages("n_alice_bob", 0, 9));
    }

    [Fact]
    public void Reading_and_receiving_go_on_from_its_marks()
    {
        WriteFirstVersion();
        using var store = LocalStore.Open(_path, "alice");
        var next = ScriptedServer.Text("bob", "alice", "6");
        next.Seq = 6;
        store.Take(Chat, [next], 6);
        Assert.Equal(4, store.Conversations.TotalUnread());
        store.Marks.RaiseRead(Chat, 4);
        Assert.Equal(2, store.Conversations.TotalUnread());
        Assert.Equal([Chat], store.Marks.Unreported());
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
}
