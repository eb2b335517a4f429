using Parley.Client.Api;
using Parley.Client.Messages;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Storage;

/// <summary>Between the protocol's message and ours.</summary>
static class StoredMessage
{
    // From here on a status means that this user is not to see the message.
    const int DeletedStatus = 4;

    public static MessageState StateOf(MsgData data) =>
        data.Status >= DeletedStatus ? MessageState.Deleted : data.ContentType == ContentTypes.Recalled ? MessageState.Recalled : MessageState.Sent;

    public static bool CountsAsUnread(MsgData data) => !data.Options.TryGetValue("unreadCount", out var counts) || counts;

    public static Message From(string conversation, MsgData data, MessageState state, int errorCode = 0) => new(
        conversation, data.Seq, data.ClientMsgID, data.ServerMsgID, data.SendID, data.RecvID, data.GroupID, data.ContentType,
        data.Content.ToStringUtf8(), JsonFields.At(data.SendTime != 0 ? data.SendTime : data.CreateTime), state, errorCode)
    {
        SenderName = data.SenderNickname,
        Mentions = [.. data.AtUserIDList],
        Extra = data.Ex,
    };
}
