using Parley.Client.Storage;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Storage;

public sealed class LocalStoreTests : IDisposable
{
    const string Chat = "si_alice_bob";

    readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("parley-store-").FullName, "alice.db");

    LocalStore Open() => LocalStore.Open(_path, "alice");

    static MsgData Numbered(MsgData message, long sequence)
    {
        var copy = message.Clone();
        (copy.Seq, copy.ServerMsgID, copy.SendTime) = (sequence, $"s{sequence}", 1_000 + sequence);
        return copy;
    }

    static MsgData Mine(string text = "mine") => ScriptedServer.Text("alice", "bob", text);

    static MsgData Theirs(long sequence, string text = "theirs") => Numbered(ScriptedServer.Text("bob", "alice", text), sequence);

    [Fact]
    public void What_was_stored_is_there_after_reopening()
    {
        var mine = Mine();
        using (var store = Open())
        {
            Assert.True(store.IsFresh);
            store.Take(Chat, [Theirs(1), Theirs(2)], 2);
            store.AddUnsent(Chat, mine, 10);
            store.Marks.RaiseRead(Chat, 1);
        }
        using var again = Open();
        Assert.False(again.IsFresh);
        Assert.Equal(2, again.SyncedSequences()[Chat]);
        Assert.Equal(mine, again.OldestUnsent());
        Assert.Equal(1, Assert.Single(again.Conversations.All()).Unread);
    }

    [Fact]
    public void A_sequence_is_stored_once()
    {
        using var store = Open();
        Assert.Single(store.Take(Chat, [Theirs(1, "first")], 1).Added);
        Assert.Empty(store.Take(Chat, [Theirs(1, "again")], 1).Added);
        Assert.Equal("first", Assert.Single(store.Messages(Chat, 0, 9)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_echo_gives_an_own_message_its_sequence_before_or_after_the_acknowledgement(bool acknowledgedFirst)
    {
        using var store = Open();
        var mine = Mine();
        store.AddUnsent(Chat, mine, 10);
        var answer = new SendMsgResp { ServerMsgID = "s1", SendTime = 1_001 };
        if (acknowledgedFirst) Assert.Equal(MessageState.Sent, store.MarkSent(mine.ClientMsgID, answer)!.State);
        var taken = store.Take(Chat, [Numbered(mine, 1)], 1);
        if (!acknowledgedFirst) Assert.Null(store.MarkSent(mine.ClientMsgID, answer));

        Assert.Empty(taken.Added);
        Assert.Equal(1, Assert.Single(taken.Numbered).Sequence);
        Assert.Equal((1L, MessageState.Sent, "s1"), store.Messages(Chat, 0, 9).Select(message => (message.Sequence, message.State, message.ServerMessageId)).Single());
        Assert.Null(store.OldestUnsent());
    }

    [Fact]
    public void An_echo_of_a_message_given_up_shows_that_it_was_sent()
    {
        using var store = Open();
        var mine = Mine();
        store.AddUnsent(Chat, mine, 10);
        store.MarkFailed(mine.ClientMsgID, 500);
        store.Take(Chat, [Numbered(mine, 1)], 1);
        Assert.Equal((MessageState.Sent, 0), (store.FindOwn(mine.ClientMsgID)!.State, store.FindOwn(mine.ClientMsgID)!.ErrorCode));
    }

    [Fact]
    public void A_message_without_a_sequence_stays_where_it_was_written()
    {
        using var store = Open();
        store.Take(Chat, [Theirs(1, "1")], 1);
        var failed = Mine("failed");
        store.AddUnsent(Chat, failed, 10);
        store.MarkFailed(failed.ClientMsgID, 1302);
        store.Take(Chat, [Theirs(2, "2")], 2);
        store.AddUnsent(Chat, Mine("unsent"), 10);

        Assert.Equal(["1", "failed", "2", "unsent"], store.Messages(Chat, 0, long.MaxValue).Select(message => message.Text));
        Assert.Equal("unsent", Assert.Single(store.Conversations.All()).LastMessage!.Text);
    }

    [Fact]
    public void A_hole_that_is_filled_later_stands_before_what_was_written_behind_it()
    {
        using var store = Open();
        store.Take(Chat, [], 5);
        store.AddUnsent(Chat, Mine("unsent"), 10);
        store.Take(Chat, [Theirs(5, "5")], 5);
        Assert.Equal(["5", "unsent"], store.Messages(Chat, 0, long.MaxValue).Select(message => message.Text));
    }

    [Fact]
    public void A_page_starts_at_the_message_that_makes_it_full()
    {
        using var store = Open();
        var deleted = Theirs(3);
        deleted.Status = 4;
        store.Take(Chat, [Theirs(1), Theirs(2), deleted, Theirs(4)], 4);
        Assert.Equal([4L, 2, 1, 0], Enumerable.Range(1, 4).Select(count => store.PageStart(Chat, long.MaxValue, count)));
        Assert.Equal(1, store.PageStart(Chat, 3, 2));
    }

    [Fact]
    public void Missing_names_the_holes()
    {
        using var store = Open();
        store.Take(Chat, [Theirs(2), Theirs(4)], 5);
        Assert.Equal([1L, 3, 5], store.Missing(Chat, 1, 5));
    }

    [Fact]
    public void A_synced_sequence_and_a_read_mark_never_fall()
    {
        using var store = Open();
        store.Take(Chat, [], 5);
        store.Take(Chat, [], 3);
        foreach (var (conversation, mark) in new[] { (Chat, 4), (Chat, 2), ("si_unknown", 9) }) store.Marks.RaiseRead(conversation, mark);
        Assert.Equal(new Marks(First: 0, Synced: 5, Read: 4, Reported: 0, CountedTo: 0), store.Marks.Of(Chat));
        Assert.Single(store.Conversations.All());
    }

    [Fact]
    public void A_store_has_one_user_and_one_client()
    {
        using (var store = Open())
        {
            Assert.Contains("another client", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
        }
        Assert.Contains("belongs to user 'alice'", Assert.Throws<IOException>(() => LocalStore.Open(_path, "eve")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_database_is_declined_and_left_alone()
    {
        var text = string.Concat(Enumerable.Repeat("not a database ", 1_000));
        File.WriteAllText(_path, text);
        Assert.Throws<IOException>(Open);
        Assert.Equal(text, File.ReadAllText(_path));
    }

    [Fact]
    public void A_store_of_a_newer_version_is_declined()
    {
        Open().Dispose();
        using (var database = new Database(_path)) database.Execute($"PRAGMA user_version={Schema.Steps.Count + 1}");
        Assert.Contains("newer", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Migration_takes_the_missing_steps_alone_and_each_wholly_or_not()
    {
        using var database = new Database(":memory:");
        string[] steps = ["CREATE TABLE one (a)", "CREATE TABLE two (a); INSERT INTO two VALUES (1)"];
        Schema.Migrate(database, steps[..1]);
        Schema.Migrate(database, steps);
        Schema.Migrate(database, steps);
        Assert.Equal(1, database.Number("SELECT count(*) FROM two"));

        Assert.ThrowsAny<Exception>(() => Schema.Migrate(database, [.. steps, "CREATE TABLE three (a); CREATE TABLE three (a)"]));
        Assert.Equal((2L, 0L), (database.Number("PRAGMA user_version"), database.Number("SELECT count(*) FROM sqlite_master WHERE name='three'")));
    }

    [Fact]
    public void The_engine_is_not_older_than_the_packages()
    {
        using var database = new Database(":memory:");
        var version = database.Query("SELECT sqlite_version()", row => Version.Parse(row.GetString(0)))[0];
        Assert.True(version >= new Version(3, 35, 5), $"SQLite {version}");
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
}
