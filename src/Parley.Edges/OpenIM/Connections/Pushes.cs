using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>Deliveries as frames. A delivery is encoded once per encoding, and the bytes are shared by all who get it.</summary>
sealed class Pushes(NoticeTranslation notices, OpenIMOptions options)
{
    static readonly int[] Slots = Reserve();

    /// <summary>For the one reader of a notice whom it is about, where it says something else to the others.</summary>
    static readonly int[] SlotsOfSubject = Reserve();

    public byte[] Render(Delivery delivery, FrameEncoding encoding, UserNumber reader)
    {
        if (delivery is NoticeDelivery notice && NoticeTranslation.DependsOnReader(notice.Notice) && NoticeTranslation.IsAbout(notice.Notice, reader))
            return delivery.Rendered(SlotsOfSubject[encoding.Index], () => Render(notice, encoding, isAboutReader: true));
        return delivery.Rendered(Slots[encoding.Index], () => delivery switch
        {
            // The JavaScript SDK knows the echo of its own message by its operationID, and uses that of others in the calls that follow.
            MessageDelivery message => encoding.RenderPush(RequestName.Push(Requests.Push, message.Trace), ConversationIds.Of(message.Conversation),
                MessageTranslation.Write(message, options.AdminUserId)),
            NoticeDelivery other => Render(other, encoding, isAboutReader: false),
            PresenceDelivery presence => encoding.Render(RequestName.Push(Requests.SubscribeOnlineStatus), Status(presence)),
            KickedDelivery => encoding.Render(RequestName.Push(Requests.Kicked), null),
            // Something this protocol has no word for; the client learns it when it syncs.
            _ => [],
        });
    }

    byte[] Render(NoticeDelivery delivery, FrameEncoding encoding, bool isAboutReader)
        => notices.Write(delivery.Notice, delivery.Sequence, delivery.Position, delivery.Time, isAboutReader) is var (conversationId, message)
            ? encoding.RenderPush(RequestName.Push(Requests.Push, delivery.Trace), conversationId, message, isNotification: true)
            : [];

    static SubUserOnlineStatusTips Status(PresenceDelivery presence)
        => new() { Subscribers = { new SubUserOnlineStatusElem { UserID = presence.UserId, OnlinePlatformIDs = { presence.Platforms } } } };

    static int[] Reserve() => [.. Enumerable.Range(0, FrameEncoding.Count).Select(_ => Delivery.ReserveSlot())];
}
