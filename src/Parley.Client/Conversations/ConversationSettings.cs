using System.Text.Json;
using Parley.Client.Api;
using Parley.Client.Users;

namespace Parley.Client.Conversations;

/// <summary>Whether someone mentioned this user since they looked; the protocol's numbers.</summary>
public enum MentionState
{
    None = 0,
    Me = 1,
    Everyone = 2,
    EveryoneAndMe = 3,
    Announcement = 4,
}

/// <summary>What a user set for a conversation of theirs, the same on every device.</summary>
/// <param name="IsPrivate">Messages are to be forgotten by the devices <paramref name="BurnAfter"/> they were read; for the application to honour.</param>
/// <param name="KeepFor">Devices drop what is older; null keeps it. For the application to honour.</param>
/// <param name="Extra">The application's text.</param>
public sealed record ConversationSettings(
    ReceiveOption Receive, bool IsPinned, bool IsPrivate, TimeSpan BurnAfter, MentionState Mention, TimeSpan? KeepFor, string Extra)
{
    public static readonly ConversationSettings Default = new(ReceiveOption.Notify, false, false, TimeSpan.Zero, MentionState.None, null, "");

    internal static ConversationSettings Read(JsonElement from) => new(
        (ReceiveOption)from.Small("recvMsgOpt"), from.Flag("isPinned"), from.Flag("isPrivateChat"), Seconds(from.Small("burnDuration")),
        (MentionState)from.Small("groupAtType"), from.Flag("isMsgDestruct") ? Seconds(from.Whole("msgDestructTime")) : null, from.Text("ex"));

    // A server's number must not make our own sums overflow.
    static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue));
}

/// <summary>What to change of a conversation's settings; null leaves it as it is.</summary>
public sealed record ConversationChange
{
    public ReceiveOption? Receive { get; init; }

    public bool? IsPinned { get; init; }

    /// <summary>Between two users it is set for both.</summary>
    public bool? IsPrivate { get; init; }

    public TimeSpan? BurnAfter { get; init; }

    public MentionState? Mention { get; init; }

    /// <summary>Zero keeps messages for good.</summary>
    public TimeSpan? KeepFor { get; init; }

    public string? Extra { get; init; }
}
