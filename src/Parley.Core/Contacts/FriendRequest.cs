using Parley.Core.Users;

namespace Parley.Core.Contacts;

/// <summary>On disk: add, never renumber.</summary>
public enum Answer : byte
{
    Open = 0,
    Accepted = 1,
    Refused = 2,
}

/// <summary>Someone asked to become a friend. There is one per pair and direction; asking again renews it.</summary>
/// <param name="RequestedAt">Record time, µs. Likewise <paramref name="AnsweredAt"/>, 0 while open.</param>
public sealed record FriendRequest(UserProfile From, UserProfile To, string Message, string Extra, long RequestedAt, Answer Answer, string AnswerMessage, long AnsweredAt)
{
    public string FromId => From.Id;

    public string ToId => To.Id;
}

/// <summary>A friend as the owner of the list sees them.</summary>
/// <param name="AddedAt">Record time, µs.</param>
public sealed record Friend(string OwnerId, UserProfile User, string Remark, string Extra, bool IsPinned, FriendSource Source, string OperatorId, long AddedAt);

/// <summary>On disk: add, never renumber.</summary>
public enum FriendSource : byte
{
    None = 0,
    Import = 1,
    Request = 2,
}

/// <summary>Someone whose messages the owner does not want.</summary>
/// <param name="BlockedAt">Record time, µs.</param>
public sealed record Block(string OwnerId, UserProfile User, string Extra, string OperatorId, long BlockedAt);
