namespace Parley.Client.Messages;

/// <summary>How a message is to be treated besides being delivered.</summary>
public sealed record SendOptions
{
    public static readonly SendOptions Default = new();

    /// <summary>Does not count as unread.</summary>
    public bool IsNotCounted { get; init; }

    /// <summary>No push to devices that are offline.</summary>
    public bool IsNotPushed { get; init; }

    /// <summary>To be forgotten by the devices after it was read; for their applications to honour.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>What a push says in the place of the message; null leaves it to the server.</summary>
    public string? PushTitle { get; init; }

    public string? PushText { get; init; }

    /// <summary>The application's text, handed over with the message.</summary>
    public string Extra { get; init; } = "";
}
