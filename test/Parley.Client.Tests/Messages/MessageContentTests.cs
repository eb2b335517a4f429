using System.Text;
using System.Text.Json.Nodes;
using Parley.Client.Messages;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Messages;

public sealed class MessageContentTests : ClientTest
{
    static readonly Uri Url = new("https://files.example/a");

    static readonly Message Earlier = new(
        Chat, 7, "0123456789abcdef0123456789abcdef", "s7", Bob, Alice, "", 101, """{"content":"hé \"x\""}""", DateTimeOffset.FromUnixTimeMilliseconds(5), MessageState.Sent, 0);

    public static TheoryData<int, string> Kinds => new()
    {
        { 101, """{"content":"hé"}""" },
        { 118, """{"content":"**b**"}""" },
        { 103, """{"uuid":"","soundPath":"","sourceUrl":"https://files.example/a","dataSize":9,"duration":2,"soundType":"audio/ogg"}""" },
        { 105, """{"filePath":"","uuid":"","sourceUrl":"https://files.example/a","fileName":"a.pdf","fileSize":9,"fileType":""}""" },
        { 106, """{"text":"hi","atUserList":["bob","AtAllTag"],"atUsersInfo":[{"atUserID":"bob","groupNickname":""},{"atUserID":"AtAllTag","groupNickname":""}],"isAtSelf":false}""" },
        { 108, """{"userID":"bob","nickname":"Bob","faceURL":"","ex":""}""" },
        { 109, """{"description":"here","longitude":13.4,"latitude":52.5}""" },
        { 110, """{"data":"{}","description":"d","extension":""}""" },
        { 115, """{"index":3,"data":"cat"}""" },
    };

    static MessageContent Make(int kind) => kind switch
    {
        101 => MessageContent.Text("hé"),
        118 => MessageContent.Markdown("**b**"),
        103 => MessageContent.Voice(Url, TimeSpan.FromSeconds(1.2), 9, "audio/ogg"),
        105 => MessageContent.File(Url, "a.pdf", 9),
        106 => MessageContent.Mention("hi", [Bob, MessageContent.Everyone]),
        108 => MessageContent.Card(Bob, "Bob"),
        109 => MessageContent.Location(52.5, 13.4, "here"),
        110 => MessageContent.Custom("{}", "d"),
        _ => MessageContent.Face(3, "cat"),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Is_the_protocols_JSON(int kind, string json)
    {
        var content = Make(kind);
        Assert.Equal((kind, json), (content.ContentType, Encoding.UTF8.GetString(content.Json.Span)));
    }

    [Fact]
    public void A_picture_has_three_versions_and_a_video_a_still()
    {
        var picture = Parse(MessageContent.Picture(Url, 4, 3, 9, "image/png", new Uri("https://files.example/small")));
        Assert.Equal(("https://files.example/a", 4, "https://files.example/small", 0),
            ((string?)picture["sourcePicture"]!["url"], (int)picture["bigPicture"]!["width"]!, (string?)picture["snapshotPicture"]!["url"], (int)picture["snapshotPicture"]!["width"]!));
        var video = Parse(MessageContent.Video(Url, TimeSpan.FromSeconds(3), Url, 4, 3));
        Assert.Equal((3, "https://files.example/a", 4), ((int)video["duration"]!, (string?)video["snapshotUrl"], (int)video["snapshotWidth"]!));
    }

    [Fact]
    public void A_quote_carries_the_message_as_the_protocol_embeds_it()
    {
        var quoted = Parse(MessageContent.Quote("so?", Earlier))["quoteMessage"]!;
        Assert.Equal((Earlier.ClientMessageId, Bob, 7, 101, 1, """hé "x" """.Trim()),
            ((string?)quoted["clientMsgID"], (string?)quoted["sendID"], (int)quoted["seq"]!, (int)quoted["contentType"]!, (int)quoted["sessionType"]!, (string?)quoted["textElem"]!["content"]));
    }

    [Fact]
    public void Merged_messages_keep_their_order_and_a_broken_one_its_text()
    {
        var broken = Earlier with { Content = "no json", ContentType = 110 };
        var merged = Parse(MessageContent.Merged("Two", ["bob: hé"], [Earlier, broken]));
        Assert.Equal([101, 110], merged["multiMessage"]!.AsArray().Select(one => (int)one!["contentType"]!));
        Assert.Equal("no json", (string?)merged["multiMessage"]![1]!["content"]);
    }

    static JsonObject Parse(MessageContent content) => JsonNode.Parse(content.Json.Span)!.AsObject();

    [Theory]
    [InlineData(91, 0)]
    [InlineData(0, -181)]
    public void A_place_that_is_none_is_declined(double latitude, double longitude) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MessageContent.Location(latitude, longitude));

