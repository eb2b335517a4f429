using Parley.Core.Conversations;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Moves a user's mark in a conversation forward; a smaller sequence changes nothing, a larger one than exists is taken as the last (read) or the one after it (minimum).</summary>
/// <param name="TellsOwnDevices">Whether the user's devices hear that the conversation was cleared (minimum); what was read is always told.</param>
public sealed record MoveMark(long App, Actor Actor, UserNumber User, ConversationKey Conversation, MarkKind Kind, long Sequence, bool TellsOwnDevices = false) : Command(App, Actor);

/// <summary>Changes what a user set for a conversation of theirs. Whether messages are private is set for both peers.</summary>
public sealed record ChangeConversation(long App, Actor Actor, UserNumber User, ConversationKey Conversation, ConversationChange Change) : Command(App, Actor)
{
    public override bool IsRated => true;
}
