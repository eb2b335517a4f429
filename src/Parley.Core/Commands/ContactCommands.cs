namespace Parley.Core.Commands;

/// <summary>A command about a user's contacts. Users act for themselves, administrators for anyone.</summary>
public abstract record ContactCommand(long App, Actor Actor, string UserId) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Asks a user to become a friend; asking again renews the request. Who is a friend on both sides, or blocked the asker, is refused.</summary>
public sealed record RequestFriend(long App, Actor Actor, string UserId, string ToId, string Message, string Extra) : ContactCommand(App, Actor, UserId);

/// <summary>Answers an open request. Accepted: each becomes the other's friend.</summary>
/// <param name="UserId">Who answers.</param>
/// <param name="FromId">Who had asked.</param>
public sealed record AnswerFriendRequest(long App, Actor Actor, string UserId, string FromId, bool IsAccepted, string Message) : ContactCommand(App, Actor, UserId);

/// <summary>Takes a friend off the user's list; the user stays on the friend's.</summary>
public sealed record DeleteFriend(long App, Actor Actor, string UserId, string FriendId) : ContactCommand(App, Actor, UserId);

/// <summary>Changes what the user notes about friends; null leaves it.</summary>
public sealed record ChangeFriends(long App, Actor Actor, string UserId, IReadOnlyList<string> FriendIds, string? Remark, bool? IsPinned, string? Extra) : ContactCommand(App, Actor, UserId);

/// <summary>Makes users friends of each other without asking. For administrators. Who is a friend already is passed over.</summary>
public sealed record ImportFriends(long App, Actor Actor, string UserId, IReadOnlyList<string> FriendIds) : ContactCommand(App, Actor, UserId);

/// <summary>From now on messages and requests of that user are refused.</summary>
public sealed record BlockUser(long App, Actor Actor, string UserId, string BlockedId, string Extra) : ContactCommand(App, Actor, UserId);

public sealed record UnblockUser(long App, Actor Actor, string UserId, string BlockedId) : ContactCommand(App, Actor, UserId);
