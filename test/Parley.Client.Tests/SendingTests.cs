using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests;

public sealed class SendingTests : ClientTest
{
    static MsgData Sent(RequestEnvelope request) => MsgData.Parser.ParseFrom(request.Data.Span);

    [Fact]
    public async Task A_message_written_offline_leaves_once_when_there_is_a_connection()
    {
        Server.Reachable = false;
        var client = await OpenAsync();
        await NextAsync(client, ConnectionState.Offline);
        var written = await client.SendTextAsync(Bob, "hello");
        Assert.Equal((MessageState.Unsent, 0L, "hello"), (written.State, written.Sequence, written.Text));

        Server.Reachable = true;
        await PassAsync(1);
        var sent = await Soon(client.WaitSentAsync(written.ClientMessageId));

        Assert.Equal((MessageState.Sent, $"server-{Chat}-1"), (sent.State, sent.ServerMessageId));
        Assert.Equal(written.ClientMessageId, Assert.Single(Server.Kept(Chat)).ClientMsgID);
    }

    [Fact]
    public async Task Messages_leave_in_the_order_in_which_they_were_written()
    {
        Server.Reachable = false;
        var client = await OpenAsync();
        await NextAsync(client, ConnectionState.Offline);
        Message? last = null;
        for (var i = 0; i < 20; i++) last = await client.SendTextAsync(Bob, $"{i}");
        Server.Reachable = true;
        await PassAsync(1);
        await Soon(client.WaitSentAsync(last!.ClientMessageId));

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{{\"content\":\"{i}\"}}"), Server.Kept(Chat).Select(message => message.Content.ToStringUtf8()));
    }

