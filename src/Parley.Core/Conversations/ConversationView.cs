using Parley.Core.Messages;
using Parley.Core.Users;

namespace Parley.Core.Conversations;

/// <summary>Per user and conversation marks. On disk: add, never renumber.</summary>
public enum MarkKind
{
    None = 0,

    /// <summary>Everything up to this sequence was read.</summary>
    Read = 1,

    /// <summary>The first sequence the user can still see; what lies below was cleared.</summary>
    Minimum = 2,
}

/// <summary>A conversation as one of its users sees it.</summary>
/// <param name="Last">Last sequence they can see; 0 when nothing was said yet. Who has left a group does not see on.</param>
/// <param name="LastTime">Record time of the conversation's last message, µs.</param>
/// <param name="Read">The user's read mark.</param>
/// <param name="Minimum">First sequence the user can see; at least 1.</param>
/// <param name="Unread">Messages beyond the mark that count: none that was recalled, deleted, hidden by the user or never meant to count.</param>
/// <param name="HasLeft">The user is no longer in the group.</param>
public readonly record struct ConversationView(ConversationName Name, UserNumber User, long Last, long LastTime, long Read, long Minimum, long Unread, bool HasLeft)
{
    public ConversationKey Key => Name.Key;

    public ConversationSettings Settings { get; init; } = ConversationSettings.Default;

    /// <summary>Whether the user is meant by what they have not read, nor said to have seen.</summary>
    public MentionState Mention { get; init; }
}

/// <summary>What a user set for a conversation of theirs. Text is the application's and not interpreted.</summary>
public sealed record ConversationSettings
{
    public static readonly ConversationSettings Default = new();

    public ReceiveOption Receive { get; init; }
    public bool IsPinned { get; init; }

    /// <summary>Messages are to be forgotten by the devices <see cref="BurnSeconds"/> after they were read.</summary>
    public bool IsPrivate { get; init; }
    public int BurnSeconds { get; init; }

    /// <summary>Mentions up to this sequence were seen.</summary>
    public long MentionsSeen { get; init; }
    public string Attached { get; init; } = "";
    public string Extra { get; init; } = "";

    /// <summary>Devices drop what is older, in s.</summary>
    public long DestructSeconds { get; init; }
    public bool IsDestructing { get; init; }
}

/// <summary>How a user wants to hear of messages. On disk: add, never renumber.</summary>
public enum ReceiveOption : byte
{
    Notify = 0,

    /// <summary>Not at all.</summary>
    Refuse = 1,

    /// <summary>Delivered, without a sound.</summary>
    Silent = 2,
}

/// <summary>What to change of a conversation's settings; null leaves it as it is.</summary>
public sealed record ConversationChange
{
    public ReceiveOption? Receive { get; init; }
    public bool? IsPinned { get; init; }
    public bool? IsPrivate { get; init; }
    public int? BurnSeconds { get; init; }

    /// <summary>The user has seen the mentions there are.</summary>
    public bool SeesMentions { get; init; }
    public string? Attached { get; init; }
    public string? Extra { get; init; }
    public long? DestructSeconds { get; init; }
    public bool? IsDestructing { get; init; }

    /// <param name="last">The last sequence of the conversation.</param>
    internal ConversationSettings On(ConversationSettings settings, long last) => settings with
    {
        Receive = Receive ?? settings.Receive,
        IsPinned = IsPinned ?? settings.IsPinned,
        IsPrivate = IsPrivate ?? settings.IsPrivate,
        BurnSeconds = BurnSeconds ?? settings.BurnSeconds,
        MentionsSeen = SeesMentions ? last : settings.MentionsSeen,
        Attached = Attached ?? settings.Attached,
        Extra = Extra ?? settings.Extra,
        DestructSeconds = DestructSeconds ?? settings.DestructSeconds,
        IsDestructing = IsDestructing ?? settings.IsDestructing,
    };
}
