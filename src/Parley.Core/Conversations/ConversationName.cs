namespace Parley.Core.Conversations;

/// <summary>A conversation with the ids that edges write it by; taken from the state, so that writing needs none.</summary>
/// <param name="First">Of a peer conversation the id of <see cref="ConversationKey.First"/>; of a group's the group's id.</param>
/// <param name="Second">Of a peer conversation the id of <see cref="ConversationKey.Second"/>; else empty.</param>
/// <param name="IsSystem">One of the two is an account that speaks for the system.</param>
public readonly record struct ConversationName(ConversationKey Key, string First, string Second = "", bool IsSystem = false)
{
    public bool IsGroup => Key.Kind == ConversationKind.Group;

    public string PeerOf(string userId) => First == userId ? Second : First;
}