    [Fact]
    public async Task After_a_cut_before_the_acknowledgement_the_same_message_is_repeated()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request =>
        {
            if (request.ReqIdentifier != Requests.SendMessage) return Server.Answer(request);
            Server.Answer(request);
            Server.Instead = null;
            Server.Cut();
            return null;
        };
        var written = await client.SendTextAsync(Bob, "hello");
        var first = Sent(await NextRequestAsync(Requests.SendMessage));
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);

        // Either the repeat or the pull after the new connection settles it.
        await Soon(client.WaitSentAsync(written.ClientMessageId));
        await NextAsync<ParleyEvent.SyncEnded>(client);
        Assert.Equal(written.ClientMessageId, first.ClientMsgID);
        Assert.Single(Server.Kept(Chat));
        var message = Assert.Single(await client.GetHistoryAsync(Chat));
        Assert.Equal((1L, MessageState.Sent), (message.Sequence, message.State));
    }

    [Fact]
    public async Task Without_an_answer_the_same_bytes_go_out_again()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request => request.ReqIdentifier == Requests.SendMessage ? null : Server.Answer(request);
        var written = await client.SendTextAsync(Bob, "hello");
        var first = await NextRequestAsync(Requests.SendMessage);
        Server.Instead = null;
        await PassAsync(10);
        var second = await NextRequestAsync(Requests.SendMessage);

        Assert.True(first.Data.Span.SequenceEqual(second.Data.Span));
        Assert.NotEqual(first.MsgIncr, second.MsgIncr);
        await Soon(client.WaitSentAsync(written.ClientMessageId));
    }

    [Fact]
    public async Task An_answer_that_comes_after_its_time_is_ignored()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request => request.ReqIdentifier == Requests.SendMessage ? null : Server.Answer(request);
        var written = await client.SendTextAsync(Bob, "hello");
        var first = await NextRequestAsync(Requests.SendMessage);
        await PassAsync(10);
        await NextRequestAsync(Requests.SendMessage);
        await Server.SendAsync(ScriptedServer.Good(first, new SendMsgResp { ServerMsgID = "late" }));
        Server.Instead = null;
        await PassAsync(10);

        Assert.Equal($"server-{Chat}-1", (await Soon(client.WaitSentAsync(written.ClientMessageId))).ServerMessageId);
    }

    [Fact]
    public async Task A_refusal_fails_the_message_and_the_next_one_still_leaves()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request =>
        {
            if (request.ReqIdentifier != Requests.SendMessage) return Server.Answer(request);
            Server.Instead = null;
            return ScriptedServer.Declined(request, ErrorCodes.BlockedByPeer);
        };
        var refused = await client.SendTextAsync(Bob, "refused");
        var next = await client.SendTextAsync(Bob, "next");

        var thrown = await Assert.ThrowsAsync<ParleyException>(() => Soon(client.WaitSentAsync(refused.ClientMessageId)));
        Assert.Equal(ErrorCodes.BlockedByPeer, thrown.Code);
        Assert.Equal(ErrorCodes.BlockedByPeer, (await NextAsync<ParleyEvent.MessageFailed>(client)).Message.ErrorCode);
        await Soon(client.WaitSentAsync(next.ClientMessageId));
        Assert.Equal([MessageState.Failed, MessageState.Sent], (await client.GetHistoryAsync(Chat)).Select(message => message.State));
        // Asked again later, it is still known.
        await Assert.ThrowsAsync<ParleyException>(() => Soon(client.WaitSentAsync(refused.ClientMessageId)));
    }

    [Fact]
    public async Task A_fault_of_the_server_is_retried_with_growing_waits_and_then_given_up()
    {
        var client = await OpenSyncedAsync(options => options with { MaxSendAttempts = 3 });
        Server.Instead = request =>
            request.ReqIdentifier == Requests.SendMessage ? ScriptedServer.Declined(request, ErrorCodes.Internal) : Server.Answer(request);
        var written = await client.SendTextAsync(Bob, "hello");
        await NextRequestAsync(Requests.SendMessage);
        await PassAsync(1);
        await NextRequestAsync(Requests.SendMessage);
        await PassAsync(2);
        await NextRequestAsync(Requests.SendMessage);

        var thrown = await Assert.ThrowsAsync<ParleyException>(() => Soon(client.WaitSentAsync(written.ClientMessageId)));
        Assert.Equal(ErrorCodes.Internal, thrown.Code);
    }

    [Fact]
    public async Task Each_message_has_its_own_attempts()
    {
        var client = await OpenSyncedAsync(options => options with { MaxSendAttempts = 2 });
        var sends = 0;
        Server.Instead = request => request.ReqIdentifier == Requests.SendMessage && ++sends % 2 == 1
            ? ScriptedServer.Declined(request, ErrorCodes.Internal) : Server.Answer(request);
        for (var i = 0; i < 3; i++)
        {
            var written = await client.SendTextAsync(Bob, $"{i}");
            await NextRequestAsync(Requests.SendMessage);
            await PassAsync(1);
            Assert.Equal(MessageState.Sent, (await Soon(client.WaitSentAsync(written.ClientMessageId))).State);
            await NextRequestAsync(Requests.SendMessage);
        }
    }

    [Fact]
    public async Task An_echo_before_the_acknowledgement_is_the_same_message()
    {
        var client = await OpenSyncedAsync();
        Server.Instead = request => request.ReqIdentifier == Requests.SendMessage ? null : Server.Answer(request);
        var written = await client.SendTextAsync(Bob, "hello");
        var request = await NextRequestAsync(Requests.SendMessage);
        var answer = Server.Answer(request);
        await Server.PushAsync(Chat, Server.Kept(Chat)[0]);
        var told = await NextAsync<ParleyEvent.MessageSent>(client);
        await Server.SendAsync(answer);

        Assert.Equal((written.ClientMessageId, 1L), (told.Message.ClientMessageId, told.Message.Sequence));
        Assert.Equal(1, (await Soon(client.WaitSentAsync(written.ClientMessageId))).Sequence);
        Assert.Single(await client.GetHistoryAsync(Chat));
    }

    [Fact]
    public async Task An_unsent_message_survives_a_restart()
    {
        Server.Reachable = false;
        var before = await OpenAsync();
        var written = await before.SendTextAsync(Bob, "hello");
        await Soon(before.DisposeAsync().AsTask());

        Server.Reachable = true;
        var after = await OpenAsync();
        await Soon(after.WaitSentAsync(written.ClientMessageId));
        Assert.Equal(written.ClientMessageId, Assert.Single(Server.Kept(Chat)).ClientMsgID);
    }

    [Fact]
    public async Task What_is_too_long_or_too_much_is_declined_at_once()
    {
        Server.Reachable = false;
        var client = await OpenAsync(options => options with { MaxContentBytes = 20, MaxUnsent = 1 });
        // 14 bytes of JSON around it.
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendTextAsync(Bob, "1234567"));
        await client.SendTextAsync(Bob, "123456");
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendTextAsync(Bob, "1"));
    }

    [Fact]
    public async Task Waiting_for_an_unknown_message_is_a_mistake_of_the_caller()
    {
        var client = await OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => Soon(client.WaitSentAsync("nothing")));
    }

    [Fact]
    public async Task A_client_that_is_closed_lets_nobody_wait()
    {
        Server.Reachable = false;
        var client = await OpenAsync();
        var written = await client.SendTextAsync(Bob, "hello");
        var waiting = client.WaitSentAsync(written.ClientMessageId);
        await Soon(client.DisposeAsync().AsTask());
        Assert.Equal(ParleyException.Stopped, (await Assert.ThrowsAsync<ParleyException>(() => Soon(waiting))).Code);
    }
}
