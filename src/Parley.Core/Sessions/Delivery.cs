using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Users;

namespace Parley.Core.Sessions;

/// <summary>What devices should be told. One object is shared by all recipients.</summary>
public abstract class Delivery : Outgoing
{
    static int _slots;
    readonly Lock _gate = new();
    object?[]? _rendered;

    /// <summary>Gives an edge a place of its own for one rendering of every delivery. Called once per encoding, at type initialisation.</summary>
    public static int ReserveSlot() => Interlocked.Increment(ref _slots) - 1;

    /// <summary>Encodes once and shares the result. Both sides of a conversation are woken together, so the second waits for the first rather than doing the same.</summary>
    public T Rendered<T>(int slot, Func<T> render) where T : class
    {
        if (_rendered?[slot] is T present) return present;
        lock (_gate)
        {
            var rendered = _rendered ?? new object?[_slots];
            var result = (T)(rendered[slot] ??= render());
            Volatile.Write(ref _rendered, rendered);
            return result;
        }
    }
}

/// <summary>A message for everyone in its conversation.</summary>
/// <param name="sequence">Its sequence in the conversation; 0 for a transient one, which is kept nowhere.</param>
/// <param name="position">Its place in the log; 0 for a transient one.</param>
/// <param name="time">Record time, µs.</param>
/// <param name="senderId">The sender's user id.</param>
/// <param name="trace">The sender's name for its request; empty when there was none.</param>
public sealed class MessageDelivery(Message message, ConversationName conversation, long sequence, long position, long time, string senderId, string trace) : Delivery
{
    public Message Message { get; } = message;
    public ConversationName Conversation { get; } = conversation;
    public long Sequence { get; } = sequence;
    public long Position { get; } = position;
    public long Time { get; } = time;
    public string SenderId { get; } = senderId;
    public string Trace { get; } = trace;
    public override int Size { get; } = 128 + message.Size + (2 * trace.Length);
}

/// <summary>The session's token was revoked: tell the device and close.</summary>
public sealed class KickedDelivery : Delivery
{
    public override int Size => 32;
}

/// <summary>The platforms a watched user is now online with; empty means offline.</summary>
public sealed class PresenceDelivery(UserNumber user, string userId, IReadOnlyList<int> platforms) : Delivery
{
    public UserNumber User { get; } = user;
    public string UserId { get; } = userId;
    public IReadOnlyList<int> Platforms { get; } = platforms;
    public override int Size => 64 + (4 * Platforms.Count);
}
