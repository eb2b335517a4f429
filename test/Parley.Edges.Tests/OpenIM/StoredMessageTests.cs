using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM.Messages;
using static Parley.Edges.Tests.OpenIM.NoticeSamples;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>What stands in a history, as OpenIM's clients want it.</summary>
public sealed class StoredMessageTests
{
    [Theory]
    [InlineData(1, "si_alice_bob")]
    [InlineData(3, "sg_g_7")]
    [InlineData(4, "sn_bob_sys")]
    public void A_message_is_addressed_as_its_conversation_is(int session, string id)
    {
        var conversation = Conversation(session);
        var data = Write(Stored(conversation, "bob", Text()));
        Assert.Equal((session, id), (data.SessionType, ConversationIds.Of(conversation)));
        Assert.Equal(session switch { 1 => ("bob", "alice", ""), 3 => ("bob", "", "g_7"), _ => ("bob", "sys", "") }, (data.SendID, data.RecvID, data.GroupID));
        Assert.Equal((5L, "50", 100, 2, 101), (data.Seq, data.ServerMsgID, data.MsgFrom, data.Status, data.ContentType));
    }

    [Theory, InlineData(1), InlineData(3), InlineData(4)]
    public void A_recalled_message_keeps_its_place_and_says_who_took_it_back(int session)
    {
        var data = Write(Stored(Conversation(session), "bob", Emptied()) with { Recall = Recalled });
        Assert.Equal((2101, "c-5", 5L, 1_700_000_002_000L, session, "bob", 2), (data.ContentType, data.ClientMsgID, data.Seq, data.SendTime, data.SessionType, data.SendID, data.Status));
        NoticeTests.AssertJson($$"""
            {"revokerID":"alice","revokerRole":100,"clientMsgID":"c-5","revokerNickname":"Alice","revokeTime":1700000003000,"sourceMessageSendTime":1700000002000,
             "sourceMessageSendID":"bob","sourceMessageSenderNickname":"Bob","sessionType":{{session}},"seq":5,"ex":""}
            """, NoticeTests.Detail(data));
    }

    [Theory, InlineData(1), InlineData(3), InlineData(4)]
    public void A_deleted_message_is_a_placeholder_in_its_place(int session)
    {
        var data = Write(Stored(Conversation(session), "bob", Emptied()) with { IsDeleted = true });
        Assert.Equal((4, 5L, 1_700_000_002_000L, session, "bob", "c-5"), (data.Status, data.Seq, data.SendTime, data.SessionType, data.SendID, data.ClientMsgID));
        Assert.True(data.Content.IsEmpty);
        Assert.Equal(session == 3 ? "g_7" : "", data.GroupID);
    }

    [Fact]
    public void An_edited_message_has_the_type_of_what_it_is_now()
    {
        // Sent as 119, which only the origin knows, and then made a text.
        var sent = MessageTranslation.Read(new MsgData { ContentType = 119, Content = Google.Protobuf.ByteString.CopyFromUtf8("{}"), ClientMsgID = "c-5" }, new UserNumber(1), 5, out _)!;
        Assert.Equal(119, Write(Stored(Peers, "bob", sent)).ContentType);
        var edited = Write(Stored(Peers, "bob", sent with { Kind = ContentKind.Text, Body = "x"u8.ToArray() }) with { EditedAt = Answered });
        Assert.Equal((101, """{"content":"x"}"""), (edited.ContentType, edited.Content.ToStringUtf8()));
    }

    [Fact]
    public void What_the_administration_says_has_its_name()
    {
        var data = Write(Stored(InGroup, "", Text() with { Traits = MessageTraits.System }));
        Assert.Equal(("admin", 200), (data.SendID, data.MsgFrom));
    }

    [Fact]
    public void What_only_back_ends_read_is_shown_as_a_text_that_says_so()
    {
        // Bytes that are no JSON and no UTF-8.
        var raw = Text() with { Kind = ContentKind.Raw, Body = new byte[] { 4, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, (byte)'"' }, Traits = MessageTraits.System };
        var data = Write(Stored(InGroup, "", raw));
        Assert.Equal((101, "admin", 2, 5L), (data.ContentType, data.SendID, data.Status, data.Seq));
        NoticeTests.AssertJson("""{"content":"[A message that this app can't show]"}""", System.Text.Json.Nodes.JsonNode.Parse(data.Content.ToStringUtf8())!);
    }

    [Fact]
    public void Only_back_ends_say_what_the_system_says()
    {
        var data = new MsgData { ContentType = 1400, Content = Google.Protobuf.ByteString.CopyFromUtf8("{}"), ClientMsgID = "c", MsgFrom = 100 };
        Assert.Null(MessageTranslation.Read(data, new UserNumber(1), 5, out var fault));
        Assert.NotNull(fault);
        data.MsgFrom = 200;
        var message = MessageTranslation.Read(data, new UserNumber(1), 5, out _)!;
        Assert.Equal((1400, 200), Write(Stored(WithSystem, "sys", message)) is var read ? (read.ContentType, read.MsgFrom) : default);
    }

