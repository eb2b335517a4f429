using System.Text.Json.Nodes;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests;

public sealed class SyncTests : ClientTest
{
    const string MarkRead = "/msg/mark_conversation_as_read";

    static PullMessageBySeqsReq Pull(RequestEnvelope request) => PullMessageBySeqsReq.Parser.ParseFrom(request.Data.Span);

    MsgData[] KeepMany(int count) => [.. Enumerable.Range(1, count).Select(i => Server.Keep(Bob, Alice, $"{i}"))];

    [Fact]
    public async Task What_was_missed_comes_in_pages_and_in_order()
    {
        KeepMany(250);
        var client = await OpenAsync();
        var texts = new List<string?>();
        var progress = new List<(long, long)>();
        while (await Soon(client.Events.ReadAsync().AsTask()) is var told and not ParleyEvent.SyncEnded)
        {
            if (told is ParleyEvent.MessagesReceived received) texts.AddRange(received.Messages.Select(message => message.Text));
            if (told is ParleyEvent.SyncProcessing processing) progress.Add((processing.Done, processing.Total));
        }

        Assert.Equal(Enumerable.Range(1, 250).Select(i => $"{i}"), texts);
        Assert.Equal([(100, 250), (200, 250), (250, 250)], progress);
        Assert.Equal(["si_alice_bob 1-100/100", "si_alice_bob 101-200/100", "si_alice_bob 201-250/50"], await PullsAsync(3));
    }

    async Task<List<string>> PullsAsync(int count)
    {
        var pulls = new List<string>();
        while (pulls.Count < count)
        {
            pulls.AddRange(Pull(await NextRequestAsync(Requests.PullBySeqRange)).SeqRanges.Select(range => $"{range.ConversationID} {range.Begin}-{range.End}/{range.Num}"));
        }
        return pulls;
    }

    [Fact]
    public async Task A_push_behind_a_gap_pulls_the_gap_alone()
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync(Chat, KeepMany(5)[4]);

