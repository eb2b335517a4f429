using System.Text.Json.Nodes;
using Parley.Client.Tests.Peer;
using Parley.Client.Users;
using Parley.Wire.OpenIM;

namespace Parley.Client.Tests.Conversations;

public sealed class ConversationTests : ClientTest
{
    readonly ListScript _listed = new("conversationID", "conversations");
    readonly Dictionary<string, long> _minima = [];

    public ConversationTests()
    {
        Api["/conversation/get_incremental_conversations"] = _listed.Changes;
        Api["/conversation/get_owner_conversation"] = _listed.Page;
        Api["/conversation/get_conversations"] = asked => new JsonObject
        {
            ["conversations"] = new JsonArray([.. asked.GetProperty("conversationIDs").EnumerateArray().Select(id => Describe(id.GetString()!))]),
        };
    }

    JsonObject Describe(string id, bool pinned = false, int receive = 0) => new()
    {
        ["ownerUserID"] = Alice,
        ["conversationID"] = id,
        ["isPinned"] = pinned,
        ["recvMsgOpt"] = receive,
        ["minSeq"] = _minima.GetValueOrDefault(id),
        ["burnDuration"] = 30,
    };

    /// <summary>Lists are brought level one at a time: behind this request the ones before it are.</summary>
    static Task SettledAsync(ParleyClient client) => Soon(client.Contacts.DeleteAsync("nobody"));

    async Task<ParleyClient> OpenWithAsync(params string[] texts)
    {
        foreach (var text in texts) Server.Keep(Bob, Alice, text);
        _listed.Put(Chat, Describe(Chat));
        var client = await OpenSyncedAsync();
        await NextCallAsync("/conversation/get_owner_conversation");
        await SettledAsync(client);
        return client;
    }

    Task TellAsync(int type, JsonObject tips) => Server.PushAsync("n_alice_alice", ScriptedServer.Notice(type, tips)).AsTask();

    [Fact]
    public async Task Settings_come_with_the_list_and_survive_a_restart()
    {
        _listed.Put("sg_quiet", Describe("sg_quiet", pinned: true, receive: 2));
        await (await OpenWithAsync("hello")).DisposeAsync();
        Server.Reachable = false;
        var client = await OpenAsync();
        var conversations = client.Conversations.Get();
        Assert.Equal(["sg_quiet", Chat], conversations.Select(one => one.Id));
        Assert.Equal((true, ReceiveOption.Silent, TimeSpan.FromSeconds(30)),
            (conversations[0].Settings.IsPinned, conversations[0].Settings.Receive, conversations[0].Settings.BurnAfter));
        Assert.Null(conversations[0].LastMessage);
    }

    [Fact]
    public async Task One_that_slips_to_a_page_that_was_read_already_is_found()
    {
        for (var i = 0; i < 310; i++) _listed.Put($"sg_{i:000}", Describe($"sg_{i:000}"));
        Api["/conversation/get_owner_conversation"] = asked =>
        {
            var page = _listed.Page(asked);
            if (page["conversations"]!.AsArray() is { Count: < 300 } last) last.RemoveAt(last.Count - 1);
            return page;
        };
        Api["/conversation/get_full_conversation_ids"] = _ => new JsonObject { ["conversationIDs"] = new JsonArray("sg_309", "sg_000", Chat) };
        var client = await OpenWithAsync();
        Assert.NotNull(client.Conversations.Find(Chat));
        Assert.Equal(311, client.Conversations.Get().Count);
    }

    [Fact]
    public async Task Pinning_asks_the_server_and_shows_at_once()
    {
        var client = await OpenWithAsync("hello");
        Api["/conversation/set_conversations"] = _ =>
        {
            _listed.Put(Chat, Describe(Chat, pinned: true));
            return null;
        };
        await Soon(client.Conversations.PinAsync(Chat));
        var asked = (await NextCallAsync("/conversation/set_conversations")).Json.GetProperty("conversation");
        Assert.Equal((1, Bob, true, System.Text.Json.JsonValueKind.Null),
            (asked.GetProperty("conversationType").GetInt32(), asked.GetProperty("userID").GetString(), asked.GetProperty("isPinned").GetBoolean(), asked.GetProperty("recvMsgOpt").ValueKind));
        Assert.True(client.Conversations.Find(Chat)!.Settings.IsPinned);
        Assert.Equal(Chat, (await NextAsync<ParleyEvent.ConversationChanged>(client)).ConversationId);
    }

