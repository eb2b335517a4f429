using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>Between OpenIM's <c>MsgData</c> and Parley's message.</summary>
static class MessageTranslation
{
    public const int FromUser = 100;
    public const int FromSystem = 200;
    public const int Sent = 2;

    /// <summary>For the reader: clients keep it as a placeholder.</summary>
    public const int Deleted = 4;

    /// <summary>Stands for content that a back end saved and only back ends read.</summary>
    static readonly byte[] Unshowable = Encoding.UTF8.GetBytes("[A message that this app can't show]");

    /// <param name="platform">Of the connection: what the message claims is not trusted.</param>
    /// <param name="fault">Why not; null when the message was read.</param>
    public static Message? Read(MsgData data, UserNumber sender, int platform, out string? fault)
    {
        var kind = ContentTypes.KindOf(data.ContentType);
        fault = kind == ContentKind.None ? "this contentType is not offered"
            : data.ContentType == ContentTypes.SystemNotice && data.MsgFrom != FromSystem ? "this contentType is for back ends"
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
        if (data.MsgFrom == FromSystem) traits |= MessageTraits.System;
        var leftover = new MsgData();
        if (ContentTypes.Of(kind) != data.ContentType) leftover.ContentType = data.ContentType;
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

    /// <param name="administratorId">What the administration is called in this protocol.</param>
    public static MsgData Write(MessageDelivery delivery, string administratorId)
        => Write(delivery.Message, delivery.Conversation, delivery.SenderId, delivery.Sequence, delivery.Position, delivery.Time, administratorId);

    /// <summary>As it stands in the history now: what was recalled says so, what was deleted is a <see cref="Placeholder"/>.</summary>
    public static MsgData Write(StoredMessage stored, string administratorId)
    {
        if (stored.IsDeleted) return Placeholder(stored.Conversation, Shown(stored.SenderId, administratorId), stored.Sequence, stored.Time, stored.Message.ClientId);
        if (stored.Recall is not { } recall) return Write(stored.Message, stored.Conversation, stored.SenderId, stored.Sequence, stored.Position, stored.Time, administratorId);

        var data = new MsgData
        {
            ClientMsgID = recall.ClientId,
            ServerMsgID = ServerId(stored.Position, recall.ClientId),
            SenderPlatformID = stored.Message.Platform,
            SenderNickname = recall.SenderNickname,
            MsgFrom = FromSystem,
            ContentType = NotificationTypes.Recalled,
            Content = Content.Detail(Revoked(recall, stored.Conversation, administratorId)),
            Seq = stored.Sequence,
            SendTime = Milliseconds(stored.Time),
            CreateTime = stored.Message.CreatedAt,
            Status = Sent,
        };
        Address(data, stored.Conversation, Shown(stored.SenderId, administratorId));
        return data;
    }

    /// <summary>Stands in a history for what can't be shown, so that no sequence is missing.</summary>
    /// <param name="senderId">Who sent it, or the peer when that is not known; empty in a group.</param>
    /// <param name="time">Record time, µs; 0 when it is not known. SDKs page by time: without it they find the placeholder at the far end and a hole in its place, and ask for it for ever.</param>
    /// <param name="clientId">Of the message, when it is still known.</param>
    public static MsgData Placeholder(ConversationName conversation, string senderId, long sequence, long time = 0, string clientId = "")
    {
        var data = new MsgData
        {
            // SDKs keep messages by client id, so that of a placeholder must be its own and the same each time.
            ClientMsgID = clientId.Length > 0 ? clientId
                : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ConversationIds.Of(conversation)}/{sequence}")).AsSpan(0, 16)),
            Seq = sequence,
            SendTime = Milliseconds(time),
            CreateTime = Milliseconds(time),
            Status = Deleted,
        };
        Address(data, conversation, senderId);
        return data;
    }

    static MsgData Write(Message message, ConversationName conversation, string senderId, long sequence, long position, long time, string administratorId)
    {
        var data = Origin.Read(message.Origin);
        Address(data, conversation, Shown(senderId, administratorId));
        data.ClientMsgID = message.ClientId;
        data.ServerMsgID = ServerId(position, message.ClientId);
        data.SenderPlatformID = message.Platform;
        data.SenderNickname = message.SenderNickname;
        data.SenderFaceURL = message.SenderFaceUrl;
        data.MsgFrom = message.Traits.HasFlag(MessageTraits.System) ? FromSystem : FromUser;
        data.Seq = sequence;
        data.SendTime = Milliseconds(time);
        data.CreateTime = message.CreatedAt;
        data.Status = Sent;
        MessageOptions.Write(message.Traits, data.Options);
        if (message.Kind == ContentKind.Event) return WriteEvent(data, message, conversation, time, administratorId);

        if (message.Kind == ContentKind.Raw)
        {
            // Clients hand custom content to their application, which would find bytes it never heard of.
            (data.ContentType, data.Content) = (ContentTypes.Text, Content.Write(ContentKind.Text, Unshowable));
            return data;
        }

        // The origin's type is of the content as it was sent; an edit may have made it another kind.
        if (ContentTypes.KindOf(data.ContentType) != message.Kind) data.ContentType = ContentTypes.Of(message.Kind);
        data.Content = Content.Write(message.Kind, message.Body);
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

    static MsgData WriteEvent(MsgData data, Message message, ConversationName conversation, long time, string administratorId)
    {
        if (EventTips.Write(message.Body.Span, conversation, time, administratorId) is not { } notification)
            return Placeholder(conversation, data.SendID, data.Seq, time, data.ClientMsgID);
        data.ContentType = notification.ContentType;
        data.Content = Content.Detail(notification.Tips);
        if (conversation.IsGroup) data.RecvID = conversation.First;
        return data;
    }

    static void Address(MsgData data, ConversationName conversation, string senderId)
    {
        data.SendID = senderId;
        data.SessionType = SessionTypes.Of(conversation);
        if (conversation.IsGroup) data.GroupID = conversation.First;
        else data.RecvID = conversation.PeerOf(senderId);
    }

    /// <summary><c>MessageRevokedContent</c>.</summary>
    static object Revoked(Recall recall, ConversationName conversation, string administratorId) => new
    {
        RevokerID = Shown(recall.RevokerId, administratorId),
        RevokerRole = recall.RevokerRole == GroupRole.None ? 0 : GroupObjects.LevelOf(recall.RevokerRole),
        ClientMsgID = recall.ClientId,
        recall.RevokerNickname,
        RevokeTime = Milliseconds(recall.RecalledAt),
        SourceMessageSendTime = Milliseconds(recall.SentAt),
        SourceMessageSendID = Shown(recall.SenderId, administratorId),
        SourceMessageSenderNickname = recall.SenderNickname,
        SessionType = SessionTypes.Of(conversation),
        Seq = recall.Sequence,
        Ex = "",
    };

    static string Shown(string userId, string administratorId) => userId.Length == 0 ? administratorId : userId;

    /// <summary>The log position as text. A message that is kept nowhere has none: it goes by its client id.</summary>
    public static string ServerId(long position, string clientId) => position == 0 ? clientId : position.ToString(CultureInfo.InvariantCulture);

    public static long Milliseconds(long microseconds) => microseconds / 1_000;

    /// <summary>The present, in µs as records count.</summary>
    public static long Microseconds(DateTimeOffset moment) => (moment.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
