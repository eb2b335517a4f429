using Parley.Core.Conversations;
using Parley.Core.Users;

namespace Parley.Core.Messages;

/// <summary>A message that is in the log, with what rules ask of it. Only <see cref="MessageReader"/> makes one, so a command that carries it can be believed.</summary>
public sealed record MessageTarget
{
    internal MessageTarget(ConversationKey conversation, long sequence, long position, long sentAt, UserNumber sender, string clientId, string senderNickname)
        => (Conversation, Sequence, Position, SentAt, Sender, ClientId, SenderNickname) = (conversation, sequence, position, sentAt, sender, clientId, senderNickname);

    public ConversationKey Conversation { get; }
    public long Sequence { get; }
    public long Position { get; }

    /// <summary>Record time, µs.</summary>
    public long SentAt { get; }
    public UserNumber Sender { get; }
    public string ClientId { get; }
    public string SenderNickname { get; }
}
