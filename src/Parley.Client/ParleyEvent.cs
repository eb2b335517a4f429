namespace Parley.Client;

/// <summary>What <see cref="ParleyClient.Events"/> tells.</summary>
public abstract record ParleyEvent
{
    ParleyEvent() { }

    /// <param name="Reason">Why a connection ended or an attempt failed; for people, not for decisions.</param>
    public sealed record ConnectionChanged(ConnectionState State, string? Reason) : ParleyEvent;

    /// <summary>The client compares its sequences with the server's; ends in <see cref="SyncEnded"/> or <see cref="SyncFailed"/>.</summary>
    public sealed record SyncBegan : ParleyEvent;

    /// <param name="Done">Sequences settled so far, of <paramref name="Total"/> in this round.</param>
    public sealed record SyncProcessing(long Done, long Total) : ParleyEvent;

    public sealed record SyncEnded : ParleyEvent;

    /// <summary>Repeated at the next connection, or with the next regular question for sequences.</summary>
    public sealed record SyncFailed(int Code, string Reason) : ParleyEvent;

    /// <summary>New messages of one conversation, ascending, already in the local store; online-only ones (sequence 0) come alone and are not stored.</summary>
    public sealed record MessagesReceived(string ConversationId, IReadOnlyList<Message> Messages) : ParleyEvent;

    /// <summary>An own message was accepted; told once more when its sequence becomes known after that.</summary>
    public sealed record MessageSent(Message Message) : ParleyEvent;

    /// <summary>The server declined an own message for good, with <see cref="Message.ErrorCode"/>.</summary>
    public sealed record MessageFailed(Message Message) : ParleyEvent;

    /// <summary>Another login took this one's place. The client has stopped.</summary>
    public sealed record Kicked : ParleyEvent;

    /// <summary>The token is of no more use (1501 to 1507). The client has stopped; open a new one with a fresh token.</summary>
    public sealed record TokenRefused(int Code, string Reason) : ParleyEvent;
}
