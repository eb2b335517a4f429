using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>Parley's notices as OpenIM's notifications: a <c>MsgData</c> whose content is <c>{"detail":"…"}</c>, the tips object as JSON inside JSON.</summary>
/// <param name="versionId">Under which clients keep list versions.</param>
/// <param name="administratorId">What the administration is called in this protocol.</param>
sealed class NoticeTranslation(string versionId, string administratorId)
{
    readonly GroupTips _groups = new(versionId, administratorId);
    readonly ContactTips _contacts = new(administratorId);
    readonly MessageTips _messages = new(administratorId);

    /// <summary>The same notice says different things to its two kinds of readers.</summary>
    public static bool DependsOnReader(Notice notice) => notice is ApplicationNotice { Event: ApplicationEvent.Accepted or ApplicationEvent.Refused };

    /// <summary>Whom an application is about; others hear of it because they lead the group.</summary>
    public static bool IsAbout(Notice notice, Core.Users.UserNumber reader) => notice is ApplicationNotice application && application.Application.User.Number == reader;

    /// <param name="sequence">In the feed of notices; 0 when it is kept in none.</param>
    /// <param name="time">Record time, µs.</param>
    /// <param name="isAboutReader">Matters where <see cref="DependsOnReader"/>.</param>
    /// <returns>Null for what this protocol has no word for; clients learn of it when they sync.</returns>
    public (string ConversationId, MsgData Message)? Write(Notice notice, long sequence, long position, long time, bool isAboutReader = true)
    {
        Notification? notification = notice switch
        {
            GroupNotice group => _groups.Write(group, time),
            ApplicationNotice application => _groups.Write(application, isAboutReader),
            ContactNotice contact => _contacts.Write(contact, time),
            ProfileNotice profile => ContactTips.Write(profile),
            ConversationNotice conversation => ConversationTips.Write(conversation, administratorId),
            ReadNotice read => ConversationTips.Write(read),
            RecallNotice recall => _messages.Write(recall),
            DeletionNotice deletion => _messages.Write(deletion),
            EditNotice edit => _messages.Write(edit, time),
            ReactionNotice reaction => _messages.Write(reaction),
            PinNotice pin => _messages.Write(pin),
            CustomNotice custom => _messages.Write(custom),
            _ => null,
        };
        return notification is null ? null : (notification.ConversationId, Write(notification, sequence, position, time));
    }

    /// <summary>Stands in a feed of notices for what can't be shown, so that no sequence is missing: clients pass over types they don't know.</summary>
    public static MsgData Placeholder(string conversationId, long sequence, long time) => new()
    {
        ClientMsgID = IdOf($"{conversationId}/{sequence}"),
        Seq = sequence,
        MsgFrom = MessageTranslation.FromSystem,
        SendTime = MessageTranslation.Milliseconds(time),
        Status = MessageTranslation.Deleted,
    };

    static MsgData Write(Notification notification, long sequence, long position, long time)
    {
        var id = IdOf(string.Create(CultureInfo.InvariantCulture,
            $"{notification.ConversationId}/{notification.ContentType}/{notification.SenderId}/{position}/{sequence}/{time}"));
        var data = new MsgData
        {
            SendID = notification.SenderId,
            RecvID = notification.ReceiverId,
            GroupID = notification.SessionType == SessionTypes.Group ? notification.ReceiverId : "",
            ClientMsgID = id,
            ServerMsgID = MessageTranslation.ServerId(position, id),
            SenderPlatformID = Platforms.Administration,
            SessionType = notification.SessionType,
            MsgFrom = MessageTranslation.FromSystem,
            ContentType = notification.ContentType,
            Content = Content.Detail(notification.Tips),
            Seq = sequence,
            SendTime = MessageTranslation.Milliseconds(time),
            CreateTime = MessageTranslation.Milliseconds(time),
            Status = MessageTranslation.Sent,
            Options = { [MessageOptions.IsNotNotification] = false },
        };
        if (sequence == 0) data.Options[MessageOptions.History] = false;
        return data;
    }

    static string IdOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
