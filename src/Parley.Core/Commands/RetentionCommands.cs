using Parley.Core.Conversations;

namespace Parley.Core.Commands;

/// <summary>Takes everything up to a message from everybody who has a part in a conversation, for good; soon the bytes leave the log too. What was cut before stays so. For administrators.</summary>
/// <param name="UpTo">What was not sent yet is left out.</param>
public sealed record CutConversation(long App, Actor Actor, ConversationKey Conversation, long UpTo) : Command(App, Actor)
{
    /// <summary>All of it was sent before this time, µs; 0 when that is not known. A cut that knows costs the writer less.</summary>
    public long SentBefore { get; init; }

    /// <summary>Whether devices hear of it.</summary>
    public bool TellsDevices { get; init; }
}
