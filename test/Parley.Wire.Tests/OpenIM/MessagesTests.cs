using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Wire.Tests.OpenIM;

public sealed class MessagesTests
{
    const string Vector = """
        0a 01 "s"   12 01 "r"   1a 01 "g"   22 02 "c1"   2a 02 "s1"   30 05   3a 01 "n"   42 01 "f"
        48 03   50 64   58 65   62 02 00ff   70 07   78 88 0e   8001 01   8801 02   9001 01
        9a01 0b 0a 07 "history" 10 00
        a201 12 0a 01 "t" 12 01 "d" 1a 01 "e" 22 02 "+1" 28 01 32 01 "i"
        aa01 01 "u"   aa01 01 "v"   b201 04 "null"   ba01 01 "x"
        """;

    static MsgData Message => new()
    {
        SendID = "s",
        RecvID = "r",
        GroupID = "g",
        ClientMsgID = "c1",
        ServerMsgID = "s1",
        SenderPlatformID = 5,
        SenderNickname = "n",
        SenderFaceURL = "f",
        SessionType = 3,
        MsgFrom = 100,
        ContentType = 101,
        Content = ByteString.CopyFrom(0, 255),
        Seq = 7,
        SendTime = 1800,
        CreateTime = 1,
        Status = 2,
        IsRead = true,
        Options = { ["history"] = false },
        OfflinePushInfo = new() { Title = "t", Desc = "d", Ex = "e", IOSPushSound = "+1", IOSBadgeCount = true, SignalInfo = "i" },
        AtUserIDList = { "u", "v" },
        AttachedInfo = "null",
        Ex = "x",
    };

    [Fact]
    public void A_message_is_read_from_bytes_written_by_hand() => Assert.Equal(Message, Payload.Read(MsgData.Parser, Hex.Bytes(Vector)));

    [Fact]
    public void A_message_is_written_as_these_bytes()
    {
        // protobuf may leave a false map value out or not; both say the same, so only that entry is taken out of the comparison.
        var message = Message;
        message.Options.Clear();
        int at = Vector.IndexOf("9a01", StringComparison.Ordinal), end = Vector.IndexOf("a201", StringComparison.Ordinal);
        Assert.Equal(Hex.Bytes(Vector.Remove(at, end - at)), message.ToByteArray());
        Assert.Equal(Message, MsgData.Parser.ParseFrom(Message.ToByteArray()));
    }

    [Fact]
    public void A_map_entry_without_a_value_is_false()
        => Assert.False(Payload.Read(MsgData.Parser, Hex.Bytes("9a01 09 0a 07 \"history\"")).Options["history"]);

    [Fact]
    public void Fields_we_do_not_know_are_ignored()
        => Assert.Equal("s", Payload.Read(MsgData.Parser, Hex.Bytes("6a 02 \"13\" 0a 01 \"s\" f2ff03 00")).SendID);

    [Fact]
    public void Damaged_payloads_end_in_a_value_or_in_one_exception()
    {
        var bytes = Message.ToByteArray();
        for (int cut = 0; cut < bytes.Length; cut++)
            Hostile.Read(f => Payload.Read(MsgData.Parser, f.Span), bytes[..cut], 32 << 10, $"cut at {cut}");
        Hostile.SurvivesEveryChangedByte(f => Payload.Read(MsgData.Parser, f.Span), bytes, 32 << 10);
        Hostile.SurvivesMutations(f => Payload.Read(MsgData.Parser, f.Span), bytes, 32 << 10, count: 50_000, seed: 5);
        Assert.Throws<MalformedFrameException>(() => Payload.Read(MsgData.Parser, Hex.Bytes("0a 05 \"s\"")));
    }

