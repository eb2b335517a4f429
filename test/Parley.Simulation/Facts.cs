using Parley.Core.Commands;
using Parley.Core.Conversations;

namespace Parley.Simulation;

enum Fate
{
    /// <summary>No answer, or "unknown": wholly there or wholly absent.</summary>
    Open,
    Accepted,
    Refused,
}

/// <summary>A user by what clients know them by.</summary>
readonly record struct UserName(long App, string Id);

/// <summary>What makes a repeat a repeat.</summary>
readonly record struct SendName(UserName Sender, Recipient To, string ClientId)
{
    const char WithheldMark = '-';

    /// <summary>The sender does not want it on their own devices. Said by the id, so that every repeat says the same.</summary>
    public bool IsWithheld => ClientId[0] == WithheldMark;

    public static string ClientIdOf(string id, bool isWithheld) => isWithheld ? WithheldMark + id : id;
}

readonly record struct MarkName(UserName User, Recipient To, MarkKind Kind);

/// <summary>A conversation by the ids of its users, the smaller one first, or by its group's.</summary>
readonly record struct ConversationId(long App, ConversationKind Kind, string First, string Second)
{
    public static ConversationId Of(UserName user, Recipient to)
        => to.Kind == ConversationKind.Group ? new(user.App, to.Kind, to.Id, "")
            : string.CompareOrdinal(user.Id, to.Id) < 0 ? new(user.App, to.Kind, user.Id, to.Id) : new(user.App, to.Kind, to.Id, user.Id);
}

/// <summary>A message with the numbers it was shown with: to its sender by the ack, to others by a delivery or a read.</summary>
/// <param name="IsEvent">The server said it, on account of a command that somebody sent.</param>
sealed record ShownMessage(SendName Name, string Body, long Position, long Sequence, long Time, bool IsEvent = false);

/// <summary>One try to send; a repeat is another one under the same name.</summary>
sealed class SendAttempt(SendName name, string body)
{
    public SendName Name { get; } = name;
    public string Body { get; } = body;
    public Fate Fate { get; set; }
}

/// <summary>Everything tried under one name.</summary>
sealed class SendFacts
{
    public List<SendAttempt> Attempts { get; } = [];
    public ShownMessage? Answer { get; set; }

    /// <summary>Bodies that were refused because the name stood for another one.</summary>
    public HashSet<string> Reused { get; } = [];
}

/// <summary>What was known of a user's view of a conversation when it was asked for.</summary>
readonly record struct ViewFloor(long Last, long Read, long Minimum);

sealed class MarkFacts
{
    /// <summary>The mark was answered or shown at least here.</summary>
    public long Floor { get; set; }

    /// <summary>Nobody asked for more than this.</summary>
    public long Ceiling { get; set; }
}

/// <summary>Users registered by one command: all of them or none.</summary>
sealed class Registration(long app, string[] ids)
{
    public long App { get; } = app;
    public string[] Ids { get; } = ids;
    public bool IsKept { get; set; }

    /// <summary>Attempts that were not refused.</summary>
    public int Possible { get; set; }

    public static string NicknameOf(string id) => id.ToUpperInvariant();
}

sealed class TokenFacts(UserName user, int platform)
{
    public UserName User { get; } = user;
    public int Platform { get; } = platform;
    public bool IsKept { get; set; }
    public bool IsKicked { get; set; }
    public bool MayBeKicked { get; set; }

    /// <summary>Attempts that were not refused.</summary>
    public int Possible { get; set; }
}

/// <summary>What one session was told, in order.</summary>
sealed class SessionFacts(UserName user)
{
    public UserName User { get; } = user;

    /// <summary>Decision time of its opening; null while that is unknown.</summary>
    public long? OpenedAt { get; set; }

    /// <summary>Decision time of its closing by its owner; null until then.</summary>
    public long? ClosedAt { get; set; }

    /// <summary>Overflowed, kicked or cut off by a crash: what was delivered is a beginning of what there was.</summary>
    public bool IsCutOff { get; set; }
    public List<ShownMessage> Delivered { get; } = [];

    /// <summary>Notices that are kept: their record, and their sequence in a feed of notices.</summary>
    public List<(long Position, long Sequence)> Notices { get; } = [];

    /// <summary>Answers that came through the outbox: how many deliveries came before, and the position answered.</summary>
    public List<(int DeliveredBefore, long Position)> Answers { get; } = [];
}
