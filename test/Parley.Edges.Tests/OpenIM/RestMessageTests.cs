using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>REST: messages, marks and conversations.</summary>
public sealed class RestMessageTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task A_back_end_sends_for_a_user()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var receiver = await _edge.ConnectAsync(bob);
        var admin = await _edge.AdministratorAsync();
        var sent = await _edge.CallAsync("/msg/send_msg", new
        {
            sendID = alice,
            recvID = bob,
            senderNickname = "n",
            senderPlatformID = 1,
            content = new { content = "from behind" },
            contentType = 101,
            sessionType = 1,
            notOfflinePush = true,
            offlinePushInfo = new { title = "t", desc = "d", iOSPushSound = "s", iOSBadgeCount = true },
        }, admin);
        var (conversationId, message) = await receiver.NextMessageAsync();
        Assert.Equal($"si_{alice}_{bob}", conversationId);
        Assert.Equal((alice, 200, 1, """{"content":"from behind"}"""), (message.SendID, message.MsgFrom, message.SenderPlatformID, message.Content.ToStringUtf8()));
        Assert.Equal((message.ServerMsgID, message.ClientMsgID, message.SendTime),
            (sent.Data.GetProperty("serverMsgID").GetString(), sent.Data.GetProperty("clientMsgID").GetString(), sent.Data.GetProperty("sendTime").GetInt64()));
        Assert.False(message.Options["offlinePush"]);
        Assert.Equal(new OfflinePushInfo { Title = "t", Desc = "d", IOSPushSound = "s", IOSBadgeCount = true }, message.OfflinePushInfo);

        var data = new { sendID = alice, recvID = bob, clientMsgID = "c1", contentType = 101, sessionType = 1, content = Convert.ToBase64String("""{"content":"whole"}"""u8), options = new { unreadCount = false } };
        Assert.Equal(0, (await _edge.CallAsync("/msg/send_msg", new { msgData = data }, admin)).Code);
        message = (await receiver.NextMessageAsync()).Message;
        Assert.Equal(("c1", """{"content":"whole"}"""), (message.ClientMsgID, message.Content.ToStringUtf8()));
        Assert.False(message.Options["unreadCount"]);

        Assert.Equal(0, (await _edge.CallAsync("/msg/send_msg", new { sendID = alice, recvID = bob, content = new { content = "now" }, contentType = 101, sessionType = 1, isOnlineOnly = true }, admin)).Code);
        Assert.Equal(0, (await receiver.NextMessageAsync()).Message.Seq);

        foreach (var (body, code) in new (object, int)[]
        {
            (new { sendID = "nobody", recvID = bob, content = new { content = "x" }, contentType = 101, sessionType = 1 }, ErrorCodes.UserNotFound),
            (new { sendID = alice, recvID = "nobody", content = new { content = "x" }, contentType = 101, sessionType = 1 }, ErrorCodes.UserNotFound),
            (new { sendID = alice, groupID = "g", content = new { content = "x" }, contentType = 101, sessionType = 3 }, ErrorCodes.GroupNotFound),
            (new { sendID = alice, recvID = bob, contentType = 101, sessionType = 1 }, ErrorCodes.Arguments),
            (new { sendID = alice, recvID = bob, content = "not base64!", contentType = 101, sessionType = 1 }, ErrorCodes.Arguments),
            (new { sendID = alice, recvID = bob, content = new { content = "x" }, contentType = 9, sessionType = 1 }, ErrorCodes.Arguments),
        })
            Assert.Equal(code, (await _edge.CallAsync("/msg/send_msg", body, admin)).Code);
    }

    [Fact]
    public async Task Histories_are_read_by_REST_with_the_protocols_keys()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        var sent = await sender.SendTextAsync(bob, "hello");
        var (token, id) = (await _edge.TokenAsync(bob), $"si_{alice}_{bob}");

        var newest = await _edge.CallAsync("/msg/newest_seq", new { userID = bob }, token);
        Assert.Equal(1, newest.Data.GetProperty("maxSeqs").GetProperty(id).GetInt64());
        var marks = await _edge.CallAsync("/msg/get_conversations_has_read_and_max_seq", new { userID = bob, conversationIDs = new[] { id } }, token);
        Assert.Equal($$"""{"maxSeq":1,"hasReadSeq":0,"maxSeqTime":{{sent.SendTime}}}""", marks.Data.GetProperty("seqs").GetProperty(id).GetRawText());
        var pulled = await _edge.CallAsync("/msg/pull_msg_by_seq", new { userID = bob, seqRanges = new[] { new { conversationID = id, begin = 0, end = 9, num = 9 } }, order = 0 }, token);
        var page = pulled.Data.GetProperty("msgs").GetProperty(id);
        Assert.Equal((true, 1), (page.GetProperty("isEnd").GetBoolean(), page.GetProperty("endSeq").GetInt64()));
        var message = Assert.Single(page.GetProperty("Msgs").EnumerateArray());
        Assert.Equal((1, alice, sent.ServerMsgID), (message.GetProperty("seq").GetInt64(), message.GetProperty("sendID").GetString(), message.GetProperty("serverMsgID").GetString()));
        Assert.Equal("""{"content":"hello"}""", Encoding.UTF8.GetString(message.GetProperty("content").GetBytesFromBase64()));
        Assert.Equal(JsonValueKind.Object, pulled.Data.GetProperty("notificationMsgs").ValueKind);
    }

    [Fact]
    public async Task Marks_move_forward_and_never_beyond_the_end()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var sender = await _edge.ConnectAsync(alice);
        for (var i = 0; i < 5; i++) await sender.SendTextAsync(bob, "x");
        var (token, id) = (await _edge.TokenAsync(bob), $"si_{alice}_{bob}");

        async Task<long> ReadAsync() => (await _edge.CallAsync("/msg/get_conversations_has_read_and_max_seq", new { userID = bob }, token)).Data.GetProperty("seqs").GetProperty(id).GetProperty("hasReadSeq").GetInt64();

        foreach (var (path, body, read) in new (string, object, long)[]
        {
            ("/msg/mark_conversation_as_read", new { userID = bob, conversationID = id, hasReadSeq = 2, seqs = new[] { 1, 2 } }, 2),
            ("/msg/mark_conversation_as_read", new { userID = bob, conversationID = id, hasReadSeq = 1 }, 2),
            ("/msg/mark_msgs_as_read", new { userID = bob, conversationID = id, seqs = new[] { 1, 3 } }, 3),
            ("/msg/set_conversation_has_read_seq", new { userID = bob, conversationID = id, hasReadSeq = 4 }, 4),
            ("/msg/set_conversation_has_read_seq", new { userID = bob, conversationID = id, hasReadSeq = 99 }, 5),
        })
        {
            Assert.Equal(0, (await _edge.CallAsync(path, body, token)).Code);
            Assert.Equal(read, await ReadAsync());
        }

        Assert.Equal(ErrorCodes.RecordNotFound, (await _edge.CallAsync("/msg/mark_conversation_as_read", new { userID = bob, conversationID = "si_a_b", hasReadSeq = 1 }, token)).Code);
        Assert.Equal(ErrorCodes.RecordNotFound, (await _edge.CallAsync("/msg/mark_conversation_as_read", new { userID = bob, hasReadSeq = 1 }, token)).Code);

        Assert.Equal(ErrorCodes.NoPermission, (await _edge.CallAsync("/msg/clear_conversation_msg", new { userID = bob, conversationIDs = new[] { id }, deleteSyncOpt = new { IsSyncSelf = true, IsSyncOther = true } }, token)).Code);
        Assert.Equal(0, (await _edge.CallAsync("/msg/clear_conversation_msg", new { userID = bob, conversationIDs = new[] { id }, deleteSyncOpt = new { IsSyncSelf = true } }, token)).Code);
        await sender.SendTextAsync(bob, "after");
        var pulled = await _edge.CallAsync("/msg/pull_msg_by_seq", new { userID = bob, seqRanges = new[] { new { conversationID = id, begin = 0, end = 9, num = 9 } } }, token);
        Assert.Equal(6, Assert.Single(pulled.Data.GetProperty("msgs").GetProperty(id).GetProperty("Msgs").EnumerateArray()).GetProperty("seq").GetInt64());
        var listed = await _edge.CallAsync("/conversation/get_conversations", new { ownerUserID = bob, conversationIDs = new[] { id } }, token);
        Assert.Equal(6, listed.Data.GetProperty("conversations")[0].GetProperty("minSeq").GetInt64());

        // For everyone only the administration clears a whole conversation.
        Assert.Equal(0, (await _edge.CallAsync("/msg/clear_conversation_msg", new { userID = bob, conversationIDs = new[] { id }, deleteSyncOpt = new { IsSyncOther = true } }, await _edge.AdministratorAsync())).Code);
        foreach (var user in new[] { alice, bob })
        {
            var left = await _edge.CallAsync("/msg/pull_msg_by_seq", new { userID = user, seqRanges = new[] { new { conversationID = id, begin = 0, end = 9, num = 9 } } }, await _edge.TokenAsync(user));
            Assert.False(left.Data.GetProperty("msgs").TryGetProperty(id, out var page) && page.GetProperty("Msgs").GetArrayLength() > 0);
        }

        var told = await _edge.CallAsync("/msg/pull_msg_by_seq", new { userID = alice, seqRanges = new[] { new { conversationID = $"n_{id[3..]}", begin = 0, end = 9, num = 9 } } }, await _edge.TokenAsync(alice));
        Assert.Contains(1703, told.Data.GetProperty("notificationMsgs").GetProperty($"n_{id[3..]}").GetProperty("Msgs").EnumerateArray().Select(message => message.GetProperty("contentType").GetInt32()));
    }

    [Fact]
    public async Task Conversations_are_listed_and_their_changes_too()
    {
        var alice = await _edge.NewUserAsync();
        var peers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _edge.NewUserAsync()));
        using var sender = await _edge.ConnectAsync(alice);
        var token = await _edge.TokenAsync(alice, 7);

        async Task<JsonElement> SinceAsync(string versionID, ulong version)
            => (await _edge.CallAsync("/conversation/get_incremental_conversations", new { userID = alice, versionID, version }, token)).Data;

        var fresh = await SinceAsync("", 0);
        Assert.True(fresh.GetProperty("full").GetBoolean());
        var (id, version) = (fresh.GetProperty("versionID").GetString()!, fresh.GetProperty("version").GetUInt64());
        Assert.Equal((24, true), (id.Length, version > 0));

        foreach (var peer in peers[..3]) await sender.SendTextAsync(peer, "x");
        var delta = await SinceAsync(id, version);
        Assert.False(delta.GetProperty("full").GetBoolean());
        Assert.Equal(peers[..3].Order(), delta.GetProperty("insert").EnumerateArray().Select(conversation => conversation.GetProperty("userID").GetString()!).Order());
        var next = delta.GetProperty("version").GetUInt64();
        Assert.True(next > version);

        foreach (var peer in peers[3..]) await sender.SendTextAsync(peer, "x");
        await sender.SendTextAsync(peers[0], "again");
        var later = await SinceAsync(id, next);
        Assert.Equal(peers[3..].Order(), later.GetProperty("insert").EnumerateArray().Select(conversation => conversation.GetProperty("userID").GetString()!).Order());
        var equal = await SinceAsync(id, later.GetProperty("version").GetUInt64());
        Assert.Equal((false, 0), (equal.GetProperty("full").GetBoolean(), equal.GetProperty("insert").GetArrayLength()));
        Assert.True((await SinceAsync("other", 3)).GetProperty("full").GetBoolean());
        Assert.True((await SinceAsync(id, 99)).GetProperty("full").GetBoolean());

        string[] newestFirst = [peers[0], peers[4], peers[3], peers[2], peers[1]];
        var ids = (await _edge.CallAsync("/conversation/get_full_conversation_ids", new { userID = alice, idHash = 0 }, token)).Data;
        Assert.Equal(newestFirst.Select(peer => IdOf(alice, peer)), ids.GetProperty("conversationIDs").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal((later.GetProperty("version").GetUInt64(), id, false), (ids.GetProperty("version").GetUInt64(), ids.GetProperty("versionID").GetString(), ids.GetProperty("equal").GetBoolean()));

        var pages = new List<string>();
        for (var page = 1; page <= 3; page++)
        {
            var answer = (await _edge.CallAsync("/conversation/get_owner_conversation", new { userID = alice, pagination = new { pageNumber = page, showNumber = 2 } }, token)).Data;
            Assert.Equal(5, answer.GetProperty("total").GetInt32());
            pages.AddRange(answer.GetProperty("conversations").EnumerateArray().Select(conversation => conversation.GetProperty("userID").GetString()!));
        }

        Assert.Equal(newestFirst, pages);
        var all = (await _edge.CallAsync("/conversation/get_all_conversations", new { ownerUserID = alice }, token)).Data.GetProperty("conversations");
        Assert.Equal(5, all.GetArrayLength());
        Assert.Equal($$"""{"ownerUserID":"{{alice}}","conversationID":"{{IdOf(alice, peers[0])}}","recvMsgOpt":0,"conversationType":1,"userID":"{{peers[0]}}","groupID":"","isPinned":false,"attachedInfo":"","isPrivateChat":false,"groupAtType":0,"ex":"","burnDuration":0,"minSeq":0,"maxSeq":0,"msgDestructTime":0,"latestMsgDestructTime":0,"isMsgDestruct":false}""",
            all[0].GetRawText());
        var some = (await _edge.CallAsync("/conversation/get_conversations", new { ownerUserID = alice, conversationIDs = new[] { IdOf(alice, peers[1]), "si_x_y", null } }, token)).Data;
        Assert.Equal(peers[1], Assert.Single(some.GetProperty("conversations").EnumerateArray()).GetProperty("userID").GetString());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task The_JavaScript_SDK_gets_conversations_with_their_last_message(bool asProtobuf)
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var a = await _edge.ConnectAsync(alice);
        using var b = await _edge.ConnectAsync(bob);
        await a.SendTextAsync(carol, "older");
        await b.SendTextAsync(alice, "one");
        await b.SendTextAsync(alice, "two");
        var token = await _edge.TokenAsync(alice);

        var active = GetActiveConversationsResp.Parser.ParseFrom(await AskAsync(new GetActiveConversationsReq { OwnerUserID = alice, Count = 10 }, "/jssdk/get_active_conversations", """{"ownerUserID":"{user}","count":10}"""));
        Assert.Equal(2, active.UnreadCount);
        Assert.Equal([IdOf(alice, bob), IdOf(alice, carol)], active.Conversations.Select(entry => entry.Conversation.ConversationID));
        Assert.Equal((2, 0, """{"content":"two"}"""), (active.Conversations[0].MaxSeq, active.Conversations[0].ReadSeq, active.Conversations[0].LastMsg.Content.ToStringUtf8()));
        Assert.Equal($"{bob}'s name", active.Conversations[0].User.Nickname);
        var first = GetActiveConversationsResp.Parser.ParseFrom(await AskAsync(new GetActiveConversationsReq { OwnerUserID = alice, Count = 1 }, "/jssdk/get_active_conversations", """{"ownerUserID":"{user}","count":1}"""));
        Assert.Equal(active.Conversations[0], Assert.Single(first.Conversations));

        var body = $$"""{"ownerUserID":"{user}","conversationIDs":["{{IdOf(alice, carol)}}","si_a_b"]}""";
        var some = GetConversationsResp.Parser.ParseFrom(await AskAsync(new GetConversationsReq { OwnerUserID = alice, ConversationIDs = { IdOf(alice, carol), "si_a_b" } }, "/jssdk/get_conversations", body));
        Assert.Equal(active.Conversations[1], Assert.Single(some.Conversations));

        if (!asProtobuf) return;
        var broken = new ByteArrayContent([0x0a, 0xff]) { Headers = { ContentType = new("application/x-protobuf") } };
        Assert.Equal(ErrorCodes.Arguments, (await _edge.CallAsync("/jssdk/get_conversations", broken, token)).Code);

        async Task<byte[]> AskAsync(IMessage request, string path, string json)
        {
            if (asProtobuf)
            {
                var content = new ByteArrayContent(request.ToByteArray()) { Headers = { ContentType = new("application/x-protobuf") } };
                return (await _edge.CallAsync(path, content, token)).Data.GetBytesFromBase64();
            }

            // The JSON form says the same: numbers as numbers and bytes as base64, which protobuf's own reader takes.
            var answer = (await _edge.CallAsync(path, new StringContent(json.Replace("{user}", alice), Encoding.UTF8, "application/json"), token)).Data;
            IMessage parsed = path.EndsWith("active_conversations", StringComparison.Ordinal)
                ? JsonParser.Default.Parse<GetActiveConversationsResp>(answer.GetRawText()) : JsonParser.Default.Parse<GetConversationsResp>(answer.GetRawText());
            return parsed.ToByteArray();
        }
    }

    static string IdOf(string one, string other) => string.CompareOrdinal(one, other) < 0 ? $"si_{one}_{other}" : $"si_{other}_{one}";
}
