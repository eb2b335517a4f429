using System.Text;
using Parley.Core.Commands;
using Parley.Core.Messages;
using Parley.Core.Sessions;

namespace Parley.Simulation;

/// <summary>Messages as they were shown, from the several places that show them.</summary>
static class ShownMessages
{
    public static ShownMessage Of(Message message, UserName from, Recipient to, long position, long sequence, long time)
        => new(new SendName(from, to, message.ClientId), Encoding.UTF8.GetString(message.Body.Span), position, sequence, time, message.Kind == ContentKind.Event);

    public static ShownMessage Of(long app, MessageDelivery delivery)
    {
        var to = delivery.Conversation.IsGroup ? Recipient.Group(delivery.Conversation.First) : Recipient.User(delivery.Conversation.PeerOf(delivery.SenderId));
        return Of(delivery.Message, new UserName(app, delivery.SenderId), to, delivery.Position, delivery.Sequence, delivery.Time);
    }
}
