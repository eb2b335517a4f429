using System.Text;
using System.Text.Json.Nodes;
using Parley.Core.Contacts;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM.Messages;
using static Parley.Edges.Tests.OpenIM.NoticeSamples;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Every notice as OpenIM's clients want it.</summary>
public sealed class NoticeTests
{
    /// <summary>The end of most tips about a group.</summary>
    const string Version = "\"groupMemberVersion\":7,\"groupMemberVersionID\":\"vid\"";
    const string Common = $"\"group\":{GroupJson},\"opUser\":{AliceJson},\"operationTime\":1700000009876,{Version}";
    static readonly NoticeTranslation Translation = new("vid", "admin");

    /// <summary>A notice, and of its notification the type, session type, sender, receiver and tips.</summary>
    static readonly (Notice Notice, int Type, int Session, string Sender, string Receiver, string Tips)[] Cases =
    [
        (Of(GroupEvent.Created, Alice, Bob), 1501, 3, "alice", "g_7", $"{{{Common},\"memberList\":[{AliceJson},{BobJson}],\"groupOwnerUser\":{AliceJson}}}"),
        (Of(GroupEvent.DetailsChanged), 1502, 3, "alice", "g_7", $"{{\"group\":{GroupJson},\"opUser\":{AliceJson},\"muteTime\":0,{Version}}}"),
        (Of(GroupEvent.MemberQuit, Bob) with { By = Bob }, 1504, 3, "bob", "g_7", $"{{\"group\":{GroupJson},\"quitUser\":{BobJson},\"operationTime\":1700000009876,{Version}}}"),
        (Of(GroupEvent.OwnerChanged, Alice) with { By = Bob, PreviousOwner = Bob }, 1507, 3, "bob", "g_7",
            $"{{\"group\":{GroupJson},\"opUser\":{BobJson},\"operationTime\":1700000009876,{Version},\"newGroupOwner\":{AliceJson},\"oldGroupOwner\":\"bob\",\"oldGroupOwnerInfo\":{BobJson}}}"),
        (Of(GroupEvent.MembersRemoved, Bob), 1508, 3, "alice", "g_7", $"{{{Common},\"kickedUserList\":[{BobJson}]}}"),
        (Of(GroupEvent.MembersRemoved, Bob) with { By = null }, 1508, 3, "admin", "g_7",
            $"{{\"group\":{GroupJson},\"opUser\":{AdministrationJson},\"operationTime\":1700000009876,{Version},\"kickedUserList\":[{BobJson}]}}"),
        (Of(GroupEvent.MembersInvited, Bob), 1509, 3, "alice", "g_7", $"{{{Common},\"invitedUserList\":[{BobJson}],\"inviterUser\":{AliceJson}}}"),
        (Of(GroupEvent.MembersInvited, Bob) with { Inviter = Bob }, 1509, 3, "alice", "g_7", $"{{{Common},\"invitedUserList\":[{BobJson}],\"inviterUser\":{BobJson}}}"),
        (Of(GroupEvent.MemberEntered, Bob) with { By = Bob }, 1510, 3, "bob", "g_7", $"{{\"group\":{GroupJson},\"entrantUser\":{BobJson},\"operationTime\":1700000009876,{Version}}}"),
        (Of(GroupEvent.Dismissed) with { Group = Group with { IsDismissed = true } }, 1511, 3, "alice", "g_7",
            $"{{\"group\":{GroupJson.Replace("\"status\":0", "\"status\":2", StringComparison.Ordinal)},\"opUser\":{AliceJson},\"operationTime\":1700000009876}}"),
        (Of(GroupEvent.MemberMuted, Bob) with { MuteSeconds = 60 }, 1512, 3, "alice", "g_7", $"{{{Common},\"mutedUser\":{BobJson},\"mutedSeconds\":60}}"),
        (Of(GroupEvent.MemberUnmuted, Bob), 1513, 3, "alice", "g_7", $"{{{Common},\"mutedUser\":{BobJson}}}"),
        (Of(GroupEvent.Muted) with { Group = Group with { IsMuted = true } }, 1514, 3, "alice", "g_7", $"{{{Common.Replace("\"status\":0", "\"status\":3", StringComparison.Ordinal)}}}"),
        (Of(GroupEvent.Unmuted), 1515, 3, "alice", "g_7", $"{{{Common}}}"),
        (Of(GroupEvent.MemberChanged, Bob), 1516, 3, "alice", "g_7", $"{{{Common},\"changedUser\":{BobJson},\"groupSortVersion\":0}}"),
        (Of(GroupEvent.MemberPromoted, Bob with { Role = GroupRole.Administrator }), 1517, 3, "alice", "g_7",
            $"{{{Common},\"changedUser\":{BobJson.Replace("\"roleLevel\":20", "\"roleLevel\":60", StringComparison.Ordinal)},\"groupSortVersion\":7}}"),
        (Of(GroupEvent.MemberDemoted, Bob), 1518, 3, "alice", "g_7", $"{{{Common},\"changedUser\":{BobJson},\"groupSortVersion\":7}}"),
        (Of(GroupEvent.AnnouncementChanged), 1519, 3, "alice", "g_7", $"{{\"group\":{GroupJson},\"opUser\":{AliceJson},{Version}}}"),
        (Of(GroupEvent.NameChanged), 1520, 3, "alice", "g_7", $"{{\"group\":{GroupJson},\"opUser\":{AliceJson},{Version}}}"),

        (new ApplicationNotice(ApplicationEvent.Made, Group, Application(), null), 1503, 1, "carol", "alice",
            $$"""{"group":{{GroupJson}},"applicant":{"userID":"carol","nickname":"Carol","faceURL":"http://c","ex":"cx"},"reqMsg":"let me in","uuid":"g_7_carol_1700000002000000","request":{{ApplicationJson()}}}"""),
        (new ApplicationNotice(ApplicationEvent.Accepted, Group, Application(Answer.Accepted, "alice"), Alice), 1505, 1, "alice", "carol",
            $$"""{"group":{{GroupJson}},"opUser":{{AliceJson}},"handleMsg":"well","receiverAs":0,"uuid":"g_7_carol_1700000003000000","request":{{ApplicationJson(1, "alice")}}}"""),
        (new ApplicationNotice(ApplicationEvent.Refused, Group, Application(Answer.Refused), null), 1506, 1, "admin", "carol",
            $$"""{"group":{{GroupJson}},"opUser":{{AdministrationJson}},"handleMsg":"well","receiverAs":0,"uuid":"g_7_carol_1700000003000000","request":{{ApplicationJson(-1, "admin")}}}"""),

        (new ContactNotice(ContactEvent.Requested, "carol", "dave", Request(), []), 1203, 1, "carol", "dave",
            $$"""{"fromToUserID":{"fromUserID":"carol","toUserID":"dave"},"request":{{RequestJson()}}}"""),
        (new ContactNotice(ContactEvent.Accepted, "dave", "carol", Request(Answer.Accepted), []), 1201, 1, "dave", "carol",
            $$"""{"fromToUserID":{"fromUserID":"carol","toUserID":"dave"},"handleMsg":"well","friendVersion":0,"friendVersionID":"","request":{{RequestJson(1)}}}"""),
        (new ContactNotice(ContactEvent.Refused, "dave", "carol", Request(Answer.Refused), []), 1202, 1, "dave", "carol",
            $$"""{"fromToUserID":{"fromUserID":"carol","toUserID":"dave"},"handleMsg":"well","request":{{RequestJson(-1)}}}"""),
        (new ContactNotice(ContactEvent.Added, "carol", "dave", null, ["dave"]), 1204, 1, "carol", "dave", """
            {"friend":{"ownerUserID":"carol","remark":"","createTime":1700000009876,"friendUser":{"userID":"dave","nickname":"","faceURL":"","ex":"","createTime":0,"appMangerLevel":0,"globalRecvMsgOpt":0},
             "addSource":1,"operatorUserID":"admin","ex":"","isPinned":false},"operationTime":1700000009876,"opUser":{"userID":"admin","nickname":"","faceURL":"","ex":""},"friendVersion":0,"friendVersionID":""}
            """),
        (new ContactNotice(ContactEvent.Deleted, "carol", "dave", null, []), 1205, 1, "carol", "dave",
            """{"fromToUserID":{"fromUserID":"carol","toUserID":"dave"},"friendVersion":0,"friendVersionID":""}"""),
        (new ContactNotice(ContactEvent.Changed, "carol", "carol", null, ["dave", "bob"]), 1210, 1, "carol", "carol",
            """{"fromToUserID":{"fromUserID":"carol","toUserID":"carol"},"friendIDs":["dave","bob"],"friendVersion":0,"friendVersionID":""}"""),
        (new ContactNotice(ContactEvent.Blocked, "carol", "dave", null, []), 1207, 1, "carol", "dave", """{"fromToUserID":{"fromUserID":"carol","toUserID":"dave"}}"""),
        (new ContactNotice(ContactEvent.Unblocked, "carol", "dave", null, []), 1208, 1, "carol", "dave", """{"fromToUserID":{"fromUserID":"carol","toUserID":"dave"}}"""),
        (new ContactNotice(ContactEvent.ProfileChanged, "carol", "dave", null, []), 1209, 1, "carol", "dave", """{"userID":"carol"}"""),
        (new ProfileNotice("carol"), 1303, 1, "carol", "carol", """{"userID":"carol"}"""),

        (new ConversationNotice(ConversationEvent.SettingsChanged, "bob", [Peers, InGroup, WithSystem]), 1300, 1, "bob", "bob",
            """{"userID":"bob","conversationIDList":["si_alice_bob","sg_g_7","sn_bob_sys"]}"""),
        (new ConversationNotice(ConversationEvent.Cut, "", [InGroup]), 1703, 3, "admin", "g_7", """{"userID":"admin","conversationIDs":["sg_g_7"]}"""),
        (new ConversationNotice(ConversationEvent.Cleared, "bob", [InGroup]), 1703, 1, "bob", "bob", """{"userID":"bob","conversationIDs":["sg_g_7"]}"""),
        (new ConversationNotice(ConversationEvent.PrivateChanged, "bob", [Peers], IsPrivate: true), 1701, 1, "bob", "alice",
            """{"recvID":"alice","sendID":"bob","isPrivate":true,"conversationID":"si_alice_bob"}"""),
        (new ReadNotice(Peers, "bob", 3, 6), 2200, 1, "bob", "alice", """{"markAsReadUserID":"bob","conversationID":"si_alice_bob","seqs":[4,5,6],"hasReadSeq":6}"""),
        (new ReadNotice(WithSystem, "bob", 0, 1), 2200, 1, "bob", "sys", """{"markAsReadUserID":"bob","conversationID":"sn_bob_sys","seqs":[1],"hasReadSeq":1}"""),
        (new ReadNotice(InGroup, "bob", 5, 6), 2200, 1, "bob", "bob", """{"markAsReadUserID":"bob","conversationID":"sg_g_7","seqs":[6],"hasReadSeq":6}"""),

        (new RecallNotice(InGroup, Recalled), 2101, 3, "alice", "g_7",
            """{"revokerUserID":"alice","clientMsgID":"c-5","revokeTime":1700000003000,"sesstionType":3,"seq":5,"conversationID":"sg_g_7","isAdminRevoke":false}"""),
        (new RecallNotice(Peers, Recalled with { RevokerId = "bob" }), 2101, 1, "bob", "alice",
            """{"revokerUserID":"bob","clientMsgID":"c-5","revokeTime":1700000003000,"sesstionType":1,"seq":5,"conversationID":"si_alice_bob","isAdminRevoke":false}"""),
        (new RecallNotice(InGroup, Recalled with { RevokerId = "" }), 2101, 3, "admin", "g_7",
            """{"revokerUserID":"admin","clientMsgID":"c-5","revokeTime":1700000003000,"sesstionType":3,"seq":5,"conversationID":"sg_g_7","isAdminRevoke":true}"""),
        (new DeletionNotice(Peers, "bob", [2, 3], IsForAll: true), 2102, 1, "bob", "alice", """{"userID":"bob","conversationID":"si_alice_bob","seqs":[2,3]}"""),
        (new DeletionNotice(InGroup, "bob", [2], IsForAll: true), 2102, 3, "bob", "g_7", """{"userID":"bob","conversationID":"sg_g_7","seqs":[2]}"""),
        (new DeletionNotice(InGroup, "bob", [2], IsForAll: false), 2102, 1, "bob", "bob", """{"userID":"bob","conversationID":"sg_g_7","seqs":[2]}"""),
        (new EditNotice(InGroup, 4, "bob", ContentKind.Text, Encoding.UTF8.GetBytes("a \"new\" text")), 2001, 3, "bob", "g_7", Business("parley.edit",
            """{"conversationID":"sg_g_7","seq":4,"editorUserID":"bob","editTime":1700000009876,"contentType":101,"content":"{\"content\":\"a \\\"new\\\" text\"}"}""")),
        (new ReactionNotice(Peers, 4, "bob", "✓", IsRemoved: true), 2001, 1, "bob", "alice", Business("parley.reaction",
            """{"conversationID":"si_alice_bob","seq":4,"userID":"bob","reaction":"✓","removed":true}""")),
        (new PinNotice(Peers, 4, "", IsPinned: true), 2001, 1, "admin", "bob", Business("parley.pin", """{"conversationID":"si_alice_bob","seq":4,"userID":"admin","pinned":true}""")),
        (new CustomNotice("bob", "g_7", true, "a key", "some data"), 2001, 3, "bob", "g_7", """{"key":"a key","data":"some data"}"""),
        (new CustomNotice("bob", "alice", false, "a key", ""), 2001, 1, "bob", "alice", """{"key":"a key","data":""}"""),
    ];

    public static TheoryData<int, string> Each => [.. Cases.Select((one, index) => (index, $"{one.Notice.GetType().Name} {one.Type}"))];

    [Theory, MemberData(nameof(Each))]
    public void A_notice_is_the_notification_that_clients_know(int index, string name)
    {
        var expected = Cases[index];
        var (conversationId, data) = Translation.Write(expected.Notice, sequence: 9, position: 77, Time) ?? throw new InvalidOperationException($"No word for {name}.");

        Assert.Equal((expected.Type, expected.Session, expected.Sender, expected.Receiver), (data.ContentType, data.SessionType, data.SendID, data.RecvID));
        Assert.Equal(expected.Session == 3 ? expected.Receiver : "", data.GroupID);
        // What the administration did between two users has a test of its own.
        if (expected is not { Notice: PinNotice })
            Assert.Equal(expected.Session == 3 ? "n_g_7" : $"n_{string.Join('_', new[] { expected.Sender, expected.Receiver }.Order(StringComparer.Ordinal))}", conversationId);
        Assert.Equal((9L, "77", 200, 2, 1_700_000_009_876L, 1_700_000_009_876L), (data.Seq, data.ServerMsgID, data.MsgFrom, data.Status, data.SendTime, data.CreateTime));
        Assert.Equal(new Dictionary<string, bool> { ["isNotNotification"] = false }, data.Options);
        AssertJson(expected.Tips, Detail(data));
    }

    [Fact]
    public void A_notice_about_a_conversation_goes_where_its_notices_are_kept_whoever_did_it()
        => Assert.Equal("n_alice_bob", Translation.Write(new PinNotice(Peers, 4, "", IsPinned: true), 1, 1, Time)!.Value.ConversationId);

    [Fact]
    public void Every_kind_of_notice_and_every_event_has_a_case()
    {
        var kinds = typeof(Notice).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Notice)) && !type.IsAbstract);
        Assert.Empty(kinds.Except(Cases.Select(one => one.Notice.GetType())));
        Assert.Empty(Enum.GetValues<GroupEvent>().Except(Cases.Select(one => one.Notice).OfType<GroupNotice>().Select(notice => notice.Event)).Except([GroupEvent.None]));
        Assert.Empty(Enum.GetValues<ContactEvent>().Except(Cases.Select(one => one.Notice).OfType<ContactNotice>().Select(notice => notice.Event)).Except([ContactEvent.None]));
        Assert.Empty(Enum.GetValues<ApplicationEvent>().Except(Cases.Select(one => one.Notice).OfType<ApplicationNotice>().Select(notice => notice.Event)).Except([ApplicationEvent.None]));
        Assert.Empty(Enum.GetValues<ConversationEvent>().Except(Cases.Select(one => one.Notice).OfType<ConversationNotice>().Select(notice => notice.Event)).Except([ConversationEvent.None]));
    }

    [Fact]
    public void What_is_not_kept_says_so()
    {
        var (_, data) = Translation.Write(new ProfileNotice("carol"), sequence: 0, position: 0, Time)!.Value;
        Assert.Equal(0, data.Seq);
        Assert.Equal(data.ClientMsgID, data.ServerMsgID);
        Assert.Equal(new Dictionary<string, bool> { ["isNotNotification"] = false, ["history"] = false }, data.Options);
    }

    [Fact]
    public void Notifications_of_one_record_have_ids_of_their_own_and_the_same_each_time()
    {
        Notice[] notices = [new ReadNotice(Peers, "bob", 0, 1), new ReadNotice(Peers, "alice", 0, 1), new ReadNotice(InGroup, "bob", 0, 1), new ProfileNotice("bob")];
        string[] Ids() => [.. notices.Select(notice => Translation.Write(notice, 1, 5, Time)!.Value.Message.ClientMsgID)];
        Assert.Equal(notices.Length, Ids().Distinct().Count());
        Assert.Equal(Ids(), Ids());
        Assert.All(Ids(), id => Assert.Equal(32, id.Length));
    }

    [Fact]
    public void A_receipt_lists_no_more_than_the_newest_sequences_and_never_none()
    {
        var all = Detail(Translation.Write(new ReadNotice(Peers, "bob", 0, 5_000), 1, 1, Time)!.Value.Message)["seqs"]!.AsArray();
        Assert.Equal((2_000, 3_001L, 5_000L), (all.Count, (long)all[0]!, (long)all[^1]!));
        var none = Detail(Translation.Write(new ReadNotice(Peers, "bob", 7, 7), 1, 1, Time)!.Value.Message)["seqs"]!.AsArray();
        Assert.Equal(7L, (long)Assert.Single(none)!);
    }

    [Fact]
    public void Who_applied_and_who_leads_are_told_of_the_answer_each_in_their_part()
    {
        var notice = new ApplicationNotice(ApplicationEvent.Accepted, Group, Application(Answer.Accepted, "alice"), Alice);
        Assert.True(NoticeTranslation.DependsOnReader(notice));
        Assert.True(NoticeTranslation.IsAbout(notice, Carol.Number));
        Assert.False(NoticeTranslation.IsAbout(notice, Alice.User));
        Assert.Equal(1, (int)Detail(Translation.Write(notice, 0, 1, Time, isAboutReader: false)!.Value.Message)["receiverAs"]!);
    }

    [Fact]
    public void The_notice_of_a_new_group_names_five_hundred_members_at_most()
    {
        var notice = Of(GroupEvent.Created, [Alice, .. Enumerable.Range(0, 2_000).Select(i => Bob with { UserId = $"b{i}" })]);
        Assert.Equal(500, Detail(Translation.Write(notice, 0, 1, Time)!.Value.Message)["memberList"]!.AsArray().Count);
    }

    internal static JsonNode Detail(MsgData data) => JsonNode.Parse((string)JsonNode.Parse(data.Content.ToStringUtf8())!["detail"]!)!;

    internal static void AssertJson(string expected, JsonNode actual)
        => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected: {JsonNode.Parse(expected)!.ToJsonString()}\nActual:   {actual.ToJsonString()}");

    static string Business(string key, string data) => new JsonObject { ["key"] = key, ["data"] = data }.ToJsonString();
}