    [Fact]
    public void Every_message_has_the_protocol_s_names_and_numbers()
    {
        var ours = new StringBuilder();
        foreach (var message in OpenimReflection.Descriptor.MessageTypes)
        {
            string fields = string.Join("; ", message.Fields.InFieldNumberOrder().Select(Describe));
            ours.Append($"{message.Name}: {fields}".TrimEnd()).Append('\n');
        }
        // In the table a long line goes on, indented.
        Assert.Equal(Sorted(Table.Replace("\n  ", " ", StringComparison.Ordinal)), Sorted(ours.ToString()));

        static IEnumerable<string> Sorted(string table)
            => table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Names_in_JSON_are_the_protocol_s()
    {
        foreach (var field in OpenimReflection.Descriptor.MessageTypes.SelectMany(m => m.Fields.InFieldNumberOrder()))
            Assert.Equal(field.Name, field.JsonName);
        Assert.Equal((0, 1), ((int)PullOrder.Asc, (int)PullOrder.Desc));
    }

    static string Describe(FieldDescriptor field)
    {
        string Part(int number) => Type(field.MessageType.FindFieldByNumber(number));
        if (field.IsMap) return $"{field.Name}={field.FieldNumber} map<{Part(1)},{Part(2)}>";
        return $"{field.Name}={field.FieldNumber} {Type(field)}{(field.IsRepeated ? "[]" : "")}";

        static string Type(FieldDescriptor field) => field.FieldType switch
        {
            FieldType.Message => field.MessageType.Name,
            FieldType.Enum => field.EnumType.Name,
            var other => other.ToString().ToLowerInvariant(),
        };
    }

    // The protocol's own list, typed in a second time and in another form than the .proto file.
    const string Table = """
        MsgData: sendID=1 string; recvID=2 string; groupID=3 string; clientMsgID=4 string; serverMsgID=5 string;
          senderPlatformID=6 int32; senderNickname=7 string; senderFaceURL=8 string; sessionType=9 int32; msgFrom=10 int32;
          contentType=11 int32; content=12 bytes; seq=14 int64; sendTime=15 int64; createTime=16 int64; status=17 int32;
          isRead=18 bool; options=19 map<string,bool>; offlinePushInfo=20 OfflinePushInfo; atUserIDList=21 string[];
          attachedInfo=22 string; ex=23 string
        OfflinePushInfo: title=1 string; desc=2 string; ex=3 string; iOSPushSound=4 string; iOSBadgeCount=5 bool;
          signalInfo=6 string
        PushMessages: msgs=1 map<string,PullMsgs>; notificationMsgs=2 map<string,PullMsgs>
        PullMsgs: Msgs=1 MsgData[]; isEnd=2 bool; endSeq=3 int64
        SeqRange: conversationID=1 string; begin=2 int64; end=3 int64; num=4 int64
        PullMessageBySeqsReq: userID=1 string; seqRanges=2 SeqRange[]; order=3 PullOrder
        PullMessageBySeqsResp: msgs=1 map<string,PullMsgs>; notificationMsgs=2 map<string,PullMsgs>
        GetMaxSeqReq: userID=1 string
        GetMaxSeqResp: maxSeqs=1 map<string,int64>; minSeqs=2 map<string,int64>
        SetAppBackgroundStatusReq: userID=1 string; isBackground=2 bool
        SetAppBackgroundStatusResp:
        SubUserOnlineStatus: subscribeUserID=1 string[]; unsubscribeUserID=2 string[]
        SubUserOnlineStatusTips: subscribers=1 SubUserOnlineStatusElem[]
        SubUserOnlineStatusElem: userID=1 string; onlinePlatformIDs=2 int32[]
        SendMsgResp: serverMsgID=1 string; clientMsgID=2 string; sendTime=3 int64; modify=4 MsgData
        GetConversationsHasReadAndMaxSeqReq: userID=1 string; conversationIDs=2 string[]; returnPinned=3 bool
        GetConversationsHasReadAndMaxSeqResp: seqs=1 map<string,Seqs>; pinnedConversationIDs=2 string[]
        Seqs: maxSeq=1 int64; hasReadSeq=2 int64; maxSeqTime=3 int64
        GetSeqMessageReq: userID=1 string; conversations=2 ConversationSeqs[]; order=3 PullOrder
        ConversationSeqs: conversationID=2 string; seqs=3 int64[]
        GetSeqMessageResp: msgs=1 map<string,PullMsgs>; notificationMsgs=2 map<string,PullMsgs>
        GetLastMessageReq: userID=1 string; conversationIDs=2 string[]
        GetLastMessageResp: msgs=1 map<string,MsgData>
        DelUserPushTokenReq: userID=1 string; platformID=2 int32
        DelUserPushTokenResp:
        GetActiveConversationsReq: ownerUserID=1 string; count=2 int64
        GetActiveConversationsResp: unreadCount=1 int64; conversations=2 ConversationMsg[]
        GetConversationsReq: ownerUserID=1 string; conversationIDs=2 string[]
        GetConversationsResp: unreadCount=1 int64; conversations=2 ConversationMsg[]
        ConversationMsg: conversation=1 Conversation; lastMsg=2 MsgData; user=3 UserInfo; friend=4 FriendInfoOnly; group=5
          GroupInfo; maxSeq=6 int64; readSeq=7 int64
        Conversation: ownerUserID=1 string; conversationID=2 string; recvMsgOpt=3 int32; conversationType=4 int32; userID=5
          string; groupID=6 string; isPinned=7 bool; attachedInfo=8 string; isPrivateChat=9 bool; groupAtType=10 int32;
          ex=11 string; burnDuration=12 int32; minSeq=13 int64; maxSeq=14 int64; msgDestructTime=15 int64;
          latestMsgDestructTime=16 int64; isMsgDestruct=17 bool
        UserInfo: userID=1 string; nickname=2 string; faceURL=3 string; ex=4 string; createTime=5 int64; appMangerLevel=6
          int32; globalRecvMsgOpt=7 int32
        FriendInfoOnly: ownerUserID=1 string; friendUserID=2 string; remark=3 string; createTime=4 int64; addSource=5 int32;
          operatorUserID=6 string; ex=7 string; isPinned=8 bool
        GroupInfo: groupID=1 string; groupName=2 string; notification=3 string; introduction=4 string; faceURL=5 string;
          ownerUserID=6 string; createTime=7 int64; memberCount=8 uint32; ex=9 string; status=10 int32; creatorUserID=11
          string; groupType=12 int32; needVerification=13 int32; lookMemberInfo=14 int32; applyMemberFriend=15 int32;
          notificationUpdateTime=16 int64; notificationUserID=17 string
        """;
}
