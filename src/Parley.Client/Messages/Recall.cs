using System.Text.Json.Nodes;
using Google.Protobuf;
using Parley.Client.Api;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Messages;

/// <summary>A message was taken back.</summary>
/// <param name="ByUserId">Its sender, someone who leads the group, or an administrator.</param>
public sealed record Recall(string ConversationId, long Sequence, string ByUserId, DateTimeOffset At)
{
    /// <summary>What the server gives from now on in the message's place, as far as it is known here.</summary>
    internal MsgData LeftOf(MsgData message)
    {
        var left = message.Clone();
        left.ContentType = ContentTypes.Recalled;
        left.Content = ByteString.CopyFrom(ContentJson.Write(new JsonObject
        {
            ["detail"] = new JsonObject
            {
                ["revokerID"] = ByUserId,
                ["clientMsgID"] = message.ClientMsgID,
                ["revokeTime"] = At.ToUnixTimeMilliseconds(),
                ["sourceMessageSendTime"] = message.SendTime,
                ["sourceMessageSendID"] = message.SendID,
                ["sessionType"] = message.SessionType,
                ["seq"] = message.Seq,
            }.ToJsonString(),
        }));
        left.AtUserIDList.Clear();
        (left.OfflinePushInfo, left.AttachedInfo, left.Ex) = (null, "", "");
        return left;
    }

    internal static Recall? Read(Message message)
    {
        if (message.State != MessageState.Recalled) return null;
        try
        {
            var detail = ContentJson.Inner(message.Content, "detail");
            return new Recall(message.ConversationId, message.Sequence, detail.Text("revokerID"), detail.Time("revokeTime") ?? message.SentAt);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException) { return new Recall(message.ConversationId, message.Sequence, "", message.SentAt); }
    }
}
