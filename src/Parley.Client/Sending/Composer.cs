using Google.Protobuf;
using Parley.Client.Messages;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Sending;

/// <summary>Makes the protocol's message out of what the application wants to say.</summary>
sealed class Composer(ParleyClientOptions options)
{
    const int FromUser = 100;

    // A missing key means true.
    static readonly string[] OnlineOnly = ["history", "persistent", "senderSync", "conversationUpdate", "senderConversationUpdate", "unreadCount", "offlinePush"];

    /// <exception cref="ArgumentException">Too long, or for nobody.</exception>
    public MsgData Compose(Recipient to, MessageContent content, SendOptions how)
    {
        if (to == default) throw new ArgumentException("A message needs a recipient.", nameof(to));
        if (content.Json.Length > options.MaxContentBytes)
            throw new ArgumentException($"The content takes {content.Json.Length} bytes; {options.MaxContentBytes} are allowed (MaxContentBytes).", nameof(content));
        var message = new MsgData
        {
            SendID = options.UserId,
            RecvID = to.UserId,
            GroupID = to.GroupId,
            ClientMsgID = Guid.NewGuid().ToString("N"),
            SenderPlatformID = options.Platform,
            SessionType = to.Session,
            MsgFrom = FromUser,
            ContentType = content.ContentType,
            Content = UnsafeByteOperations.UnsafeWrap(content.Json),
            CreateTime = options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds(),
            Status = (int)MessageState.Unsent,
            AtUserIDList = { content.Mentions },
            Ex = how.Extra,
        };
        if (how.IsNotCounted) message.Options["unreadCount"] = false;
        if (how.IsNotPushed) message.Options["offlinePush"] = false;
        if (how.IsPrivate) message.Options["notPrivate"] = false;
        if (how.PushTitle is not null || how.PushText is not null)
            message.OfflinePushInfo = new OfflinePushInfo { Title = how.PushTitle ?? "", Desc = how.PushText ?? "" };
        return message;
    }

    public MsgData ComposeOnlineOnly(Recipient to, MessageContent content)
    {
        var message = Compose(to, content, SendOptions.Default);
        foreach (var key in OnlineOnly) message.Options[key] = false;
        return message;
    }
}
