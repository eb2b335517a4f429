using Parley.Core.Conversations;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Moves a user's mark in a conversation forward; a smaller sequence changes nothing, a larger one than exists is taken as the last (read) or the one after it (minimum).</summary>
/// <remarks>What was read is told to the peer and the reader's devices; a moved minimum to nobody.</remarks>
public sealed record MoveMark(long App, Actor Actor, UserNumber User, ConversationKey Conversation, MarkKind Kind, long Sequence) : Command(App, Actor);

/// <summary>Takes everything said so far out of a user's sight. The peer does not hear of it, not even as having been read.</summary>
/// <param name="TellsOwnDevices">Whether the user's devices hear of it.</param>
public sealed record ClearConversation(long App, Actor Actor, UserNumber User, ConversationKey Conversation, bool TellsOwnDevices) : Command(App, Actor);

/// <summary>Changes what a user set for a conversation of theirs. Whether messages are private is set for both peers.</summary>
public sealed record ChangeConversation(long App, Actor Actor, UserNumber User, ConversationKey Conversation, ConversationChange Change) : Command(App, Actor)
{
    public override bool IsRated => true;
}
