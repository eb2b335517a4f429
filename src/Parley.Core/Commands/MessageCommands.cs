using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Whom a message is for.</summary>
public readonly record struct Recipient(ConversationKind Kind, string Id)
{
    public static Recipient User(string id) => new(ConversationKind.Peer, id);

    public static Recipient Group(string id) => new(ConversationKind.Group, id);
}

/// <summary>Sends a message to a user or a group.</summary>
/// <param name="AllowSelf">Whether the sender's protocol knows messages to oneself.</param>
public sealed record SendMessage(long App, Actor Actor, Message Message, Recipient To, bool AllowSelf) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Tells a user's devices, or those of a group's members, something that only the application understands. For administrators.</summary>
/// <param name="SenderId">In whose name; empty for the administration's own.</param>
/// <param name="IsKept">Whether devices that are away find it later.</param>
public sealed record SendNotification(long App, Actor Actor, string SenderId, Recipient To, string Key, string Data, bool IsKept) : Command(App, Actor);

/// <summary>Takes a message back for everyone: its content is gone from every later read. The sender, who leads the group, and administrators may.</summary>
/// <param name="User">Who takes it back; ignored for an administrator's command, which needs none.</param>
/// <param name="Target">From <see cref="MessageReader.FindAsync"/>.</param>
public sealed record RecallMessage(long App, Actor Actor, UserNumber User, MessageTarget Target) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Gives a message other content. The sender and administrators may.</summary>
public sealed record EditMessage(long App, Actor Actor, UserNumber User, MessageTarget Target, ContentKind Kind, ReadOnlyMemory<byte> Body) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Deletes messages for everyone. Who may recall each of them may. What is gone already is no fault.</summary>
/// <param name="Targets">Of one conversation; at most <see cref="CoreOptions.MaxMessagesPerCommand"/>.</param>
public sealed record DeleteMessages(long App, Actor Actor, UserNumber User, IReadOnlyList<MessageTarget> Targets) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Hides messages from the user alone. What is hidden already, or was never there, is no fault.</summary>
/// <param name="Sequences">At most <see cref="CoreOptions.MaxMessagesPerCommand"/>.</param>
/// <param name="TellsOwnDevices">Whether the user's other devices hear of it.</param>
public sealed record HideMessages(long App, Actor Actor, UserNumber User, ConversationKey Conversation, IReadOnlyList<long> Sequences, bool TellsOwnDevices) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Adds a reaction of the user to a message, or takes it back. Whoever can see the message may.</summary>
/// <param name="Reaction">Usually an emoji; at most 32 bytes.</param>
public sealed record React(long App, Actor Actor, UserNumber User, MessageTarget Target, string Reaction, bool IsRemoved) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Pins a message for everyone in the conversation, or unpins it. In a group its owner and administrators may, between peers both.</summary>
public sealed record PinMessage(long App, Actor Actor, UserNumber User, MessageTarget Target, bool IsPinned) : Command(App, Actor)
{
    public override bool IsRated => true;
}
