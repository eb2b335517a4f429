using System.Text.Json.Nodes;
using Parley.Client.Messages;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Messages;

/// <summary>What becomes of messages after they were sent: by others and from here, live and missed.</summary>
public sealed class OperationTests : ClientTest
{
    const string Notices = "n_alice_bob";

    async Task<ParleyClient> WithMessagesAsync(params string[] texts)
    {
        foreach (var text in texts) Server.Keep(Bob, Alice, text);
        return await OpenSyncedAsync();
    }

    async Task<ParleyEvent.SyncEnded> BackAsync(ParleyClient client)
    {
        await PassAsync(1);
        return await NextAsync<ParleyEvent.SyncEnded>(client);
    }

    static long Unread(ParleyClient client) => client.Conversations.Find(Chat)!.Unread;

    [Fact]
    public async Task A_recalled_message_is_shown_as_such_and_nothing_of_it_is_left()
    {
        var client = await WithMessagesAsync("first", "secret");
        Assert.Equal(2, Unread(client));
        await Server.PushAsync(Notices, Server.Recall(Chat, 2, Bob));

        var told = await NextAsync<ParleyEvent.MessageRecalled>(client);
        Assert.Equal((2L, Bob), (told.Recall.Sequence, told.Recall.ByUserId));
        var shown = (await client.GetHistoryAsync(Chat))[1];
        Assert.Equal((MessageState.Recalled, null, Bob), (shown.State, shown.Text, shown.Recall?.ByUserId));
        Assert.DoesNotContain("secret", shown.Content, StringComparison.Ordinal);
        Assert.Equal(told.Message, shown with { Mentions = told.Message!.Mentions });
        // The count is asked for at the end of a step of the syncer: of these two messages the second is certainly behind it.
        foreach (var text in new[] { "third", "fourth" })
        {
            await Server.PushAsync(Chat, Server.Keep(Bob, Alice, text));
            await NextAsync<ParleyEvent.MessagesReceived>(client);
        }
        Assert.Equal(3, Unread(client));
    }

