using Parley.Client.Contacts;
using Parley.Client.Groups;
using Parley.Client.Messages;
using Parley.Client.Users;

namespace Parley.Client;

/// <summary>What <see cref="ParleyClient.Events"/> tells.</summary>
public abstract record ParleyEvent
{
    ParleyEvent() { }

    // ---- The connection, and being level with the server ----

    /// <param name="Reason">Why a connection ended or an attempt failed; for people, not for decisions.</param>
    public sealed record ConnectionChanged(ConnectionState State, string? Reason) : ParleyEvent;

    /// <summary>The client compares its sequences with the server's; ends in <see cref="SyncEnded"/> or <see cref="SyncFailed"/>.</summary>
    public sealed record SyncBegan : ParleyEvent;

    /// <param name="Done">Sequences settled so far, of <paramref name="Total"/> in this round.</param>
    public sealed record SyncProcessing(long Done, long Total) : ParleyEvent;

    public sealed record SyncEnded : ParleyEvent;

    /// <summary>Repeated at the next connection, or with the next regular question for sequences.</summary>
    public sealed record SyncFailed(int Code, string Reason) : ParleyEvent;

    /// <summary>Another login took this one's place. The client has stopped.</summary>
    public sealed record Kicked : ParleyEvent;

    /// <summary>The token is of no more use (1501 to 1507). The client has stopped; open a new one with a fresh token.</summary>
    public sealed record TokenRefused(int Code, string Reason) : ParleyEvent;

    // ---- Messages, and what becomes of them ----

    /// <summary>New messages of one conversation, ascending, already in the local store; online-only ones (sequence 0) come alone and are not stored.</summary>
    public sealed record MessagesReceived(string ConversationId, IReadOnlyList<Message> Messages) : ParleyEvent;

    /// <summary>An own message was accepted; told once more when its sequence becomes known after that.</summary>
    public sealed record MessageSent(Message Message) : ParleyEvent;

    /// <summary>The server declined an own message for good, with <see cref="Message.ErrorCode"/>.</summary>
    public sealed record MessageFailed(Message Message) : ParleyEvent;

    /// <param name="Message">What is left of it; null when it is not stored here.</param>
    public sealed record MessageRecalled(Recall Recall, Message? Message) : ParleyEvent;

    /// <param name="Message">As it is now; null when it is not stored here.</param>
    public sealed record MessageEdited(string ConversationId, long Sequence, string EditorId, Message? Message) : ParleyEvent;

    /// <summary>By this user on another device, or for everyone.</summary>
    public sealed record MessagesDeleted(string ConversationId, IReadOnlyList<long> Sequences) : ParleyEvent;

    public sealed record Reacted(string ConversationId, Reaction Reaction, bool IsRemoved) : ParleyEvent;

    public sealed record MessagePinned(string ConversationId, long Sequence, string UserId, bool IsPinned) : ParleyEvent;

    /// <summary>The other of two users has read everything up to a sequence.</summary>
    public sealed record ReadByPeer(string ConversationId, string UserId, long Sequence) : ParleyEvent;

    /// <summary>This user has, on another device, read everything up to a sequence.</summary>
    public sealed record ReadElsewhere(string ConversationId, long Sequence) : ParleyEvent;

    public sealed record Typing(string ConversationId, string UserId, bool IsTyping) : ParleyEvent;

    /// <summary>What the application's own servers tell.</summary>
    public sealed record BusinessNotice(string SenderId, string Key, string Data) : ParleyEvent;

    // ---- Conversations ----

    /// <summary>Its settings, or whether it is listed.</summary>
    public sealed record ConversationChanged(string ConversationId) : ParleyEvent;

    /// <summary>Older messages are gone for this user.</summary>
    public sealed record ConversationCleared(string ConversationId) : ParleyEvent;

    // ---- Contacts and users ----

    /// <summary>Told to both sides.</summary>
    public sealed record FriendRequested(FriendRequest Request) : ParleyEvent;

    /// <summary>Told to both sides.</summary>
    public sealed record FriendRequestAnswered(FriendRequest Request) : ParleyEvent;

    public sealed record FriendAdded(Friend Friend) : ParleyEvent;

    /// <summary>Their profile, or what this user noted of them.</summary>
    public sealed record FriendChanged(Friend Friend) : ParleyEvent;

    public sealed record FriendRemoved(string UserId) : ParleyEvent;

    public sealed record BlockedChanged : ParleyEvent;

    /// <summary>This user's own, on another device.</summary>
    public sealed record ProfileChanged : ParleyEvent;

    public sealed record PresenceChanged(Presence Presence) : ParleyEvent;

    // ---- Groups ----

    /// <summary>This user is in the group now.</summary>
    public sealed record GroupJoined(Group Group) : ParleyEvent;

    /// <summary>This user is no longer in the group.</summary>
    public sealed record GroupLeft(string GroupId) : ParleyEvent;

    /// <summary>Its name, announcement, owner, number of members and the like.</summary>
    public sealed record GroupChanged(Group Group) : ParleyEvent;

    /// <param name="ByUserId">Empty when not known.</param>
    public sealed record GroupDismissed(string GroupId, string ByUserId) : ParleyEvent;

    /// <param name="ByUserId">Who took them in; empty when they came on their own.</param>
    public sealed record MembersJoined(string GroupId, IReadOnlyList<Member> Members, string ByUserId) : ParleyEvent;

    /// <param name="ByUserId">Who removed them; empty when they left on their own.</param>
    public sealed record MembersLeft(string GroupId, IReadOnlyList<string> UserIds, string ByUserId) : ParleyEvent;

    /// <summary>Role, nickname, muted or not.</summary>
    public sealed record MemberChanged(Member Member) : ParleyEvent;

    /// <summary>The list of members that is kept here is different now.</summary>
    public sealed record MembersChanged(string GroupId) : ParleyEvent;

    /// <summary>Told to those who lead the group.</summary>
    public sealed record GroupApplicationMade(GroupApplication Application) : ParleyEvent;

    /// <summary>Told to who applied, and to those who lead the group.</summary>
    public sealed record GroupApplicationAnswered(GroupApplication Application) : ParleyEvent;
}
