using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Storage;

/// <summary>Between the protocol's message and ours.</summary>
static class StoredMessage
{
    // From here on a status means that this user is not to see the message.
    const int DeletedStatus = 4;

    static readonly long MinMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    static readonly long MaxMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static MessageState StateOf(MsgData data) => data.Status >= DeletedStatus ? MessageState.Deleted : MessageState.Sent;

    public static Message From(string conversation, MsgData data, MessageState state, int errorCode = 0) => new(
        conversation, data.Seq, data.ClientMsgID, data.ServerMsgID, data.SendID, data.RecvID, data.GroupID, data.ContentType,
        data.Content.ToStringUtf8(), Time(data.SendTime != 0 ? data.SendTime : data.CreateTime), state, errorCode);

    static DateTimeOffset Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, MinMs, MaxMs));
}
