using Parley.Core.Groups;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Conversations;

/// <summary>Conversation kinds; the number is part of feed ids on disk.</summary>
public enum ConversationKind
{
    None = 0,
    Peer = 1,
    Group = 2,
}

/// <summary>A conversation inside one app: its kind and the numbers of who is in it.</summary>
public readonly record struct ConversationKey(FeedId Feed)
{
    /// <summary>The conversation of two users, or of one with itself; the same for both sides.</summary>
    public static ConversationKey Peer(UserNumber one, UserNumber other)
        => new(FeedIds.Peer(Math.Min(one.Value, other.Value), Math.Max(one.Value, other.Value)));

    public static ConversationKey Of(GroupNumber group) => new(FeedIds.Group(group));

    public ConversationKind Kind => FeedIds.KindOf(Feed);

    /// <summary>Of a peer conversation: the user with the smaller number.</summary>
    public UserNumber First => new(FeedIds.FirstOf(Feed));

    public UserNumber Second => new(FeedIds.SecondOf(Feed));

    /// <summary>Of a group's conversation.</summary>
    public GroupNumber Group => new(FeedIds.NumberOf(Feed));

    /// <summary>Whether the user is one of the two in a peer conversation.</summary>
    public bool IsPeerOf(UserNumber user) => Kind == ConversationKind.Peer && (First == user || Second == user);

    public UserNumber PeerOf(UserNumber user) => First == user ? Second : First;
}
