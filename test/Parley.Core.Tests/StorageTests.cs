using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Sessions;
using Parley.Core.Storage;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>What back ends save, and read of what users sent.</summary>
public sealed class StorageTests
{
    const int Bytes = 1 << 20;

    static SaveToInboxes ToInboxes(string text, string clientId, params string[] users)
        => new(0, Actor.Administrator, clientId, new RawContent(4, 7, System.Text.Encoding.UTF8.GetBytes(text)), [.. users.Select(id => new Addressee(id, 0))]);

    static SaveToGroup ToGroup(string text, string clientId = "c1") => new(0, Actor.Administrator, clientId, new RawContent(4, 7, System.Text.Encoding.UTF8.GetBytes(text)), new("g", 0));

    static StorageReader ReaderOf(RunningCore core) => new(core.Log, core.Sequencer, core.Reader);

    static string[] TextsOf(StoragePage page) => [.. page.Entries.Select(entry => System.Text.Encoding.UTF8.GetString(
        entry.Message.Message.Kind == ContentKind.Raw ? RawContent.Read(entry.Message.Message.Body)!.Value.Bytes.Span : entry.Message.Message.Body.Span))];

    [Fact]
    public async Task What_is_saved_to_inboxes_is_in_no_conversation_and_tells_nobody()
    {
        await using var core = await StartAsync();
        var (session, _) = await core.ConnectAsync("alice");
        await core.DoAsync(ToInboxes("x", "c1", "alice", "bob"));
        Assert.Empty(TakeAll(session));
        Assert.Equal(0, await core.AskAsync(app => app.Conversations.Count));
        Assert.Empty(await core.AskAsync(app => app.Conversations.Of(Alice).ToArray()));
    }

    [Fact]
    public async Task What_is_saved_to_a_group_reaches_those_who_are_online()
    {
        await using var core = await StartAsync();
        await core.DoAsync(GroupScene.Create(members: ["bob"]));
        var (session, _) = await core.ConnectAsync("bob");
        await core.DoAsync(ToGroup("x"));
        var delivery = Assert.Single(TakeAll(session).OfType<MessageDelivery>());
        Assert.Equal((ContentKind.Raw, ""), (delivery.Message.Kind, delivery.SenderId));
    }

    [Fact]
    public async Task No_user_sends_raw_content()
    {
        await using var core = await StartAsync();
        var message = core.Text(Alice) with { Kind = ContentKind.Raw };
        Assert.Equal(Refusal.EmptyMessage, await core.TryAsync(new SendMessage(0, Actor.Of(Alice), message, Recipient.User("bob"), false)));
    }

    [Fact]
    public async Task Repeats_are_known_after_a_restart()
    {
        var core = await StartAsync();
        var users = new[] { "carol", "alice" };
        await core.DoAsync(GroupScene.Create());
        var (first, inGroup) = (await core.SubmitAsync(ToInboxes("x", "c1", users)), await core.SubmitAsync(ToGroup("x")));
        await core.DisposeAsync();

        await using var again = await StartAsync(disk: core.Disk);
        Assert.Equal(first.Position, (await again.SubmitAsync(ToInboxes("x", "c1", users))).Position);
        Assert.Equal(inGroup.Position, (await again.SubmitAsync(ToGroup("x"))).Position);
        Assert.Equal(Refusal.MessageIdReused, await again.TryAsync(ToInboxes("y", "c1", users)));
    }

    [Fact]
    public async Task An_inbox_shows_what_users_sent_and_what_became_of_it()
    {
        await using var core = await StartAsync();
        var key = ConversationKey.Peer(Alice, Bob);
        foreach (var text in new[] { "kept", "edited", "recalled", "deleted", "hidden" }) await core.SendAsync(Alice, "bob", text);
        await core.DoAsync(ToInboxes("saved", "c1", "bob"));
        async Task<MessageTarget> TargetAsync(long sequence) => (await core.Reader.FindAsync(0, Alice, key, sequence))!;
        await core.DoAsync(new EditMessage(0, Actor.Of(Alice), Alice, await TargetAsync(2), ContentKind.Text, "better"u8.ToArray()));
        await core.DoAsync(new RecallMessage(0, Actor.Of(Alice), Alice, await TargetAsync(3)));
        await core.DoAsync(new DeleteMessages(0, Actor.Of(Alice), Alice, [await TargetAsync(4)]));
        await core.DoAsync(new HideMessages(0, Actor.Of(Bob), Bob, key, [5], false));

        var bob = await ReaderOf(core).ReadInboxAsync(0, new("bob", 0), 0, 100, Bytes);
        Assert.Equal(["kept", "better", "", "", "", "saved"], TextsOf(bob));
        Assert.Equal([1, 2, 3, 4, 5, 6], bob.Entries.Select(entry => entry.Sequence));
        Assert.Equal([false, false, false, true, true, false], bob.Entries.Select(entry => entry.Message.IsDeleted));
        Assert.NotNull(bob.Entries[2].Message.Recall);
        var alice = await ReaderOf(core).ReadInboxAsync(0, new("alice", 0), 0, 100, Bytes);
        Assert.Equal(["kept", "better", "", "", "hidden"], TextsOf(alice));
    }

    [Fact]
    public async Task A_group_is_read_in_the_eyes_of_a_user_or_of_nobody()
    {
        await using var core = await StartAsync();
        await core.DoAsync(GroupScene.Create(members: ["bob"]) with { IsShown = false });
        foreach (var text in new[] { "1", "2", "3" }) await core.DoAsync(ToGroup(text, text));
        await core.DoAsync(new MoveMark(0, Actor.Of(Bob), Bob, ConversationKey.Of((await core.ViewAsync()).Number), MarkKind.Minimum, 3));
        var reader = ReaderOf(core);
        Assert.Equal(["1", "2", "3"], TextsOf(await reader.ReadGroupAsync(0, new("g", 0), null, 0, 0, 100, Bytes)));
        Assert.Equal(["3"], TextsOf(await reader.ReadGroupAsync(0, new("g", 0), new Addressee("bob", 0), 0, 0, 100, Bytes)));
        Assert.Equal(Refusal.NotAMember, (await reader.ReadGroupAsync(0, new("g", 0), new Addressee("carol", 0), 0, 0, 100, Bytes)).Refusal);
        Assert.Equal(Refusal.UnknownUser, (await reader.ReadGroupAsync(0, new("g", 0), new Addressee("nobody", 0), 0, 0, 100, Bytes)).Refusal);
        Assert.Equal(Refusal.UnknownGroup, (await reader.ReadGroupAsync(0, new("h", 0), null, 0, 0, 100, Bytes)).Refusal);
    }

    [Fact]
    public async Task A_page_is_cut_by_bytes_and_says_so()
    {
        await using var core = await StartAsync();
        for (var i = 0; i < 5; i++) await core.DoAsync(ToInboxes(new string((char)('a' + i), 1_000), $"c{i}", "bob"));
        var page = await ReaderOf(core).ReadInboxAsync(0, new("bob", 0), 0, 100, maxBytes: 2_500);
        Assert.Equal((2, true), (page.Entries.Count, page.HasMore));
        var single = await ReaderOf(core).ReadInboxAsync(0, new("bob", 0), page.LastId, 100, maxBytes: 1);
        Assert.Equal((1, 3, true), (single.Entries.Count, single.Entries[0].Sequence, single.HasMore));
        var latest = await ReaderOf(core).ReadLatestAsync(0, new("bob", 0), 100, maxBytes: 2_500);
        Assert.Equal([5, 4], latest.Entries.Select(entry => entry.Sequence));
        Assert.True(latest.HasMore);
    }
}