        var received = await NextAsync<ParleyEvent.MessagesReceived>(client);
        Assert.Equal([1L, 2, 3, 4, 5], received.Messages.Select(message => message.Sequence));
        Assert.Equal(["si_alice_bob 1-4/4"], await PullsAsync(1));
    }

    [Fact]
    public async Task A_gap_that_the_server_can_not_fill_costs_one_request_and_the_rest_goes_on()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request => request.ReqIdentifier == Requests.PullBySeqRange
            ? ScriptedServer.Good(request, new PullMessageBySeqsResp()) : Server.Answer(request);
        var kept = KeepMany(6);
        await Server.PushAsync(Chat, kept[4]);
        Assert.Equal([5L], (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages.Select(message => message.Sequence));
        await Server.PushAsync(Chat, kept[5]);
        Assert.Equal([6L], (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages.Select(message => message.Sequence));

        await NextRequestAsync(Requests.PullBySeqRange);
        while (Server.Requests.TryRead(out var request)) Assert.NotEqual(Requests.PullBySeqRange, request.ReqIdentifier);
    }

    [Fact]
    public async Task A_sequence_no_server_reaches_is_ignored()
    {
        Server.Keep(Bob, Alice, "hello");
        Server.Instead = request =>
        {
            if (request.ReqIdentifier != Requests.NewestSeq) return Server.Answer(request);
            var newest = Server.Newest();
            newest.MaxSeqs["si_alice_carol"] = long.MaxValue;
            return ScriptedServer.Good(request, newest);
        };
        var client = await OpenSyncedAsync();
        var absurd = Server.Kept(Chat)[0].Clone();
        absurd.Seq = long.MaxValue;
        await Server.PushAsync(Chat, absurd);
        await Server.PushAsync(Chat, Server.Keep(Bob, Alice, "next"));
        Assert.Equal(2, (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages[0].Sequence);
    }

    [Fact]
    public async Task A_short_answer_is_asked_for_again_while_it_brings_something()
    {
        KeepMany(5);
        Server.Instead = request =>
        {
            if (request.ReqIdentifier != Requests.PullBySeqRange) return Server.Answer(request);
            var whole = Server.Pull(Pull(request));
            return ScriptedServer.Good(request, new PullMessageBySeqsResp { Msgs = { [Chat] = new PullMsgs { Msgs = { whole.Msgs[Chat].Msgs[0] } } } });
        };
        var client = await OpenAsync();
        var received = await NextAsync<ParleyEvent.MessagesReceived>(client);
        Assert.Equal([1L, 2, 3, 4, 5], received.Messages.Select(message => message.Sequence));
    }

    [Fact]
    public async Task A_lost_push_shows_in_the_regular_question()
    {
        var client = await OpenSyncedAsync(Quiet);
        Server.Keep(Bob, Alice, "lost");
        await PassAsync(30);
        Assert.Equal("lost", (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages[0].Text);
    }

    [Fact]
    public async Task Of_a_very_large_gap_only_the_newest_page_comes_and_the_rest_when_it_is_read()
    {
        KeepMany(400);
        var client = await OpenSyncedAsync(options => options with { MaxEagerGap = 300 });
        Assert.Equal(["si_alice_bob 301-400/100"], await PullsAsync(1));

        var seen = new List<long>();
        long? before = null;
        do
        {
            var page = await Soon(client.GetHistoryAsync(Chat, before, 60));
            seen.InsertRange(0, page.Select(message => message.Sequence));
            before = page.Count == 60 ? page[0].Sequence : null;
        }
        while (before is not null);
        Assert.Equal(Enumerable.Range(1, 400).Select(i => (long)i), seen);

        // All of it is here now.
        while (Server.Requests.TryRead(out _)) { }
        Assert.Equal(60, (await Soon(client.GetHistoryAsync(Chat, 100, 60))).Count);
        Assert.False(Server.Requests.TryRead(out _));
    }

    [Fact]
    public async Task History_offline_is_what_is_here()
    {
        KeepMany(400);
        var client = await OpenSyncedAsync(options => options with { MaxEagerGap = 300 });
        Server.Cut();
        Server.Reachable = false;
        await NextAsync(client, ConnectionState.Offline);
        Assert.Equal([301L, 302], (await Soon(client.GetHistoryAsync(Chat, 303, 50))).Select(message => message.Sequence));
    }

    [Fact]
    public async Task Deleted_messages_fill_their_place_and_are_not_shown()
    {
        foreach (var kept in KeepMany(6).Where(message => message.Seq % 2 == 0)) kept.Status = 4;
        var client = await OpenAsync();
        Assert.Equal([1L, 3, 5], (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages.Select(message => message.Sequence));
        await NextAsync<ParleyEvent.SyncEnded>(client);
        while (Server.Requests.TryRead(out _)) { }
        Assert.Equal([1L, 3, 5], (await Soon(client.GetHistoryAsync(Chat))).Select(message => message.Sequence));
        Assert.False(Server.Requests.TryRead(out _));
    }

    [Fact]
    public async Task Below_the_first_readable_sequence_nothing_is_asked_for_and_nothing_is_unread()
    {
        KeepMany(10);
        Server.Instead = request =>
        {
            if (request.ReqIdentifier != Requests.NewestSeq) return Server.Answer(request);
            var newest = Server.Newest();
            newest.MinSeqs[Chat] = 8;
            return ScriptedServer.Good(request, newest);
        };
        var client = await OpenSyncedAsync();
        Assert.Equal(["si_alice_bob 8-10/3"], await PullsAsync(1));
        while (Server.Requests.TryRead(out _)) { }
        Assert.Equal([8L, 9, 10], (await Soon(client.GetHistoryAsync(Chat))).Select(message => message.Sequence));
        Assert.Equal(3, Assert.Single(await client.GetConversationsAsync()).Unread);
        Assert.False(Server.Requests.TryRead(out _));
    }

    [Fact]
    public async Task History_learns_where_it_begins_and_does_not_ask_again()
    {
        KeepMany(200);
        var client = await OpenSyncedAsync(options => options with { MaxEagerGap = 100 });
        Server.Instead = request =>
        {
            if (request.ReqIdentifier != Requests.PullBySeqList) return Server.Answer(request);
            var answer = Server.PullOld(GetSeqMessageReq.Parser.ParseFrom(request.Data.Span));
            var pulled = answer.Msgs[Chat];
            while (pulled.Msgs[^1].Seq < 90) pulled.Msgs.RemoveAt(pulled.Msgs.Count - 1);
            (pulled.IsEnd, pulled.EndSeq) = (true, 90);
            return ScriptedServer.Good(request, answer);
        };
        Assert.Equal(Enumerable.Range(90, 11).Select(i => (long)i), (await Soon(client.GetHistoryAsync(Chat, 101))).Select(message => message.Sequence));
        while (Server.Requests.TryRead(out _)) { }
        Assert.Equal(11, (await Soon(client.GetHistoryAsync(Chat, 101))).Count);
        Assert.False(Server.Requests.TryRead(out _));
    }

    [Fact]
    public async Task A_message_without_a_sequence_is_handed_over_and_not_kept()
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync(Chat, ScriptedServer.Text(Bob, Alice, "typing"));
        Assert.Equal("typing", Assert.Single((await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages).Text);
        Assert.Empty(await client.GetHistoryAsync(Chat));
    }

    [Fact]
    public async Task Another_user_can_not_overwrite_an_own_message_by_its_client_id()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request => request.ReqIdentifier == Requests.SendMessage ? null : Server.Answer(request);
        var own = await client.SendTextAsync(Bob, "mine");
        var forged = ScriptedServer.Text(Bob, Alice, "forged");
        forged.ClientMsgID = own.ClientMessageId;
        await Server.PushAsync(Chat, Server.Keep(Chat, forged));
        await NextAsync<ParleyEvent.MessagesReceived>(client);

        var history = await client.GetHistoryAsync(Chat);
        Assert.Equal([("mine", MessageState.Unsent), ("forged", MessageState.Sent)], history.Select(message => (message.Text!, message.State)));
    }

    [Fact]
    public async Task A_fresh_device_takes_the_place_of_notifications_and_not_their_past()
    {
        for (var i = 0; i < 3; i++) Server.Notify("n_alice_bob", 2200, Read(i + 1));
        var client = await OpenSyncedAsync();
        while (Server.Requests.TryRead(out var request)) Assert.NotEqual(Requests.PullBySeqRange, request.ReqIdentifier);

        Server.Cut();
        KeepMany(1);
        Server.Notify("n_alice_bob", 2200, Read(4));
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        Assert.Equal(["si_alice_bob 1-1/1", "n_alice_bob 4-4/1"], await PullsAsync(2));
        await NextAsync<ParleyEvent.SyncEnded>(client);
        Assert.Equal(Chat, Assert.Single(await client.GetConversationsAsync()).Id);

        static JsonObject Read(long to) => new() { ["markAsReadUserID"] = Bob, ["conversationID"] = Chat, ["seqs"] = new JsonArray(to), ["hasReadSeq"] = to };
    }

    [Fact]
    public async Task A_sync_without_answers_fails_after_three_questions_and_the_next_one_mends_it()
    {
        Server.Keep(Bob, Alice, "hello");
        Server.Instead = request => request.ReqIdentifier == Requests.NewestSeq ? null : Server.Answer(request);
        var client = await OpenAsync(options => Quiet(options) with { SequenceInterval = TimeSpan.FromHours(1) });
        foreach (var wait in new[] { 10, 2, 10, 4, 10 })
        {
            if (wait == 10) await NextRequestAsync(Requests.NewestSeq);
            await PassAsync(wait);
        }
        Assert.Equal(ParleyException.TimedOut, (await NextAsync<ParleyEvent.SyncFailed>(client)).Code);
        Server.Instead = null;
        Server.Cut();
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        Assert.Equal("hello", (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages[0].Text);
    }

    [Fact]
    public async Task An_application_that_reads_late_misses_nothing()
    {
        var client = await OpenSyncedAsync(options => options with { EventQueueLength = 2, PushQueueBytes = 1 << 16 });
        var kept = KeepMany(500);
        foreach (var message in kept) await Server.PushAsync(Chat, message);
        // The link still answers: its reader waits for nobody.
        await Server.SendRawAsync(Client.Connection.FrameKind.Text, """{"type":"ping","body":"there?"}"""u8.ToArray());
        while (await Soon(Server.Pings.ReadAsync().AsTask()) != "there?") { }

        var seen = new List<long>();
        while (seen.Count < 500) seen.AddRange((await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages.Select(message => message.Sequence));
        Assert.Equal(kept.Select(message => message.Seq), seen);
    }

    [Fact]
    public async Task Unread_counts_messages_behind_the_mark_and_reading_tells_the_server()
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync(Chat, KeepMany(3));
        await NextAsync<ParleyEvent.MessagesReceived>(client);
        var before = Assert.Single(await client.GetConversationsAsync());
        Assert.Equal((Chat, Bob, "", "3", 3L, 3L), (before.Id, before.PeerId, before.GroupId, before.LastMessage?.Text, before.Unread, before.MaxSequence));

        await Soon(client.MarkReadAsync(Chat));
        var call = await NextCallAsync(MarkRead);
        Assert.Equal("secret", call.Token);
        Assert.NotEqual("", call.OperationId);
        Assert.Equal("""{"conversationID":"si_alice_bob","userID":"alice","hasReadSeq":3,"seqs":[1,2,3]}""", call.Body);
        Assert.Equal(0, Assert.Single(await client.GetConversationsAsync()).Unread);

        await client.MarkReadAsync(Chat);
        Assert.DoesNotContain(MarkRead, PathsSoFar());
    }

    [Fact]
    public async Task Reading_offline_is_told_with_the_next_connection()
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync(Chat, KeepMany(2));
        await NextAsync<ParleyEvent.MessagesReceived>(client);
        Server.Cut();
        await NextAsync(client, ConnectionState.Offline);
        await Soon(client.MarkReadAsync(Chat));
        Assert.DoesNotContain(MarkRead, PathsSoFar());
        await PassAsync(1);
        Assert.Contains("\"hasReadSeq\":2", (await NextCallAsync(MarkRead)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_device_read_is_read_here()
    {
        KeepMany(5);
        Server.ReadMarks[Chat] = 4;
        var client = await OpenSyncedAsync();
        Assert.Equal(1, Assert.Single(await client.GetConversationsAsync()).Unread);
    }

    [Fact]
    public async Task An_own_message_is_no_unread_one()
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync(Chat, Server.Keep(Bob, Alice, "question"), Server.Keep(Alice, Bob, "answer from my other device"));
        Assert.Equal(2, (await NextAsync<ParleyEvent.MessagesReceived>(client)).Messages.Count);
        Assert.Equal(0, Assert.Single(await client.GetConversationsAsync()).Unread);
    }

    [Fact]
    public async Task A_token_refused_by_REST_stops_the_client()
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync(Chat, KeepMany(1));
        await NextAsync<ParleyEvent.MessagesReceived>(client);
        Api.Answer = """{"errCode":1501,"errMsg":"expired","errDlt":""}""";
        await Assert.ThrowsAsync<ParleyException>(() => Soon(client.MarkReadAsync(Chat)));
        Assert.Equal(1501, (await NextAsync<ParleyEvent.TokenRefused>(client)).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"errCode":"none"}""")]
    public async Task An_answer_of_REST_that_is_none_is_a_failure_that_passes(string answer)
    {
        var client = await OpenSyncedAsync();
        await Server.PushAsync(Chat, KeepMany(1));
        await NextAsync<ParleyEvent.MessagesReceived>(client);
        Api.Answer = answer;
        await Soon(client.MarkReadAsync(Chat));
        Assert.Equal(ConnectionState.Connected, client.Connection);
    }
}
