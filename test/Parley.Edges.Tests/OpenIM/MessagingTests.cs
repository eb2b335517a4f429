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
}