    [Fact]
    public async Task A_message_to_a_group_goes_there_with_its_mentions_and_options()
    {
        var client = await OpenSyncedAsync();
        var sent = await client.Messages.SendAsync(Recipient.Group("g1"), MessageContent.Mention("hi", [Bob]), new SendOptions { IsNotCounted = true, PushText = "psst", Extra = "x" });
        Assert.Equal(("sg_g1", "g1", ""), (sent.ConversationId, sent.GroupId, sent.RecipientId));
        var data = MsgData.Parser.ParseFrom((await NextRequestAsync(Requests.SendMessage)).Data.Span);
        Assert.Equal((3, "g1", "", Bob, "psst", "x"), (data.SessionType, data.GroupID, data.RecvID, Assert.Single(data.AtUserIDList), data.OfflinePushInfo.Desc, data.Ex));
        Assert.False(data.Options["unreadCount"]);
        await Soon(client.WaitSentAsync(sent.ClientMessageId));
        Assert.Equal("hi", (await client.GetHistoryAsync("sg_g1"))[0].Text);
        Assert.Equal("g1", client.Conversations.Find("sg_g1")!.GroupId);
    }

    [Fact]
    public async Task What_is_too_long_or_for_nobody_is_declined_before_it_is_stored()
    {
        var client = await OpenSyncedAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => client.Messages.SendAsync(Recipient.User(Bob), MessageContent.Text(new string('x', 40_000))));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Messages.SendAsync(default, MessageContent.Text("x")));
        Assert.Empty(client.Conversations.Get());
    }

    [Fact]
    public async Task Typing_goes_out_unstored_and_comes_in_as_an_event()
    {
        var client = await OpenSyncedAsync();
        await Soon(client.Messages.TypingAsync(Recipient.User(Bob)));
        var data = MsgData.Parser.ParseFrom((await NextRequestAsync(Requests.SendMessage)).Data.Span);
        Assert.Equal((113, """{"msgTips":"yes"}"""), (data.ContentType, data.Content.ToStringUtf8()));
        Assert.All(["history", "persistent", "senderSync", "conversationUpdate", "senderConversationUpdate", "unreadCount", "offlinePush"], key => Assert.False(data.Options[key]));

        var typing = ScriptedServer.Text(Bob, Alice, "");
        (typing.ContentType, typing.Content) = (113, Google.Protobuf.ByteString.CopyFromUtf8("""{"msgTips":"no"}"""));
        await Server.PushAsync(Chat, typing);
        Assert.Equal(new ParleyEvent.Typing(Chat, Bob, false), await NextAsync<ParleyEvent.Typing>(client));
        Assert.Empty(await client.GetHistoryAsync(Chat));
    }

    [Fact]
    public async Task Online_only_needs_a_connection()
    {
        Server.Reachable = false;
        var client = await OpenAsync();
        await NextAsync(client, ConnectionState.Offline);
        var thrown = await Assert.ThrowsAsync<ParleyException>(() => client.Messages.SendOnlineOnlyAsync(Recipient.User(Bob), MessageContent.Text("now")));
        Assert.Equal(ParleyException.NotConnected, thrown.Code);
    }
}
