using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;

namespace Parley.Core.Notices;

/// <summary>Something other than a message that became true and that devices are told of. Free of any protocol, complete in itself, immutable.</summary>
public abstract record Notice
{
    /// <summary>The first message it says something about; 0 when it is about none. Who can't see that message is not told.</summary>
    public virtual long FirstMessage => 0;
}

public enum GroupEvent
{
    None = 0,
    Created,
    DetailsChanged,
    NameChanged,
    AnnouncementChanged,
    Dismissed,
    MembersInvited,
    MemberEntered,
    MemberQuit,
    MembersRemoved,
    OwnerChanged,
    MemberMuted,
    MemberUnmuted,
    Muted,
    Unmuted,
    MemberChanged,
    MemberPromoted,
    MemberDemoted,
}

/// <summary>A group changed, or who is in it.</summary>
/// <param name="Group">As it is now; its members' version is the one this change made.</param>
/// <param name="By">Who did it; null for the administration.</param>
/// <param name="Members">Whom it concerns: who came, left, was muted or changed; of a new owner, the new owner.</param>
public sealed record GroupNotice(GroupEvent Event, GroupView Group, MemberView? By, IReadOnlyList<MemberView> Members) : Notice
{
    /// <summary>Who invited them, where it was not who let them in.</summary>
    public MemberView? Inviter { get; init; }

    /// <summary>Of a new owner: the one before, as they are now.</summary>
    public MemberView? PreviousOwner { get; init; }

    public long MuteSeconds { get; init; }
}

public enum ApplicationEvent
{
    None = 0,
    Made,
    Accepted,
    Refused,
}

/// <summary>Someone asks to be let into a group, or was answered. For the applicant, the owner and the administrators.</summary>
/// <param name="By">Who answered; null for the administration.</param>
public sealed record ApplicationNotice(ApplicationEvent Event, GroupView Group, GroupApplication Application, MemberView? By) : Notice;

public enum ContactEvent
{
    None = 0,
    Requested,
    Accepted,
    Refused,
    Added,
    Deleted,
    Changed,
    Blocked,
    Unblocked,

    /// <summary>The profile of a friend.</summary>
    ProfileChanged,
}

/// <summary>Something between two users.</summary>
/// <param name="FromId">Who did it.</param>
/// <param name="ToId">Whom it concerns; of changed friends, the owner of the list again.</param>
/// <param name="Request">Of a request and its answer.</param>
/// <param name="FriendIds">Of changed friends: which.</param>
public sealed record ContactNotice(ContactEvent Event, string FromId, string ToId, FriendRequest? Request, IReadOnlyList<string> FriendIds) : Notice;

/// <summary>A user's own profile changed; for their devices.</summary>
public sealed record ProfileNotice(string UserId) : Notice;

/// <summary>Something that only the application understands.</summary>
/// <param name="SenderId">Empty for the administration.</param>
/// <param name="ReceiverId">A user's, or the group's.</param>
public sealed record CustomNotice(string SenderId, string ReceiverId, bool IsGroup, string Key, string Data) : Notice;

public enum ConversationEvent
{
    None = 0,
    SettingsChanged,
    PrivateChanged,
    Cleared,

    /// <summary>Cleared for everyone in it.</summary>
    Cut,
}

/// <summary>What a user set for a conversation, or that they cleared it; for their devices. Of <see cref="ConversationEvent.PrivateChanged"/> and <see cref="ConversationEvent.Cut"/>: for everyone's.</summary>
public sealed record ConversationNotice(ConversationEvent Event, string UserId, IReadOnlyList<ConversationName> Conversations, bool IsPrivate = false) : Notice;

/// <summary>A user read on, from <paramref name="From"/> + 1 to <paramref name="To"/>. In a peer conversation both sides are told, else the reader's devices.</summary>
public sealed record ReadNotice(ConversationName Conversation, string ReaderId, long From, long To) : Notice;

/// <summary>A message was taken back.</summary>
/// <param name="Recall">What is left of the message.</param>
public sealed record RecallNotice(ConversationName Conversation, Recall Recall) : Notice
{
    public override long FirstMessage => Recall.Sequence;
}

/// <summary>Messages were deleted: for everyone, or by a user for themselves.</summary>
public sealed record DeletionNotice(ConversationName Conversation, string UserId, IReadOnlyList<long> Sequences, bool IsForAll) : Notice;

/// <summary>A message has other content now.</summary>
public sealed record EditNotice(ConversationName Conversation, long Sequence, string EditorId, ContentKind Kind, ReadOnlyMemory<byte> Body) : Notice
{
    public override long FirstMessage => Sequence;
}

/// <summary>A user reacted to a message, or took the reaction back.</summary>
public sealed record ReactionNotice(ConversationName Conversation, long Sequence, string UserId, string Reaction, bool IsRemoved) : Notice
{
    public override long FirstMessage => Sequence;
}

/// <summary>A message was pinned for everyone in the conversation, or no longer is.</summary>
public sealed record PinNotice(ConversationName Conversation, long Sequence, string UserId, bool IsPinned) : Notice
{
    public override long FirstMessage => Sequence;
}