    public static TheoryData<string, int, string, string> Events => new()
    {
        { nameof(GroupEvent.Created), 1501, "memberList", "groupOwnerUser" },
        { nameof(GroupEvent.MemberQuit), 1504, "quitUser", "operationTime" },
        { nameof(GroupEvent.OwnerChanged), 1507, "newGroupOwner", "oldGroupOwner" },
        { nameof(GroupEvent.MembersRemoved), 1508, "kickedUserList", "opUser" },
        { nameof(GroupEvent.MembersInvited), 1509, "invitedUserList", "inviterUser" },
        { nameof(GroupEvent.MemberEntered), 1510, "entrantUser", "group" },
        { nameof(GroupEvent.Dismissed), 1511, "group", "opUser" },
        { nameof(GroupEvent.MemberMuted), 1512, "mutedUser", "mutedSeconds" },
        { nameof(GroupEvent.MemberUnmuted), 1513, "mutedUser", "opUser" },
        { nameof(GroupEvent.Muted), 1514, "group", "opUser" },
        { nameof(GroupEvent.Unmuted), 1515, "group", "opUser" },
        { nameof(GroupEvent.AnnouncementChanged), 1519, "group", "opUser" },
        { nameof(GroupEvent.NameChanged), 1520, "group", "opUser" },
    };

    [Theory, MemberData(nameof(Events))]
    public void An_event_of_a_group_is_shown_by_its_notification(string @event, int type, string key, string other)
    {
        var body = $$"""{"event":"{{@event}}","by":{"id":"alice","nickname":"Alice"},"members":[{"id":"bob","nickname":"Bob"}],"memberCount":1,"seconds":60,"text":"said"}""";
        var data = Write(Stored(InGroup, "alice", Event(body)));
        var tips = NoticeTests.Detail(data);
        Assert.Equal((type, 200, 3, "alice", "g_7", "g_7"), (data.ContentType, data.MsgFrom, data.SessionType, data.SendID, data.RecvID, data.GroupID));
        Assert.Equal(new Dictionary<string, bool> { ["unreadCount"] = false, ["offlinePush"] = false }, data.Options);
        Assert.NotNull(tips[key]);
        Assert.NotNull(tips[other]);
        Assert.Equal("g_7", (string)tips["group"]!["groupID"]!);
        // Clients must not take the copy for the change itself.
        if (tips["groupMemberVersion"] is { } version) Assert.Equal((0, ""), ((int)version, (string)tips["groupMemberVersionID"]!));
        Assert.Equal((type == 1520 ? "said" : "", type == 1519 ? "said" : ""), ((string)tips["group"]!["groupName"]!, (string)tips["group"]!["notification"]!));
        if (tips["opUser"] is { } by) Assert.Equal(("alice", "Alice"), ((string)by["userID"]!, (string)by["nickname"]!));
    }

    [Fact]
    public void That_two_became_friends_is_shown_as_the_answer_to_the_request()
    {
        var data = Write(Stored(Peers, "bob", Event("""{"event":"FriendsMade","by":{"id":"bob","nickname":"Bob"},"members":[{"id":"alice","nickname":"Alice"}],"memberCount":1,"text":"welcome"}""")));
        var tips = NoticeTests.Detail(data);
        Assert.Equal((1201, "bob", "alice", "welcome"), (data.ContentType, data.SendID, data.RecvID, (string)tips["handleMsg"]!));
        Assert.Equal(("alice", "bob", "Alice"), ((string)tips["fromToUserID"]!["fromUserID"]!, (string)tips["fromToUserID"]!["toUserID"]!, (string)tips["request"]!["fromNickname"]!));
    }

    [Fact]
    public void That_messages_are_private_from_now_on_is_shown()
    {
        var data = Write(Stored(Peers, "bob", Event("""{"event":"PrivateChanged","by":{"id":"bob","nickname":"Bob"},"members":[],"memberCount":0,"isOn":true}""")));
        Assert.Equal(1701, data.ContentType);
        NoticeTests.AssertJson("""{"recvID":"alice","sendID":"bob","isPrivate":true,"conversationID":"si_alice_bob"}""", NoticeTests.Detail(data));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("""{"event":"OfANewerServer","members":[],"memberCount":0}""")]
    [InlineData("""{"event":"FriendsMade","members":[],"memberCount":0}""")]
    public void An_event_that_is_not_understood_is_a_placeholder(string body)
    {
        foreach (var conversation in new[] { Peers, InGroup })
            if (Write(Stored(conversation, "bob", Event(body))) is { Status: not 4 } data) Assert.Fail($"{data}");
    }

    static MsgData Write(StoredMessage stored) => MessageTranslation.Write(stored, "admin");

    static ConversationName Conversation(int session) => session switch { 1 => Peers, 3 => InGroup, _ => WithSystem };

    static StoredMessage Stored(ConversationName conversation, string sender, Message message) => new(50, 5, Requested, conversation, sender, message);

    static Message Text() => new(new UserNumber(1), "c-5", ContentKind.Text, "hello"u8.ToArray(), 1_700_000_001_999, 5);

    static Message Emptied() => new(new UserNumber(1), "c-5", ContentKind.None, default, 1_700_000_001_999, 5) { SenderNickname = "Bob" };

    static Message Event(string body) => new(new UserNumber(1), "c-5", ContentKind.Event, Encoding.UTF8.GetBytes(body), 1_700_000_001_999, 10)
    {
        Traits = MessageTraits.NotCounted | MessageTraits.NoPush | MessageTraits.System,
    };
}
