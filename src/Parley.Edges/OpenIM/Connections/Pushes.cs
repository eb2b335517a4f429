using Parley.Core.Sessions;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>Deliveries as frames. A delivery is encoded once per encoding, and the bytes are shared by all who get it.</summary>
static class Pushes
{
    static readonly int[] Slots = [.. Enumerable.Range(0, FrameEncoding.Count).Select(_ => Delivery.ReserveSlot())];

    public static byte[] Render(Delivery delivery, FrameEncoding encoding)
        => delivery.Rendered(Slots[encoding.Index], () => delivery switch
        {
            // The JavaScript SDK knows the echo of its own message by its operationID, and uses that of others in the calls that follow.
            MessageDelivery message => encoding.RenderPush(RequestName.Push(Requests.Push, message.Trace), ConversationIds.Peer(message.SenderId, message.ReceiverId),
                MessageTranslation.Write(message.Message, message.SenderId, message.ReceiverId, message.Sequence, message.Position, message.Time)),
            PresenceDelivery presence => encoding.Render(RequestName.Push(Requests.SubscribeOnlineStatus), Status(presence)),
            KickedDelivery => encoding.Render(RequestName.Push(Requests.Kicked), null),
            // Something this protocol has no word for; the client learns it when it syncs.
            _ => [],
        });

    static SubUserOnlineStatusTips Status(PresenceDelivery presence)
        => new() { Subscribers = { new SubUserOnlineStatusElem { UserID = presence.UserId, OnlinePlatformIDs = { presence.Platforms } } } };
}