    [Fact]
    public async Task A_change_on_another_device_is_told()
    {
        var client = await OpenWithAsync("hello");
        _listed.Put(Chat, Describe(Chat, receive: 1));
        await TellAsync(1300, new() { ["userID"] = Alice, ["conversationIDList"] = new JsonArray(Chat) });
        Assert.Equal(Chat, (await NextAsync<ParleyEvent.ConversationChanged>(client)).ConversationId);
    }

    [Fact]
    public async Task What_was_cleared_is_gone_and_what_comes_after_is_not()
    {
        var client = await OpenWithAsync("1", "2");
        Api["/msg/clear_conversation_msg"] = _ =>
        {
            _minima[Chat] = 3;
            Server.ReadMarks[Chat] = 2;
            return null;
        };
        await Soon(client.Conversations.ClearAsync([Chat]));
        Assert.Equal(0, client.Conversations.CountUnread());
        Assert.Empty(await Soon(client.GetHistoryAsync(Chat)));
        await Server.PushAsync(Chat, Server.Keep(Bob, Alice, "3"));
        await NextAsync<ParleyEvent.MessagesReceived>(client);
        Assert.Equal("3", Assert.Single(await Soon(client.GetHistoryAsync(Chat))).Text);
        Assert.Equal(1, client.Conversations.CountUnread());
    }

    [Fact]
    public async Task What_another_device_cleared_is_gone_here()
    {
        var client = await OpenWithAsync("1", "2");
        _minima[Chat] = 3;
        Server.ReadMarks[Chat] = 2;
        await TellAsync(1703, new() { ["userID"] = Alice, ["conversationIDs"] = new JsonArray(Chat) });
        Assert.Equal(Chat, (await NextAsync<ParleyEvent.ConversationCleared>(client)).ConversationId);
        Assert.Empty(await Soon(client.GetHistoryAsync(Chat)));
    }

    [Fact]
    public async Task Clearing_that_is_declined_leaves_everything()
    {
        var client = await OpenWithAsync("1");
        Api.Decline("/msg/clear_conversation_msg", ErrorCodes.NoPermission);
        await Assert.ThrowsAsync<ParleyException>(() => Soon(client.Conversations.DeleteAsync(Chat)));
        Assert.Equal("1", client.Conversations.Find(Chat)!.LastMessage!.Text);
    }

    [Fact]
    public async Task A_hidden_conversation_comes_back_with_the_next_message()
    {
        var client = await OpenWithAsync("1");
        client.Conversations.Hide(Chat);
        Assert.Empty(client.Conversations.Get());
        Assert.Equal(0, client.Conversations.CountUnread());
        await Server.PushAsync(Chat, Server.Keep(Bob, Alice, "2"));
        await NextAsync<ParleyEvent.MessagesReceived>(client);
        Assert.Equal(2, Assert.Single(client.Conversations.Get()).Unread);
    }

    [Fact]
    public async Task Only_those_with_news_can_be_asked_for()
    {
        var client = await OpenWithAsync("1", "2");
        Assert.Single(client.Conversations.Get(DateTimeOffset.FromUnixTimeMilliseconds(1_001)));
        Assert.Empty(client.Conversations.Get(DateTimeOffset.FromUnixTimeMilliseconds(1_002)));
    }

    [Fact]
    public async Task A_message_that_does_not_count_is_not_unread()
    {
        var client = await OpenWithAsync("1");
        var uncounted = ScriptedServer.Text(Bob, Alice, "2");
        uncounted.Options["unreadCount"] = false;
        await Server.PushAsync(Chat, Server.Keep(Chat, uncounted));
        await NextAsync<ParleyEvent.MessagesReceived>(client);
        Assert.Equal(1, client.Conversations.CountUnread());
    }

    [Fact]
    public async Task Reading_on_another_device_counts_here_at_once()
    {
        var client = await OpenWithAsync();
        for (var i = 1; i <= 3; i++) await Server.PushAsync(Chat, Server.Keep(Bob, Alice, $"{i}"));
        await Server.PushAsync("n_alice_bob", Server.Notify(
            "n_alice_bob", 2200, new() { ["markAsReadUserID"] = Alice, ["conversationID"] = Chat, ["seqs"] = new JsonArray(2), ["hasReadSeq"] = 2 }));
        Assert.Equal(new ParleyEvent.ReadElsewhere(Chat, 2), await NextAsync<ParleyEvent.ReadElsewhere>(client));
        Assert.Equal(1, client.Conversations.CountUnread());
    }
}
