using Parley.Core.Groups;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Conversations;

/// <summary>
/// Feed ids computed from kind and numbers, so that no dictionary is needed. The two top bits tell how the rest is divided:
/// <c>01 | a:31 | b:31</c> peer conversation (a ≤ b); <c>10 | a:31 | b:31</c> its notices, those of a user alone where a = b;
/// <c>00 | kind:30 | number:32</c> everything that has one number; <c>11</c> is free. These values are on disk: never change one.
/// </summary>
public static class FeedIds
{
    const int NumberBits = 31;
    const ulong PeerTag = 1UL << 62;
    const ulong PeerNoticesTag = 2UL << 62;
    const ulong TagMask = 3UL << 62;
    const ulong NumberMask = (1UL << NumberBits) - 1;

    enum Kind : ulong
    {
        Inbox = 1,
        Group = 2,
        GroupNotices = 3,
        Friends = 4,
        JoinedGroups = 5,
        Members = 6,
        Conversations = 7,
        Blocks = 8,
        Erasures = 9,
    }

    public static FeedId Inbox(UserNumber user) => Of(Kind.Inbox, user.Value);

    /// <summary>What a user's other devices are told and must not miss.</summary>
    public static FeedId Notices(UserNumber user) => new(PeerNoticesTag | ((ulong)user.Value << NumberBits) | user.Value);

    /// <summary>Operations on a conversation's messages, and who read how far.</summary>
    public static FeedId Notices(ConversationKey conversation) => conversation.Kind == ConversationKind.Group
        ? Of(Kind.GroupNotices, conversation.Group.Value)
        : new((conversation.Feed.Value & ~TagMask) | PeerNoticesTag);

    /// <summary>Changes of a user's list of friends; a sequence in it is the list's version. Likewise the following.</summary>
    public static FeedId Friends(UserNumber user) => Of(Kind.Friends, user.Value);

    public static FeedId Blocks(UserNumber user) => Of(Kind.Blocks, user.Value);

    public static FeedId JoinedGroups(UserNumber user) => Of(Kind.JoinedGroups, user.Value);

    public static FeedId Conversations(UserNumber user) => Of(Kind.Conversations, user.Value);

    public static FeedId Members(GroupNumber group) => Of(Kind.Members, group.Value);

    /// <summary>What is to leave the log, of the whole app.</summary>
    internal static FeedId Erasures => Of(Kind.Erasures, 0);

    /// <summary>Whether the feed is the list of conversations of a user.</summary>
    internal static bool IsConversations(FeedId feed) => feed.Value >> 32 == (ulong)Kind.Conversations;

    /// <summary>Whether the feed is the list of members of a group.</summary>
    internal static bool IsMembers(FeedId feed) => feed.Value >> 32 == (ulong)Kind.Members;

    internal static FeedId Peer(uint first, uint second) => new(PeerTag | ((ulong)first << NumberBits) | second);

    internal static FeedId Group(GroupNumber group) => Of(Kind.Group, group.Value);

    internal static ConversationKind KindOf(FeedId feed)
        => (feed.Value & TagMask) == PeerTag ? ConversationKind.Peer
            : feed.Value >> 32 == (ulong)Kind.Group ? ConversationKind.Group
            : ConversationKind.None;

    internal static uint FirstOf(FeedId feed) => (uint)((feed.Value >> NumberBits) & NumberMask);

    internal static uint SecondOf(FeedId feed) => (uint)(feed.Value & NumberMask);

    internal static uint NumberOf(FeedId feed) => (uint)feed.Value;

    static FeedId Of(Kind kind, uint number) => new(((ulong)kind << 32) | number);
}
