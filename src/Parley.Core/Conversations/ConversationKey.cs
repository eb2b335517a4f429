using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Conversations;

/// <summary>Conversation kinds; the number is part of feed ids on disk.</summary>
public enum ConversationKind
{
    None = 0,
    Peer = 1,
}

/// <summary>A conversation inside one app: its kind and the numbers of who is in it.</summary>
public readonly record struct ConversationKey(FeedId Feed)
{
    /// <summary>The conversation of two users, or of one with itself; the same for both sides.</summary>
    public static ConversationKey Peer(UserNumber one, UserNumber other)
        => new(FeedIds.Peer(Math.Min(one.Value, other.Value), Math.Max(one.Value, other.Value)));

    public ConversationKind Kind => FeedIds.KindOf(Feed);

    /// <summary>The user with the smaller number.</summary>
    public UserNumber First => new(FeedIds.FirstOf(Feed));

    public UserNumber Second => new(FeedIds.SecondOf(Feed));

    public bool Includes(UserNumber user) => Kind == ConversationKind.Peer && (First == user || Second == user);

    public UserNumber PeerOf(UserNumber user) => First == user ? Second : First;
}

/// <summary>
/// Feed ids computed from kind and numbers, so that no dictionary is needed. The two top bits tell how the rest is divided:
/// <c>01 | a:31 | b:31</c> peer conversation (a ≤ b); <c>10 | a:31 | b:31</c> is kept for its notifications;
/// <c>00 | kind:30 | number:32</c> everything that has one number; <c>11</c> is free. These values are on disk: never change one.
/// </summary>
public static class FeedIds
{
    const int NumberBits = 31;
    const ulong PeerTag = 1UL << 62;
    const ulong TagMask = 3UL << 62;
    const ulong NumberMask = (1UL << NumberBits) - 1;
    const ulong InboxKind = 1;

    public static FeedId Inbox(UserNumber user) => new((InboxKind << 32) | user.Value);

    internal static FeedId Peer(uint first, uint second) => new(PeerTag | ((ulong)first << NumberBits) | second);

    internal static ConversationKind KindOf(FeedId feed) => (feed.Value & TagMask) == PeerTag ? ConversationKind.Peer : ConversationKind.None;

    internal static uint FirstOf(FeedId feed) => (uint)((feed.Value >> NumberBits) & NumberMask);

    internal static uint SecondOf(FeedId feed) => (uint)(feed.Value & NumberMask);
}
