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
