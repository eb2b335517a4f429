namespace Parley.Core;

/// <summary>Why the server declined a command. Written to logs and metrics: add, never renumber. Each edge maps them to its own codes in one table.</summary>
public enum Refusal
{
    None = 0,

    /// <summary>
    /// The log failed while the command was under way: it may have been kept or not. Or what it may have made long ago could not be read, and nothing was done. The client repeats it with the same id.
    /// </summary>
    OutcomeUnknown = 1,

    /// <summary>The store takes no more writes until the server is restarted; reads go on.</summary>
    ReadOnly = 2,

    /// <summary>The disk is full; reads go on, and writes will when there is room.</summary>
    StoreFull = 3,

    /// <summary>The actor may not do this, or not for that user.</summary>
    NotAllowed = 4,
    UnknownUser = 5,

    /// <summary>A user of that id exists.</summary>
    UserExists = 6,

    /// <summary>An id, or another text, is empty, too long or holds control characters.</summary>
    InvalidId = 7,

    /// <summary>The id would look like the number of another user to a protocol that counts users.</summary>
    ReservedId = 8,

    /// <summary>The id would make the text of a conversation mean two things.</summary>
    AmbiguousId = 9,

    /// <summary>A message without content.</summary>
    EmptyMessage = 10,
    TooLarge = 11,
    ToSelf = 12,
    RateLimited = 13,

    /// <summary>The client message id was used for another message in this conversation.</summary>
    MessageIdReused = 14,
    UnknownToken = 15,
    ExpiredToken = 16,

    /// <summary>The token was revoked: another device took its place, or an administrator ended the session.</summary>
    KickedToken = 17,

    /// <summary>More items in one command, or more of something per user, than the options allow.</summary>
    TooMany = 18,
    UnknownConversation = 19,

    /// <summary>The server is stopping.</summary>
    Stopping = 20,

    UnknownGroup = 21,
    GroupExists = 22,

    /// <summary>The group was dismissed.</summary>
    GroupDismissed = 23,
    NotAMember = 24,

    /// <summary>The sender was muted in the group.</summary>
    Muted = 25,

    /// <summary>Only the group's owner and administrators send for now.</summary>
    GroupMuted = 26,

    /// <summary>The receiver blocked the sender.</summary>
    Blocked = 27,

    /// <summary>The server asks for friendship before messages.</summary>
    NotFriends = 28,

    /// <summary>The receiver takes no messages at all.</summary>
    ReceiverDeclines = 29,
    AlreadyFriends = 30,

    /// <summary>There is no such request or application.</summary>
    UnknownRequest = 31,

    /// <summary>The request or application was answered before.</summary>
    RequestAnswered = 32,
    UnknownMessage = 33,

    /// <summary>The message was recalled or deleted before.</summary>
    MessageGone = 34,

    /// <summary>Too late to recall or edit the message.</summary>
    TooLate = 35,

    /// <summary>The user is a member already.</summary>
    AlreadyMember = 36,

    /// <summary>The group has as many members as its kind may have.</summary>
    GroupFull = 37,
}
