namespace Parley.Client;

/// <summary>A message as the local store holds it.</summary>
/// <param name="Sequence">Place in the conversation, from 1; 0 while an own message has not been numbered by the server, and for messages that are only handed over.</param>
/// <param name="ClientMessageId">32 hex digits made by the sender; with the sender it names the message before the server has numbered it.</param>
/// <param name="ServerMessageId">Empty until the server has accepted the message.</param>
/// <param name="RecipientId">A user, or empty in a group.</param>
/// <param name="GroupId">Empty between two users.</param>
/// <param name="ContentType">101 is text; the others are OpenIM's.</param>
/// <param name="Content">The JSON of the content type, unchanged.</param>
/// <param name="SentAt">The server's clock; the sender's while the message has not been sent.</param>
/// <param name="ErrorCode">Why the server declined; 0 unless <see cref="State"/> is <see cref="MessageState.Failed"/>.</param>
public sealed record Message(
    string ConversationId, long Sequence, string ClientMessageId, string ServerMessageId, string SenderId, string RecipientId, string GroupId,
    int ContentType, string Content, DateTimeOffset SentAt, MessageState State, int ErrorCode)
{
    /// <summary>What a text message says; null for any other content.</summary>
    public string? Text => ContentType == TextContent.ContentType ? TextContent.Read(Content) : null;
}

/// <summary>Numbers are written to the local store: add, never renumber.</summary>
public enum MessageState
{
    /// <summary>Own, in the local store, not yet acknowledged.</summary>
    Unsent = 1,

    /// <summary>Accepted by the server, or received from it.</summary>
    Sent = 2,

    /// <summary>Own, declined by the server for good.</summary>
    Failed = 3,

    /// <summary>A placeholder that keeps the sequence without a hole; never shown.</summary>
    Deleted = 4,
}
