using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Core.Messages;
using Parley.Core.Users;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>Between OpenIM's <c>MsgData</c> and Parley's message.</summary>
static class MessageTranslation
{
    public const int PeerSession = 1;
    public const int FromUser = 100;
    public const int FromSystem = 200;
    const int Sent = 2;
    const int Deleted = 4;

    /// <param name="platform">Of the connection: what the message claims is not trusted.</param>
    /// <param name="fault">Why not; null when the message was read.</param>
    public static Message? Read(MsgData data, UserNumber sender, int platform, out string? fault)
    {
        var kind = ContentTypes.KindOf(data.ContentType);
        fault = kind == ContentKind.None ? "this contentType is not offered"
            : MessageOptions.ClaimsNotification(data.Options) ? "notifications come from the server"
            : null;
        if (fault is not null) return null;
        if (Content.Read(kind, data.Content.Span) is not { } body)
        {
            fault = "content is not what its contentType wants";
            return null;
        }

        var traits = MessageOptions.Read(data.Options);
        if (kind == ContentKind.Typing) traits |= MessageTraits.Transient;
        var leftover = new MsgData();
        if (ContentTypes.Of(kind) != data.ContentType) leftover.ContentType = data.ContentType;
        if (data.MsgFrom == FromSystem) leftover.MsgFrom = FromSystem;
        MessageOptions.CopyPassedThrough(data.Options, leftover.Options);
        if (data.OfflinePushInfo?.SignalInfo is { Length: > 0 } signal) leftover.OfflinePushInfo = new OfflinePushInfo { SignalInfo = signal };

        return new Message(sender, data.ClientMsgID, kind, body, data.CreateTime, platform)
        {
            Traits = traits,
            SenderNickname = data.SenderNickname,
            SenderFaceUrl = data.SenderFaceURL,
            Mentions = data.AtUserIDList.Count == 0 ? [] : [.. data.AtUserIDList],
            Attached = data.AttachedInfo,
            Extra = data.Ex,
            Push = data.OfflinePushInfo is { } push ? new PushText(push.Title, push.Desc, push.Ex, push.IOSPushSound, push.IOSBadgeCount) : null,
            Origin = Origin.Write(leftover),
        };
    }

    /// <param name="position">0 for a message that is kept nowhere.</param>
    /// <param name="time">Record time, µs.</param>
    public static MsgData Write(Message message, string senderId, string receiverId, long sequence, long position, long time)
    {
        var data = Origin.Read(message.Origin);
        data.SendID = senderId;
        data.RecvID = receiverId;
        data.ClientMsgID = message.ClientId;
        data.ServerMsgID = ServerId(position, message.ClientId);
        data.SenderPlatformID = message.Platform;
        data.SenderNickname = message.SenderNickname;
        data.SenderFaceURL = message.SenderFaceUrl;
        data.SessionType = PeerSession;
        if (data.MsgFrom == 0) data.MsgFrom = FromUser;
        if (data.ContentType == 0) data.ContentType = ContentTypes.Of(message.Kind);
        data.Content = Content.Write(message.Kind, message.Body);
        data.Seq = sequence;
        data.SendTime = Milliseconds(time);
        data.CreateTime = message.CreatedAt;
        data.Status = Sent;
        MessageOptions.Write(message.Traits, data.Options);
        data.AtUserIDList.AddRange(message.Mentions);
        data.AttachedInfo = message.Attached;
        data.Ex = message.Extra;
        if (message.Push is not { } push) return data;

        data.OfflinePushInfo ??= new OfflinePushInfo();
        data.OfflinePushInfo.Title = push.Title;
        data.OfflinePushInfo.Desc = push.Text;
        data.OfflinePushInfo.Ex = push.Extra;
        data.OfflinePushInfo.IOSPushSound = push.Sound;
        data.OfflinePushInfo.IOSBadgeCount = push.Badge;
        return data;
    }

    /// <summary>Stands in a history for what can't be shown, so that no sequence is missing.</summary>
    public static MsgData Placeholder(string conversationId, string peerId, long sequence) => new()
    {
        // SDKs keep messages by client id, so that of a placeholder must be its own and the same each time.
        ClientMsgID = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{conversationId}/{sequence}")).AsSpan(0, 16)),
        SendID = peerId,
        SessionType = PeerSession,
        Seq = sequence,
        Status = Deleted,
    };

    /// <summary>The log position as text. A message that is kept nowhere has none: it goes by its client id.</summary>
    public static string ServerId(long position, string clientId) => position == 0 ? clientId : position.ToString(CultureInfo.InvariantCulture);

    public static long Milliseconds(long microseconds) => microseconds / 1_000;

    /// <summary>The present, in µs as records count.</summary>
    public static long Microseconds(DateTimeOffset moment) => (moment.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
