using Parley.Client.Messages;

namespace Parley.Client;

/// <summary>A message as the local store holds it.</summary>
/// <param name="Sequence">Place in the conversation, from 1; 0 while an own message has not been numbered by the server, and for messages that are only handed over.</param>
/// <param name="ClientMessageId">32 hex digits made by the sender; with the sender it names the message before the server has numbered it.</param>
/// <param name="ServerMessageId">Empty until the server has accepted the message.</param>
/// <param name="RecipientId">A user, or empty in a group.</param>
/// <param name="GroupId">Empty between two users.</param>
/// <param name="ContentType">One of <see cref="ContentTypes"/>, or another of OpenIM's.</param>
/// <param name="Content">The JSON of the content type, unchanged.</param>
/// <param name="SentAt">The server's clock; the sender's while the message has not been sent.</param>
/// <param name="ErrorCode">Why the server declined; 0 unless <see cref="State"/> is <see cref="MessageState.Failed"/>.</param>
public sealed record Message(
    string ConversationId, long Sequence, string ClientMessageId, string ServerMessageId, string SenderId, string RecipientId, string GroupId,
    int ContentType, string Content, DateTimeOffset SentAt, MessageState State, int ErrorCode)
{
    /// <summary>As the server showed it with the message; often empty.</summary>
    public string SenderName { get; init; } = "";

    /// <summary>Users this message calls on; <see cref="MessageContent.Everyone"/> stands for all.</summary>
    public IReadOnlyList<string> Mentions { get; init; } = [];

    /// <summary>The application's text.</summary>
    public string Extra { get; init; } = "";

    /// <summary>What a message says whose content is text of any kind; null for any other content.</summary>
    public string? Text => ContentType switch
    {
        ContentTypes.Text or ContentTypes.Markdown => ContentJson.Text(Content, "content"),
        ContentTypes.Mention or ContentTypes.Quote or ContentTypes.RichText => ContentJson.Text(Content, "text"),
        _ => null,
    };

    /// <summary>Who took it back and when; null unless <see cref="State"/> is <see cref="MessageState.Recalled"/>.</summary>
    public Recall? Recall => Recall.Read(this);
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

    /// <summary>Taken back: shown as such, nothing of its content is left.</summary>
    Recalled = 5,
}