    [Fact]
    public async Task Answers_to_a_recalled_message_quote_nothing_any_more()
    {
        var client = await WithMessagesAsync("secret");
        var quoted = (await client.GetHistoryAsync(Chat))[0];
        var sent = await client.Messages.SendAsync(Recipient.User(Bob), MessageContent.Quote("indeed", quoted));
        await Soon(client.WaitSentAsync(sent.ClientMessageId));
        await Server.PushAsync(Chat, Server.Kept(Chat)[1]);
        await Server.PushAsync(Notices, Server.Recall(Chat, 1, Bob));
        await NextAsync<ParleyEvent.MessageRecalled>(client);

        var answer = (await client.GetHistoryAsync(Chat))[1];
        Assert.Equal("indeed", answer.Text);
        Assert.DoesNotContain("secret", answer.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_missed_offline_is_applied_in_order_after_the_connection()
    {
        var client = await WithMessagesAsync("1", "2", "3", "4");
        Server.Cut();
        await NextAsync(client, ConnectionState.Offline);
        Server.Recall(Chat, 2, Bob);
        Server.Hidden.Add((Chat, 3));
        Server.Notify("n_alice_alice", 2102, new() { ["userID"] = Alice, ["conversationID"] = Chat, ["seqs"] = new JsonArray(3) });
        Server.ReadMarks[Chat] = 1;
        Server.Notify(Notices, 2200, new() { ["markAsReadUserID"] = Alice, ["conversationID"] = Chat, ["seqs"] = new JsonArray(1), ["hasReadSeq"] = 1 });
        await BackAsync(client);

        var history = await client.GetHistoryAsync(Chat);
        Assert.Equal([(1L, "1"), (2L, null), (4L, "4")], history.Select(message => (message.Sequence, message.Text)));
        Assert.Equal((1L, 1L), (Unread(client), client.Conversations.Find(Chat)!.ReadSequence));
    }

    [Fact]
    public async Task Recalling_asks_the_server_and_shows_it_here_at_once()
    {
        var client = await WithMessagesAsync("oops");
        await Soon(client.Messages.RecallAsync(Chat, 1));
        var asked = (await NextCallAsync("/msg/revoke_msg")).Json;
        Assert.Equal((Alice, Chat, 1), (asked.GetProperty("userID").GetString(), asked.GetProperty("conversationID").GetString(), asked.GetProperty("seq").GetInt32()));
        Assert.Equal(MessageState.Recalled, (await client.GetHistoryAsync(Chat))[0].State);
    }

    [Fact]
    public async Task What_the_server_declines_changes_nothing_here()
    {
        var client = await WithMessagesAsync("stays");
        foreach (var path in new[] { "/msg/revoke_msg", "/msg/delete_msgs", "/msg/edit_msg" }) Api.Decline(path, ErrorCodes.NoPermission);
        Func<Task>[] changes =
        [
            () => client.Messages.RecallAsync(Chat, 1),
            () => client.Messages.DeleteAsync(Chat, [1]),
            () => client.Messages.EditAsync(Chat, 1, MessageContent.Text("new")),
        ];
        foreach (var change in changes) Assert.Equal(ErrorCodes.NoPermission, (await Assert.ThrowsAsync<ParleyException>(() => Soon(change()))).Code);
        Assert.Equal(("stays", MessageState.Sent), ((await client.GetHistoryAsync(Chat))[0].Text, (await client.GetHistoryAsync(Chat))[0].State));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deleting_takes_messages_out_of_the_history_and_asks_for_nothing_again(bool forEveryone)
    {
        var client = await WithMessagesAsync("1", "2", "3");
        await Soon(client.Messages.DeleteAsync(Chat, [1, 3], forEveryone));
        var option = (await NextCallAsync("/msg/delete_msgs")).Json.GetProperty("deleteSyncOpt");
        Assert.Equal((true, forEveryone), (option.GetProperty("IsSyncSelf").GetBoolean(), option.GetProperty("IsSyncOther").GetBoolean()));

        while (Server.Requests.TryRead(out _)) { }
        Assert.Equal(["2"], (await client.GetHistoryAsync(Chat)).Select(message => message.Text));
        Assert.False(Server.Requests.TryRead(out _));
        Assert.Equal("2", client.Conversations.Find(Chat)!.LastMessage!.Text);
    }

    [Fact]
    public async Task A_placeholder_of_the_server_is_never_shown_and_never_asked_for_again()
    {
        Server.Hidden.Add((Chat, 2));
        var client = await WithMessagesAsync("1", "2", "3");
        while (Server.Requests.TryRead(out _)) { }
        Assert.Equal([1L, 3], (await client.GetHistoryAsync(Chat)).Select(message => message.Sequence));
        Assert.False(Server.Requests.TryRead(out _));
        Assert.Equal(2, Unread(client));
    }

    [Fact]
    public async Task An_edit_changes_the_message_and_one_that_empties_it_leaves_nothing()
    {
        var client = await WithMessagesAsync("1", "2");
        await Server.PushAsync(Notices, Edit(1, 101, """{"content":"better"}"""));
        var told = await NextAsync<ParleyEvent.MessageEdited>(client);
        Assert.Equal((Bob, "better"), (told.EditorId, told.Message?.Text));
        await Server.PushAsync(Notices, Edit(2, 101, ""));
        Assert.Null((await NextAsync<ParleyEvent.MessageEdited>(client)).Message!.Text);
        Assert.Equal(["better", null], (await client.GetHistoryAsync(Chat)).Select(message => message.Text));

        await Soon(client.Messages.EditAsync(Chat, 1, MessageContent.Markdown("**best**")));
        Assert.Equal(118, (await NextCallAsync("/msg/edit_msg")).Json.GetProperty("contentType").GetInt32());
        Assert.Equal("**best**", (await client.GetHistoryAsync(Chat))[0].Text);
    }

    MsgData Edit(long sequence, int contentType, string content) =>
        Business("parley.edit", new() { ["conversationID"] = Chat, ["seq"] = sequence, ["editorUserID"] = Bob, ["contentType"] = contentType, ["content"] = content });

    MsgData Business(string key, JsonObject data) => Server.Notify(Notices, 2001, new() { ["key"] = key, ["data"] = data.ToJsonString() });

    [Fact]
    public async Task An_operation_on_what_is_not_here_is_told_and_harms_nothing()
    {
        var client = await WithMessagesAsync("1");
        await Server.PushAsync(Notices, Edit(77, 101, """{"content":"?"}"""));
        Assert.Null((await NextAsync<ParleyEvent.MessageEdited>(client)).Message);
        Assert.Equal("1", Assert.Single(await client.GetHistoryAsync(Chat)).Text);
    }

    [Fact]
    public async Task An_edit_does_not_bring_back_what_was_recalled()
    {
        var client = await WithMessagesAsync("1");
        await Server.PushAsync(Notices, Server.Recall(Chat, 1, Bob));
        await Server.PushAsync(Notices, Edit(1, 101, """{"content":"back"}"""));
        await NextAsync<ParleyEvent.MessageEdited>(client);
        Assert.Equal(MessageState.Recalled, Assert.Single(await client.GetHistoryAsync(Chat)).State);
    }

    [Fact]
    public async Task Reactions_pins_and_the_applications_own_notices_are_told()
    {
        var client = await WithMessagesAsync("1");
        await Server.PushAsync(Notices, Business("parley.reaction", new() { ["conversationID"] = Chat, ["seq"] = 1, ["userID"] = Bob, ["reaction"] = "👍", ["removed"] = true }));
        Assert.Equal(new ParleyEvent.Reacted(Chat, new Reaction(1, Bob, "👍"), true), await NextAsync<ParleyEvent.Reacted>(client));
        await Server.PushAsync(Notices, Business("parley.pin", new() { ["conversationID"] = Chat, ["seq"] = 1, ["userID"] = Bob, ["pinned"] = true }));
        Assert.Equal(new ParleyEvent.MessagePinned(Chat, 1, Bob, true), await NextAsync<ParleyEvent.MessagePinned>(client));
        await Server.PushAsync(Notices, Server.Notify(Notices, 2001, new() { ["key"] = "shop.order", ["data"] = "7" }));
        Assert.Equal(new ParleyEvent.BusinessNotice("server", "shop.order", "7"), await NextAsync<ParleyEvent.BusinessNotice>(client));
    }

    [Fact]
    public async Task Reactions_pins_and_readers_are_asked_of_the_server()
    {
        Api["/msg/get_reactions"] = _ => new JsonObject { ["reactions"] = new JsonArray(new JsonObject { ["seq"] = 4, ["userID"] = Bob, ["reaction"] = "👍" }) };
        Api["/msg/get_pinned_msgs"] = _ => new JsonObject { ["seqs"] = new JsonArray(3, 4) };
        Api["/msg/get_group_message_readers"] = _ => new JsonObject { ["readCount"] = 1, ["unreadCount"] = 2, ["userIDs"] = new JsonArray(Bob) };
        var client = await OpenSyncedAsync();

        await Soon(client.Messages.ReactAsync("sg_g", 4, "👍"));
        Assert.False((await NextCallAsync("/msg/set_reaction")).Json.GetProperty("removed").GetBoolean());
        Assert.Equal([new Reaction(4, Bob, "👍")], await Soon(client.Messages.GetReactionsAsync("sg_g", [4])));
        await Soon(client.Messages.UnpinAsync("sg_g", 4));
        Assert.False((await NextCallAsync("/msg/set_pinned_msg")).Json.GetProperty("pinned").GetBoolean());
        Assert.Equal([3L, 4], await Soon(client.Messages.GetPinnedAsync("sg_g")));
        var readers = await Soon(client.Messages.GetReadersAsync("sg_g", 4, hasRead: false, page: 2, pageLength: 10));
        Assert.Equal((1L, 2L, Bob), (readers.ReadCount, readers.UnreadCount, Assert.Single(readers.UserIds)));
        var asked = (await NextCallAsync("/msg/get_group_message_readers")).Json;
        Assert.Equal((2, false), (asked.GetProperty("pagination").GetProperty("pageNumber").GetInt32(), asked.GetProperty("hasRead").GetBoolean()));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.Messages.ReactAsync("sg_g", 0, "👍"));
    }

    [Fact]
    public async Task The_peers_reading_is_told_once_and_kept()
    {
        var client = await WithMessagesAsync("1");
        foreach (var to in new[] { 1, 1, 2 })
        {
            await Server.PushAsync(Notices, Server.Notify(
                Notices, 2200, new() { ["markAsReadUserID"] = Bob, ["conversationID"] = Chat, ["seqs"] = new JsonArray(to), ["hasReadSeq"] = to }));
        }
        Assert.Equal(new ParleyEvent.ReadByPeer(Chat, Bob, 1), await NextAsync<ParleyEvent.ReadByPeer>(client));
        Assert.Equal(new ParleyEvent.ReadByPeer(Chat, Bob, 2), await NextAsync<ParleyEvent.ReadByPeer>(client));
        Assert.Equal((2L, 0L), (client.Conversations.Find(Chat)!.PeerReadSequence, client.Conversations.Find(Chat)!.ReadSequence));
    }

    [Theory]
    [InlineData(2101, """{"seq":"one"}""")]
    [InlineData(2101, "[]")]
    [InlineData(2102, """{"conversationID":"si_alice_bob","seqs":7}""")]
    [InlineData(2200, "no json")]
    [InlineData(2001, """{"key":"parley.edit","data":"no json"}""")]
    [InlineData(2001, """{"key":"parley.edit","data":"[]"}""")]
    [InlineData(1502, """{"group":{"groupID":"g","createTime":"x"}}""")]
    [InlineData(1503, """{"request":3}""")]
    [InlineData(1999, "{}")]
    public async Task A_notice_that_is_none_is_passed_over(int type, string detail)
    {
        var client = await WithMessagesAsync("1");
        var broken = ScriptedServer.Notice(type, []);
        broken.Content = Google.Protobuf.ByteString.CopyFromUtf8(new JsonObject { ["detail"] = detail }.ToJsonString());
        await Server.PushAsync(Notices, Server.Keep(Notices, broken));
        await Server.PushAsync(Notices, Server.Recall(Chat, 1, Bob));
        while ((await NextAsync<ParleyEvent.MessageRecalled>(client)).Recall.Sequence != 1) { }
        Assert.Equal(ConnectionState.Connected, client.Connection);
    }

    [Fact]
    public async Task History_that_was_on_its_way_when_a_message_was_recalled_is_asked_for_again()
    {
        for (var i = 1; i <= 400; i++) Server.Keep(Bob, Alice, $"{i}");
        var client = await OpenSyncedAsync(options => options with { MaxEagerGap = 300 });
        var answered = 0;
        Server.Instead = request =>
        {
            var answer = Server.Answer(request);
            if (request.ReqIdentifier != Requests.PullBySeqList || answered++ > 0) return answer;
            // The notice overtakes the answer, which does not know of it.
            Server.PushAsync(Notices, Server.Recall(Chat, 290, Bob)).AsTask().Wait();
            Assert.IsType<ParleyEvent.MessageRecalled>(NextAsync<ParleyEvent.MessageRecalled>(client).Result);
            return answer;
        };
        var history = await Soon(client.GetHistoryAsync(Chat, 301, 50));
        Assert.Equal(MessageState.Recalled, history.Single(message => message.Sequence == 290).State);
    }
}
