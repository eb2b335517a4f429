using Google.Protobuf;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Messages between two users.</summary>
public sealed class MessagingTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    public static TheoryData<bool, bool> Encodings => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory, MemberData(nameof(Encodings))]
    public async Task A_text_reaches_the_receiver_and_all_devices_of_the_sender(bool isJson, bool isCompressed)
    {
        var (alice, bob) = (await _edge.NewUserAsync("alice"), await _edge.NewUserAsync("bob"));
        using var sender = await _edge.ConnectAsync(alice, 5, isJson, isCompressed);
        using var other = await _edge.ConnectAsync(alice, 7, !isJson, isCompressed);
        using var receiver = await _edge.ConnectAsync(bob, 5, isJson, !isCompressed);

        var text = "hello \"世界\" \\ 😀\n</b>";
        var sent = sender.Text(bob, text);
        var answer = await sender.AskAsync(Requests.SendMessage, sent, SendMsgResp.Parser);
        Assert.Equal(sent.ClientMsgID, answer.ClientMsgID);

        foreach (var client in new[] { receiver, sender, other })
        {
            var (conversationId, message) = await client.NextMessageAsync();
            Assert.Equal($"si_{alice}_{bob}", conversationId);
            Assert.Equal((alice, bob, sent.ClientMsgID), (message.SendID, message.RecvID, message.ClientMsgID));
            Assert.Equal((answer.ServerMsgID, answer.SendTime), (message.ServerMsgID, message.SendTime));
            Assert.Equal((1, 2, 101, 1, 100), (message.Seq, message.Status, message.ContentType, message.SessionType, message.MsgFrom));
            Assert.Equal(text, System.Text.Json.JsonDocument.Parse(message.Content.ToStringUtf8()).RootElement.GetProperty("content").GetString());
            Assert.Equal((sent.CreateTime, "nick", "null"), (message.CreateTime, message.SenderNickname, message.AttachedInfo));
            Assert.Equal(sent.OfflinePushInfo, message.OfflinePushInfo);
            Assert.Empty(message.Options);
        }
    }

    [Fact]
    public async Task A_push_carries_the_operation_that_caused_it()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        using var receiver = await _edge.ConnectAsync(bob);
        var frame = new RequestEnvelope(Requests.SendMessage, "", alice, "the operation", "a", sender.Text(bob, "x").ToByteArray());
        await sender.SendAsync(sender.Encode(frame));
        Assert.Equal((Requests.SendMessage, "the operation"), await sender.NextAsync() is var answer ? (answer.ReqIdentifier, answer.OperationId) : default);
        foreach (var client in new[] { sender, receiver })
            Assert.Equal((Requests.Push, "the operation"), await client.NextAsync() is var push ? (push.ReqIdentifier, push.OperationId) : default);

        await _edge.CallAsync("/msg/send_msg", new { sendID = alice, recvID = bob, content = new { content = "x" }, contentType = 101, sessionType = 1 },
            await _edge.AdministratorAsync(), operationId: "from behind");
        Assert.Equal("from behind", (await receiver.NextAsync()).OperationId);
    }

    [Fact]
    public async Task Answers_and_echoes_come_in_the_order_of_sending_without_waiting_for_each_other()
    {
        const int count = 200;
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        using var receiver = await _edge.ConnectAsync(bob);
        for (var i = 0; i < count; i++) await sender.PostAsync(Requests.SendMessage, sender.Text(bob, $"{i}"));

        var (answered, echoed) = (new List<string>(), new List<string>());
        while (answered.Count < count || echoed.Count < count)
        {
            var frame = await sender.NextAsync();
            if (frame.ReqIdentifier == Requests.SendMessage) answered.Add(SendMsgResp.Parser.ParseFrom(frame.Data.Span).ServerMsgID);
            else echoed.Add(PushMessages.Parser.ParseFrom(frame.Data.Span).Msgs.Values.Single().Msgs.Single().ServerMsgID);
            // A message's own answer is in the outbox before its echo.
            Assert.True(answered.Count >= echoed.Count);
        }

        Assert.Equal(answered, echoed);
        for (var i = 0; i < count; i++)
        {
            var (_, message) = await receiver.NextMessageAsync();
            Assert.Equal((i + 1, answered[i], $$"""{"content":"{{i}}"}"""), (message.Seq, message.ServerMsgID, message.Content.ToStringUtf8()));
        }
    }

    [Fact]
    public async Task A_repeat_gets_the_first_answer_and_makes_no_second_message()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        using var receiver = await _edge.ConnectAsync(bob);
        var first = await sender.SendTextAsync(bob, "once", "0123456789abcdef0123456789abcdef");
        var repeat = await sender.SendTextAsync(bob, "once", "0123456789abcdef0123456789abcdef");
        Assert.Equal(first, repeat);
        var other = await sender.AskAsync(Requests.SendMessage, sender.Text(bob, "other", "0123456789abcdef0123456789abcdef"));
        Assert.Equal(ErrorCodes.DuplicateKey, other.ErrCode);
        await sender.SendTextAsync(bob, "next");
        Assert.Equal(1, (await receiver.NextMessageAsync()).Message.Seq);
        Assert.Equal(2, (await receiver.NextMessageAsync()).Message.Seq);
    }

    public static TheoryData<int, string> Contents => new()
    {
        { 101, """{"content":"text"}""" },
        { 102, """{"sourcePath":"","sourcePicture":{"uuid":"u","type":"png","size":1,"width":2,"height":3,"url":"http://x"}}""" },
        { 103, """{"uuid":"u","sourceUrl":"http://x","dataSize":1,"duration":2}""" },
        { 104, """{"videoUrl":"http://x"}""" },
        { 105, """{"fileName":"a.txt"}""" },
        { 106, """{"text":"@bob","atUserList":["bob"]}""" },
        { 107, """{"title":"t","abstractList":[],"multiMessage":[]}""" },
        { 108, """{"userID":"u"}""" },
        { 109, """{"description":"d","longitude":1.5,"latitude":2.5}""" },
        { 110, """{"data":"d","description":"","extension":""}""" },
        { 114, """{"text":"t","quoteMessage":{}}""" },
        { 115, """{"index":1,"data":""}""" },
        { 117, """{"text":"t","messageEntityList":null}""" },
        { 118, """{"content":"# t"}""" },
        { 119, """{"data":"quiet"}""" },
        { 120, """{"data":"now"}""" },
    };

    [Theory, MemberData(nameof(Contents))]
    public async Task Every_content_type_arrives_as_it_was_sent(int contentType, string content)
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        using var receiver = await _edge.ConnectAsync(bob);
        var sent = sender.Text(bob, "");
        (sent.ContentType, sent.Content) = (contentType, ByteString.CopyFromUtf8(content));
        (sent.Ex, sent.SenderFaceURL, sent.AttachedInfo) = ("ex", "http://face", """{"isPrivateChat":true}""");
        sent.AtUserIDList.Add("bob");
        sent.OfflinePushInfo.SignalInfo = "signal";
        foreach (var key in new[] { "unreadCount", "conversationUpdate", "notPrivate", "offlinePush", "persistent", "reactionFromCache" }) sent.Options[key] = false;
        sent.Options["history"] = true;
        await sender.AskAsync(Requests.SendMessage, sent, SendMsgResp.Parser);

        var (_, message) = await receiver.NextMessageAsync();
        Assert.Equal((contentType, content), (message.ContentType, message.Content.ToStringUtf8()));
        Assert.Equal((sent.Ex, sent.SenderFaceURL, sent.AttachedInfo), (message.Ex, message.SenderFaceURL, message.AttachedInfo));
        Assert.Equal(sent.AtUserIDList, message.AtUserIDList);
        Assert.Equal(sent.OfflinePushInfo, message.OfflinePushInfo);
        sent.Options.Remove("history");
        Assert.Equal(sent.Options, message.Options);

        // And the same again from the history.
        var page = await receiver.AskAsync(Requests.PullBySeqRange, new PullMessageBySeqsReq
        {
            UserID = bob,
            SeqRanges = { new SeqRange { ConversationID = $"si_{alice}_{bob}", End = 1, Num = 1 } },
        }, PullMessageBySeqsResp.Parser);
        Assert.Equal(message, Assert.Single(page.Msgs.Values.Single().Msgs));
    }

    [Fact]
    public async Task What_is_for_those_online_is_kept_nowhere()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        using var receiver = await _edge.ConnectAsync(bob);
        var typing = sender.Text(bob, "");
        (typing.ContentType, typing.Content) = (113, ByteString.CopyFromUtf8("""{"msgTips":"yes"}"""));
        typing.Options["senderSync"] = false;
        var answer = await sender.AskAsync(Requests.SendMessage, typing, SendMsgResp.Parser);
        var (_, message) = await receiver.NextMessageAsync();
        Assert.Equal((0, 113, answer.ServerMsgID), (message.Seq, message.ContentType, message.ServerMsgID));
        Assert.NotEmpty(answer.ServerMsgID);
        Assert.False(message.Options["history"]);

        await sender.SendTextAsync(bob, "kept");
        // The sender wanted no echo of the first, and the first took no number.
        Assert.Equal(1, (await sender.NextMessageAsync()).Message.Seq);
        Assert.Equal(1, (await receiver.NextMessageAsync()).Message.Seq);
    }

    /// <summary>What is wrong with a message, and the code.</summary>
    public static TheoryData<string, int> Refused => new()
    {
        { "unknown receiver", ErrorCodes.UserNotFound },
        { "group", ErrorCodes.GroupNotFound },
        { "legacy group", ErrorCodes.GroupTypeNotSupported },
        { "no session type", ErrorCodes.Arguments },
        { "unknown content type", ErrorCodes.Arguments },
        { "claims to be a notification", ErrorCodes.Arguments },
        { "no JSON", ErrorCodes.Arguments },
        { "text without content", ErrorCodes.Arguments },
        { "text that is no text", ErrorCodes.Arguments },
        { "half a surrogate", ErrorCodes.Arguments },
        { "JSON and more", ErrorCodes.Arguments },
        { "empty text", ErrorCodes.Arguments },
        { "no client id", ErrorCodes.Arguments },
        { "long client id", ErrorCodes.Arguments },
        { "too large", ErrorCodes.Arguments },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task A_message_that_is_refused_is_refused_with_a_code(string fault, int code)
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        var message = sender.Text(bob, "x");
        switch (fault)
        {
            case "unknown receiver": message.RecvID = "nobody"; break;
            case "group": message.SessionType = 3; break;
            case "legacy group": message.SessionType = 2; break;
            case "no session type": message.SessionType = 0; break;
            case "unknown content type": message.ContentType = 1501; break;
            case "claims to be a notification": message.Options["isNotNotification"] = false; break;
            case "no JSON": message.Content = ByteString.CopyFromUtf8("hello"); break;
            case "text without content": message.Content = ByteString.CopyFromUtf8("{}"); break;
            case "text that is no text": message.Content = ByteString.CopyFromUtf8("""{"content":5}"""); break;
            case "half a surrogate": message.Content = ByteString.CopyFromUtf8("""{"content":"\ud800"}"""); break;
            case "JSON and more": message.Content = ByteString.CopyFromUtf8("""{"content":"x"} {}"""); break;
            case "empty text": message.Content = ByteString.CopyFromUtf8("""{"content":""}"""); break;
            case "no client id": message.ClientMsgID = ""; break;
            case "long client id": message.ClientMsgID = new string('x', 65); break;
            case "too large": message = sender.Text(bob, new string('x', 40_000)); break;
        }

        var answer = await sender.AskAsync(Requests.SendMessage, message);
        Assert.Equal(code, answer.ErrCode);
        Assert.NotEmpty(answer.ErrMsg);
        Assert.NotEmpty((await sender.SendTextAsync(bob, "still here")).ServerMsgID);
    }

    [Fact]
    public async Task Who_sends_faster_than_the_rate_is_told_to_come_back()
    {
        await using var edge = await RunningEdge.StartAsync(core: options => (options.MessageRate, options.MessageBurst, options.MaxRateDelay) = (1, 2, TimeSpan.Zero));
        var (alice, bob) = (await edge.NewUserAsync(), await edge.NewUserAsync());
        using var sender = await edge.ConnectAsync(alice);
        for (var i = 0; i < 3; i++) await sender.PostAsync(Requests.SendMessage, sender.Text(bob, "x"));
        var codes = new List<int>();
        while (codes.Count < 3)
            if (await sender.NextAsync() is { ReqIdentifier: Requests.SendMessage } answer) codes.Add(answer.ErrCode);
        // The refusal overtakes: it waits for no commit.
        Assert.Equal([0, 0, ErrorCodes.Internal], codes.Order());
    }

    [Fact]
    public async Task Ids_that_hold_the_separator_are_told_apart()
    {
        var tail = Guid.NewGuid().ToString("N");
        var (one, other, caller) = ($"a_{tail}", $"a_{tail}_b", $"z{tail}");
        await _edge.RegisterAsync(one, other, caller);
        using var client = await _edge.ConnectAsync(caller);
        await client.SendTextAsync(one, "first");
        await client.SendTextAsync(other, "second");
        Assert.Equal($"si_{one}_{caller}", (await client.NextMessageAsync()).ConversationId);
        Assert.Equal($"si_{other}_{caller}", (await client.NextMessageAsync()).ConversationId);
        var page = await client.AskAsync(Requests.LastMessage, new GetLastMessageReq { UserID = caller, ConversationIDs = { $"si_{one}_{caller}", $"si_{other}_{caller}" } },
            GetLastMessageResp.Parser);
        Assert.Equal(one, page.Msgs[$"si_{one}_{caller}"].RecvID);
        Assert.Equal(other, page.Msgs[$"si_{other}_{caller}"].RecvID);
    }
}
