using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Groups as clients of OpenIM meet them: over REST, and as pushes.</summary>
public sealed class GroupTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    static readonly string[] GroupKeys = ["groupID", "groupName", "notification", "introduction", "faceURL", "ownerUserID", "createTime", "memberCount", "ex", "status", "creatorUserID",
        "groupType", "needVerification", "lookMemberInfo", "applyMemberFriend", "notificationUpdateTime", "notificationUserID"];

    static readonly string[] MemberKeys = ["groupID", "userID", "roleLevel", "joinTime", "nickname", "faceURL", "appMangerLevel", "joinSource", "operatorUserID", "ex", "muteEndTime", "inviterUserID"];

    readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task A_group_is_made_told_and_then_shown()
    {
        var (alice, bob) = (await _edge.NewUserAsync("alice"), await _edge.NewUserAsync("bob"));
        using var owner = await _edge.ConnectAsync(alice);
        using var member = await _edge.ConnectAsync(bob);
        var made = await _edge.CallAsync("/group/create_group", Create(alice, [bob], name: "Friends", notification: "Hello"), await _edge.TokenAsync(alice, 7), "the operation");
        Assert.Equal((0, ""), (made.Code, made.Text));
        var info = made.Data.GetProperty("groupInfo");
        var id = info.GetProperty("groupID").GetString()!;
        Assert.Matches("^[1-9][0-9]{9}$", id);
        Assert.Equal(GroupKeys, Keys(info));
        Assert.Equal(("Friends", "Hello", alice, alice, 2, 2), (Text(info, "groupName"), Text(info, "notification"), Text(info, "ownerUserID"), Text(info, "creatorUserID"),
            info.GetProperty("memberCount").GetInt32(), info.GetProperty("groupType").GetInt32()));

        foreach (var client in new[] { owner, member })
        {
            // The notification first: clients that see the message before it never raise that they joined.
            var push = await client.NextAsync();
            Assert.Equal((Requests.Push, "the operation"), (push.ReqIdentifier, push.OperationId));
            var (conversationId, messages) = Assert.Single(PushMessages.Parser.ParseFrom(push.Data.Span).NotificationMsgs);
            var notification = Assert.Single(messages.Msgs);
            Assert.Equal(($"n_{id}", 1501, 0L, alice, id), (conversationId, notification.ContentType, notification.Seq, notification.SendID, notification.GroupID));
            Assert.Equal(id, (string)NoticeTests.Detail(notification)["group"]!["groupID"]!);
            var (shownIn, shown) = await NextMessageAsync(client);
            Assert.Equal(($"sg_{id}", 1501, 1L, 3), (shownIn, shown.ContentType, shown.Seq, shown.SessionType));
        }
    }

    [Fact]
    public async Task A_message_to_a_group_reaches_every_device_of_every_member()
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var id = await GroupAsync(alice, bob);
        using var sender = await _edge.ConnectAsync(alice);
        using var phone = await _edge.ConnectAsync(bob, 1, isJson: true);
        using var outsider = await _edge.ConnectAsync(carol);
        var sent = sender.Text("", "hello all");
        (sent.GroupID, sent.SessionType) = (id, 3);
        var answer = await sender.AskAsync(Requests.SendMessage, sent, SendMsgResp.Parser);
        foreach (var client in new[] { sender, phone })
        {
            var (conversationId, message) = await NextMessageAsync(client);
            Assert.Equal(($"sg_{id}", alice, "", id, 3, answer.ServerMsgID), (conversationId, message.SendID, message.RecvID, message.GroupID, message.SessionType, message.ServerMsgID));
        }

        var theirs = outsider.Text("", "let me");
        (theirs.GroupID, theirs.SessionType) = (id, 3);
        Assert.Equal(ErrorCodes.NotInGroup, (await outsider.AskAsync(Requests.SendMessage, theirs)).ErrCode);
        theirs.SessionType = 2;
        Assert.Equal(ErrorCodes.GroupTypeNotSupported, (await outsider.AskAsync(Requests.SendMessage, theirs)).ErrCode);
        theirs.SessionType = 9;
        Assert.Equal(ErrorCodes.Arguments, (await outsider.AskAsync(Requests.SendMessage, theirs)).ErrCode);
    }

    [Fact]
    public async Task An_id_is_the_callers_or_a_new_one_and_never_one_that_is_taken()
    {
        var alice = await _edge.NewUserAsync();
        var given = $"group-{Guid.NewGuid():N}";
        Assert.Equal(given, Text((await OkAsync("/group/create_group", Create(alice, [], id: given), alice)).GetProperty("groupInfo"), "groupID"));
        Assert.Equal(ErrorCodes.GroupExists, (await CallAsync("/group/create_group", Create(alice, [], id: given), alice)).Code);
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/group/create_group", Create(alice, [], groupType: 0), alice)).Code);
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/group/create_group", Create("", []), alice)).Code);
        Assert.Equal(ErrorCodes.UserNotFound, (await CallAsync("/group/create_group", Create(alice, ["nobody"]), alice)).Code);
        Assert.Equal(ErrorCodes.NoPermission, (await CallAsync("/group/create_group", Create(await _edge.NewUserAsync(), []), alice)).Code);
    }

    [Fact]
    public async Task Members_are_listed_by_page_filter_and_keyword()
    {
        var alice = await _edge.NewUserAsync();
        string[] administrators = [await _edge.NewUserAsync(), await _edge.NewUserAsync()];
        string[] members = [await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync("special")];
        var id = await GroupAsync(alice, members, administrators);
        async Task<(int Total, string[] Ids)> ListAsync(int filter, int page = 1, int size = 100, string keyword = "")
        {
            var data = await OkAsync("/group/get_group_member_list", new { groupID = id, filter, keyword, pagination = new { pageNumber = page, showNumber = size } }, alice);
            return (data.GetProperty("total").GetInt32(), [.. Items(data, "members").Select(member => Text(member, "userID"))]);
        }

        AssertList([alice, .. administrators, .. members], await ListAsync(0));
        AssertList([alice], await ListAsync(1));
        AssertList(administrators, await ListAsync(2));
        AssertList(members, await ListAsync(3));
        AssertList([.. administrators, .. members], await ListAsync(4));
        AssertList([alice, .. administrators], await ListAsync(5));
        Assert.Equal([administrators[1], members[0]], (await ListAsync(0, page: 2, size: 2)).Ids);
        Assert.Equal((6, 0), await ListAsync(0, page: 9) is var beyond ? (beyond.Total, beyond.Ids.Length) : default);
        AssertList([members[2]], await ListAsync(0, keyword: "SPECIAL"));
        AssertList([], await ListAsync(2, keyword: "special"));
        Assert.Equal((6, 1), await ListAsync(0, page: 6, size: 1, keyword: "name") is var last ? (last.Total, last.Ids.Length) : default);
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/group/get_group_member_list", new { groupID = id, filter = 6, pagination = new { pageNumber = 1, showNumber = 1 } }, alice)).Code);
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/group/get_group_member_list", new { groupID = id, filter = 0, pagination = new { pageNumber = 1, showNumber = 1_001 } }, alice)).Code);

        var ids = await OkAsync("/group/get_full_group_member_user_ids", new { idHash = 0, groupID = id }, alice);
        Assert.Equal([alice, .. administrators, .. members], ids.GetProperty("userIDs").EnumerateArray().Select(one => one.GetString()));
        Assert.False(ids.GetProperty("equal").GetBoolean());
        var some = await OkAsync("/group/get_group_members_info", new { groupID = id, userIDs = new[] { members[0], "nobody", await _edge.NewUserAsync() } }, alice);
        Assert.Equal((members[0], 20), Assert.Single(some.GetProperty("members").EnumerateArray()) is var one ? (Text(one, "userID"), one.GetProperty("roleLevel").GetInt32()) : default);
        Assert.Equal(MemberKeys, Keys(some.GetProperty("members")[0]));
    }

    [Fact]
    public async Task A_client_that_is_behind_gets_what_changed_in_its_groups()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var first = await JoinedAsync(bob, "", 0);
        Assert.True(first.GetProperty("full").GetBoolean());
        var (versionId, version) = (Text(first, "versionID"), first.GetProperty("version").GetUInt64());
        Assert.True(version > 0);
        AssertDelta(await JoinedAsync(bob, versionId, version), [], [], []);

        var id = await GroupAsync(alice, bob);
        var joined = await JoinedAsync(bob, versionId, version);
        AssertDelta(joined, [], [id], []);
        Assert.Equal(version + 1, joined.GetProperty("version").GetUInt64());
        Assert.Equal(GroupKeys, Keys(joined.GetProperty("insert")[0]));
        Assert.Equal([id], (await OkAsync("/group/get_full_join_group_ids", new { idHash = 0, userID = bob }, bob)).GetProperty("groupIDs").EnumerateArray().Select(one => one.GetString()));
        var page = await OkAsync("/group/get_joined_group_list", new { fromUserID = bob, pagination = new { pageNumber = 1, showNumber = 100 } }, bob);
        Assert.Equal((1, id), (page.GetProperty("total").GetInt32(), Text(Assert.Single(page.GetProperty("groups").EnumerateArray()), "groupID")));

        await OkAsync("/group/quit_group", new { groupID = id, userID = bob }, bob);
        AssertDelta(await JoinedAsync(bob, versionId, version + 1), [id], [], []);
        // Came and went within the range.
        AssertDelta(await JoinedAsync(bob, versionId, version), [id], [], []);
        Assert.True((await JoinedAsync(bob, "another", version)).GetProperty("full").GetBoolean());
        Assert.True((await JoinedAsync(bob, versionId, version + 99)).GetProperty("full").GetBoolean());
        Assert.True((await JoinedAsync(bob, versionId, 0)).GetProperty("full").GetBoolean());
    }

    [Fact]
    public async Task A_client_that_is_behind_gets_what_changed_among_members()
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var id = await GroupAsync(alice, bob);
        var first = await MembersAsync(alice, id, "", 0);
        Assert.True(first.GetProperty("full").GetBoolean());
        Assert.Equal(id, Text(first.GetProperty("group"), "groupID"));
        var (versionId, version) = (Text(first, "versionID"), first.GetProperty("version").GetUInt64());
        var none = await MembersAsync(alice, id, versionId, version);
        AssertDelta(none, [], [], []);
        // Else the pure JavaScript SDK looks for a first member in them and does not get through its login.
        Assert.All(new[] { first, none }, list => Assert.All(["insert", "update"], key => Assert.Equal(JsonValueKind.Null, list.GetProperty(key).ValueKind)));
        Assert.Equal(JsonValueKind.Null, none.GetProperty("group").ValueKind);

        await OkAsync("/group/invite_user_to_group", new { groupID = id, reason = "", invitedUserIDs = new[] { carol } }, alice);
        await OkAsync("/group/set_group_member_info", new { members = new[] { new { groupID = id, userID = bob, nickname = "Bobby" } } }, bob);
        var changed = await MembersAsync(alice, id, versionId, version);
        AssertDelta(changed, [], [carol], [bob]);
        Assert.Equal("Bobby", Text(changed.GetProperty("update")[0], "nickname"));
        Assert.Equal(0UL, changed.GetProperty("sortVersion").GetUInt64());

        version = changed.GetProperty("version").GetUInt64();
        await OkAsync("/group/kick_group", new { groupID = id, kickedUserIDs = new[] { bob }, reason = "" }, alice);
        await OkAsync("/group/set_group_member_info", new { members = new[] { new { groupID = id, userID = carol, roleLevel = 60 } } }, alice);
        await OkAsync("/group/set_group_info_ex", new { groupID = id, introduction = "about us" }, alice);
        var later = await MembersAsync(alice, id, versionId, version);
        AssertDelta(later, [bob], [], [carol]);
        Assert.Equal("about us", Text(later.GetProperty("group"), "introduction"));
        Assert.Equal(later.GetProperty("version").GetUInt64(), later.GetProperty("sortVersion").GetUInt64());
        var single = await OkAsync("/group/get_incremental_group_members", new { groupID = id, versionID = versionId, version }, alice);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(later.GetRawText()), JsonNode.Parse(single.GetRawText())));

        // Whoever is no member finds nothing under the group's id.
        Assert.Empty((await OkAsync("/group/get_incremental_group_members_batch", Batch(bob, id, versionId, version), bob)).GetProperty("respList").EnumerateObject());
        Assert.Equal(ErrorCodes.NotInGroup, (await CallAsync("/group/get_incremental_group_members", new { groupID = id, versionID = versionId, version }, bob)).Code);
        var many = new { userID = alice, reqList = Enumerable.Range(0, 501).Select(_ => new { groupID = id, versionID = "", version = 0 }) };
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/group/get_incremental_group_members_batch", many, alice)).Code);
    }

    [Fact]
    public async Task Who_asks_to_be_let_in_is_answered()
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var id = await GroupAsync(alice, []);
        using var leader = await _edge.ConnectAsync(alice);
        using var applicant = await _edge.ConnectAsync(bob);
        await OkAsync("/group/join_group", new { groupID = id, reqMessage = "let me in", joinSource = 3, inviterUserID = bob, ex = "x" }, bob);
        await OkAsync("/group/join_group", new { groupID = id, reqMessage = "me too", joinSource = 3, inviterUserID = carol }, carol);
        for (var i = 0; i < 2; i++) Assert.Equal(1503, (await NextNotificationAsync(leader)).ContentType);
        // Their other devices show that they have asked.
        Assert.Equal(1503, (await NextNotificationAsync(applicant)).ContentType);

        async Task<(int Total, string[] Users)> ReceivedAsync(object body)
        {
            var data = await OkAsync("/group/get_recv_group_applicationList", body, alice);
            return (data.GetProperty("total").GetInt32(), [.. data.GetProperty("groupRequests").EnumerateArray().Select(one => Text(one.GetProperty("userInfo"), "userID"))]);
        }

        var pagination = new { pageNumber = 1, showNumber = 10 };
        AssertList([carol, bob], await ReceivedAsync(new { fromUserID = alice, pagination }));
        Assert.Equal((2, bob), await ReceivedAsync(new { fromUserID = alice, pagination = new { pageNumber = 2, showNumber = 1 } }) is var second ? (second.Total, Assert.Single(second.Users)) : default);
        Assert.Equal(2, (await OkAsync("/group/get_group_application_unhandled_count", new { userID = alice, time = 0 }, alice)).GetProperty("count").GetInt32());
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/group/group_application_response", new { groupID = id, fromUserID = bob, handleResult = 0 }, alice)).Code);
        Assert.Equal(ErrorCodes.NotInGroup, (await CallAsync("/group/group_application_response", new { groupID = id, fromUserID = bob, handleResult = 1 }, bob)).Code);

        await OkAsync("/group/group_application_response", new { groupID = id, fromUserID = bob, handledMsg = "welcome", handleResult = 1 }, alice);
        await OkAsync("/group/group_application_response", new { groupID = id, fromUserID = carol, handledMsg = "no", handleResult = -1 }, alice);
        Assert.Equal(ErrorCodes.GroupRequestHandled, (await CallAsync("/group/group_application_response", new { groupID = id, fromUserID = bob, handleResult = 1 }, alice)).Code);
        var told = await NextNotificationAsync(applicant);
        Assert.Equal((1505, 0, "welcome"), (told.ContentType, (int)NoticeTests.Detail(told)["receiverAs"]!, (string)NoticeTests.Detail(told)["handleMsg"]!));
        Assert.Equal(1510, (await NextNotificationAsync(applicant)).ContentType);
        var leaders = await NextNotificationAsync(leader);
        Assert.Equal((1505, 1), (leaders.ContentType, (int)NoticeTests.Detail(leaders)["receiverAs"]!));

        AssertList([bob], await ReceivedAsync(new { fromUserID = alice, pagination, handleResults = new[] { 1 } }));
        AssertList([carol], await ReceivedAsync(new { fromUserID = alice, pagination, groupIDs = new[] { id }, handleResults = new[] { -1, 0 } }));
        AssertList([], await ReceivedAsync(new { fromUserID = alice, pagination, groupIDs = new[] { "another" } }));
        Assert.Equal(0, (await OkAsync("/group/get_group_application_unhandled_count", new { userID = alice, time = 0 }, alice)).GetProperty("count").GetInt32());
        var own = await OkAsync("/group/get_user_req_group_applicationList", new { userID = carol, pagination }, carol);
        Assert.Equal((1, -1, "no"), Assert.Single(own.GetProperty("groupRequests").EnumerateArray()) is var made
            ? (own.GetProperty("total").GetInt32(), made.GetProperty("handleResult").GetInt32(), Text(made, "handleMsg")) : default);
        Assert.Equal(1, (await OkAsync("/group/get_group_users_req_application_list", new { groupID = id, userIDs = new[] { bob, "nobody" } }, alice)).GetProperty("total").GetInt32());
        Assert.Equal(1, (await OkAsync("/group/get_specified_user_group_request_info", new { groupID = id, userID = carol }, carol)).GetProperty("total").GetInt32());
        Assert.NotEqual(0, (await CallAsync("/group/get_specified_user_group_request_info", new { groupID = id, userID = bob }, carol)).Code);
    }

    [Fact]
    public async Task A_group_is_changed_muted_handed_over_and_ended()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var id = await GroupAsync(alice, bob);
        await OkAsync("/group/set_group_info_ex", new { groupID = id, groupName = "New", ex = "e", needVerification = 2, lookMemberInfo = 1, applyMemberFriend = 0 }, alice);
        await OkAsync("/group/set_group_info", new { groupInfoForSet = new { groupID = id, groupName = "", faceURL = "http://f" } }, alice);
        var info = await InfoAsync(id);
        Assert.Equal(("New", "e", "http://f", 2, 1, 0), (Text(info, "groupName"), Text(info, "ex"), Text(info, "faceURL"), info.GetProperty("needVerification").GetInt32(),
            info.GetProperty("lookMemberInfo").GetInt32(), info.GetProperty("applyMemberFriend").GetInt32()));
        Assert.Equal(ErrorCodes.Arguments, (await CallAsync("/group/set_group_info_ex", new { groupID = id, needVerification = 3 }, alice)).Code);

        await OkAsync("/group/mute_group", new { groupID = id }, alice);
        Assert.Equal(3, (await InfoAsync(id)).GetProperty("status").GetInt32());
        await OkAsync("/group/cancel_mute_group", new { groupID = id }, alice);
        await OkAsync("/group/mute_group_member", new { groupID = id, userID = bob, mutedSeconds = 60 }, alice);
        async Task<JsonElement> BobAsync() => (await OkAsync("/group/get_group_members_info", new { groupID = id, userIDs = new[] { bob } }, alice)).GetProperty("members")[0];
        Assert.True((await BobAsync()).GetProperty("muteEndTime").GetInt64() > DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        await OkAsync("/group/cancel_mute_group_member", new { groupID = id, userID = bob }, alice);
        Assert.Equal(0, (await BobAsync()).GetProperty("muteEndTime").GetInt64());

        Assert.Equal(ErrorCodes.NoPermission, (await CallAsync("/group/transfer_group", new { groupID = id, oldOwnerUserID = bob, newOwnerUserID = bob }, alice)).Code);
        await OkAsync("/group/transfer_group", new { groupID = id, oldOwnerUserID = alice, newOwnerUserID = bob }, alice);
        Assert.Equal((bob, 0), await InfoAsync(id) is var given ? (Text(given, "ownerUserID"), given.GetProperty("status").GetInt32()) : default);
        await OkAsync("/group/dismiss_group", new { groupID = id, deleteMember = false }, bob);
        Assert.Equal(2, (await InfoAsync(id)).GetProperty("status").GetInt32());
        Assert.Equal(ErrorCodes.GroupDismissed, (await CallAsync("/group/mute_group", new { groupID = id }, bob)).Code);

        var found = await _edge.CallAsync("/group/get_groups", new { groupID = id, groupName = "ne", pagination = new { pageNumber = 1, showNumber = 10 } }, await _edge.AdministratorAsync());
        Assert.Equal((1, bob), (found.Data.GetProperty("total").GetInt32(), Text(found.Data.GetProperty("groups")[0], "groupOwnerUserID")));
        Assert.Equal(2, (await OkAsync("/group/get_group_abstract_info", new { groupIDs = new[] { id } }, alice)).GetProperty("groupAbstractInfos")[0].GetProperty("groupMemberNumber").GetInt32());
    }

    [Fact]
    public async Task Whether_the_conversation_shows_what_happened_is_the_callers_to_say()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var quiet = await GroupAsync(alice, bob);
        var loud = Text((await OkAsync("/group/create_group", Create(alice, [bob], sendMessage: true), alice)).GetProperty("groupInfo"), "groupID");
        using var client = await _edge.ConnectAsync(bob);
        var newest = await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = bob }, GetMaxSeqResp.Parser);
        Assert.False(newest.MaxSeqs.ContainsKey($"sg_{quiet}"));
        Assert.Equal(1, newest.MaxSeqs[$"sg_{loud}"]);
    }

    [Fact]
    public async Task What_was_pushed_about_messages_is_read_back_the_same()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var id = await GroupAsync(alice, bob);
        using var owner = await _edge.ConnectAsync(alice);
        using var member = await _edge.ConnectAsync(bob);
        for (var i = 1; i <= 3; i++)
        {
            var sent = member.Text("", $"secret {i}");
            (sent.GroupID, sent.SessionType) = (id, 3);
            await member.AskAsync(Requests.SendMessage, sent, SendMsgResp.Parser);
        }

        var conversationID = $"sg_{id}";
        await OkAsync("/msg/set_reaction", new { conversationID, userID = alice, seq = 1, reaction = "👍" }, alice);
        await OkAsync("/msg/edit_msg", new { conversationID, userID = bob, seq = 2, contentType = 101, content = new { content = "better" } }, bob);
        await OkAsync("/msg/set_pinned_msg", new { conversationID, userID = alice, seq = 2, pinned = true }, alice);
        await OkAsync("/msg/revoke_msg", new { conversationID, userID = alice, seq = 1 }, alice);
        await OkAsync("/msg/delete_msgs", new { conversationID, userID = alice, seqs = new[] { 3 }, deleteSyncOpt = new { IsSyncOther = true } }, alice);

        var pushed = new List<MsgData>();
        while (pushed.Count < 5) pushed.Add(await NextNotificationAsync(owner));
        Assert.Equal([2001, 2001, 2001, 2101, 2102], pushed.Select(message => message.ContentType));
        Assert.Equal([1L, 2, 3, 4, 5], pushed.Select(message => message.Seq));
        var pulled = await owner.AskAsync(Requests.PullBySeqRange,
            new PullMessageBySeqsReq { UserID = alice, SeqRanges = { new SeqRange { ConversationID = $"n_{id}", Begin = 1, End = 5, Num = 1 } } }, PullMessageBySeqsResp.Parser);
        Assert.Equal(pushed, pulled.NotificationMsgs[$"n_{id}"].Msgs);

        var history = await owner.AskAsync(Requests.PullBySeqRange,
            new PullMessageBySeqsReq { UserID = alice, SeqRanges = { new SeqRange { ConversationID = conversationID, Begin = 1, End = 3, Num = 3 } } }, PullMessageBySeqsResp.Parser);
        Assert.Equal([(2101, 2), (101, 2), (0, 4)], history.Msgs[conversationID].Msgs.Select(message => (message.ContentType, message.Status)));
        Assert.DoesNotContain("secret", history.ToString(), StringComparison.Ordinal);
        Assert.Contains("better", history.Msgs[conversationID].Msgs[1].Content.ToStringUtf8(), StringComparison.Ordinal);
    }

    async Task<string> GroupAsync(string owner, params string[] members) => await GroupAsync(owner, members, []);

    /// <summary>A group in whose conversation nothing was said.</summary>
    async Task<string> GroupAsync(string owner, string[] members, string[] administrators)
        => Text((await OkAsync("/group/create_group", Create(owner, members, administrators: administrators, sendMessage: false), owner)).GetProperty("groupInfo"), "groupID");

    static object Create(string owner, string[] members, string[]? administrators = null, string? id = null, string name = "name", string notification = "", int groupType = 2, bool? sendMessage = null)
        => new { memberUserIDs = members, adminUserIDs = administrators, ownerUserID = owner, sendMessage, groupInfo = new { groupID = id ?? "", groupName = name, notification, groupType, creatorUserID = owner } };

    static object Batch(string user, string group, string versionId, ulong version)
        => new { userID = user, reqList = new[] { new { groupID = group, versionID = versionId, version } } };

    async Task<JsonElement> MembersAsync(string user, string group, string versionId, ulong version)
        => (await OkAsync("/group/get_incremental_group_members_batch", Batch(user, group, versionId, version), user)).GetProperty("respList").GetProperty(group);

    Task<JsonElement> JoinedAsync(string user, string versionId, ulong version) => OkAsync("/group/get_incremental_join_groups", new { userID = user, versionID = versionId, version }, user);

    async Task<JsonElement> InfoAsync(string group)
    {
        // Anyone may look at a group's profile.
        var data = await OkAsync("/group/get_groups_info", new { groupIDs = new[] { group, "nothing" } }, await _edge.NewUserAsync());
        return Assert.Single(data.GetProperty("groupInfos").EnumerateArray());
    }

    async Task<JsonElement> OkAsync(string path, object body, string user)
    {
        var reply = await CallAsync(path, body, user);
        Assert.True(reply.Code == 0, $"{path}: {reply.Code} {reply.Text}");
        return reply.Data;
    }

    async Task<RestReply> CallAsync(string path, object body, string user) => await _edge.CallAsync(path, body, await _edge.TokenAsync(user, 3));

    static async Task<(string ConversationId, MsgData Message)> NextMessageAsync(OpenIMClient client)
    {
        while (true)
        {
            var push = await client.NextAsync();
            Assert.Equal(Requests.Push, push.ReqIdentifier);
            foreach (var (conversationId, messages) in PushMessages.Parser.ParseFrom(push.Data.Span).Msgs) return (conversationId, Assert.Single(messages.Msgs));
        }
    }

    /// <summary>The next notification; messages that come before it are passed over.</summary>
    static async Task<MsgData> NextNotificationAsync(OpenIMClient client)
    {
        while (true)
        {
            var push = await client.NextAsync();
            if (push.ReqIdentifier != Requests.Push) continue;
            foreach (var (_, messages) in PushMessages.Parser.ParseFrom(push.Data.Span).NotificationMsgs) return Assert.Single(messages.Msgs);
        }
    }

    static void AssertDelta(JsonElement delta, string[] deleted, string[] inserted, string[] updated)
    {
        Assert.False(delta.GetProperty("full").GetBoolean());
        Assert.Equal(deleted, delta.GetProperty("delete").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(inserted, Items(delta, "insert").Select(IdOf));
        Assert.Equal(updated, Items(delta, "update").Select(IdOf));

        static string IdOf(JsonElement entry) => Text(entry, entry.TryGetProperty("userID", out _) ? "userID" : "groupID");
    }

    /// <summary>Of members, an empty list is null.</summary>
    static JsonElement[] Items(JsonElement data, string key) => data.GetProperty(key) is { ValueKind: not JsonValueKind.Null } list ? [.. list.EnumerateArray()] : [];

    static void AssertList(string[] expected, (int Total, string[] Ids) actual)
    {
        Assert.Equal(expected, actual.Ids);
        Assert.Equal(expected.Length, actual.Total);
    }

    static IEnumerable<string> Keys(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    static string Text(JsonElement element, string key) => element.GetProperty(key).GetString()!;
}
