using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Commands;

public enum ActorKind
{
    None = 0,

    /// <summary>A user, proven by a token.</summary>
    User = 1,

    /// <summary>An administrator, proven by an admin token.</summary>
    Administrator = 2,

    /// <summary>The operator of this process: its command line, or an edge that checked the server's secret.</summary>
    Operator = 3,
}

/// <summary>Who wants something done. Edges set it from what they verified; <c>Decide</c> judges it.</summary>
public readonly record struct Actor(ActorKind Kind, UserNumber User)
{
    public static readonly Actor Operator = new(ActorKind.Operator, default);
    public static readonly Actor Administrator = new(ActorKind.Administrator, default);

    public static Actor Of(UserNumber user) => new(ActorKind.User, user);

    internal bool MayManage => Kind is ActorKind.Administrator or ActorKind.Operator;

    internal bool MayActFor(UserNumber user) => MayManage || (Kind == ActorKind.User && User == user);
}

/// <summary>What someone wants. Plain serialisable data: another node may have to carry it.</summary>
public abstract record Command(long App, Actor Actor)
{
    /// <summary>The client's name for this request, if its protocol has one. Deliveries that follow at once carry it; it is kept nowhere.</summary>
    public string Trace { get; init; } = "";
}

/// <param name="PasswordHash">As the host's hasher wrote it; null for a user without password.</param>
public sealed record NewUser(string Id, string Nickname, string FaceUrl = "", string Extra = "", string? PasswordHash = null);

/// <summary>Registers all of the users or none. For administrators.</summary>
public sealed record RegisterUsers(long App, Actor Actor, IReadOnlyList<NewUser> Users) : Command(App, Actor);

/// <summary>Issues a token whose text the caller made with <see cref="TokenKey.NewToken"/>. For administrators; an administrator's token for the operator only.</summary>
/// <param name="UserId">Null for an administrator's token.</param>
/// <param name="ExpiresAt">µs since 1970.</param>
public sealed record IssueToken(long App, Actor Actor, string? UserId, int Platform, TokenKey Key, long ExpiresAt) : Command(App, Actor);

/// <summary>Ends all sessions of a user on a platform; their tokens answer "kicked" from now on. For administrators.</summary>
public sealed record RevokeTokens(long App, Actor Actor, string UserId, int Platform) : Command(App, Actor);

/// <summary>Opens the session that comes along with the submission. Applies the login policy.</summary>
public sealed record OpenSession(long App, Actor Actor, TokenKey Token, int Platform) : Command(App, Actor);

/// <summary>Closes the session that comes along with the submission.</summary>
public sealed record CloseSession(long App, Actor Actor) : Command(App, Actor);

/// <summary>Changes what the session that comes along wants to know. Null lists change nothing.</summary>
public sealed record AdjustSession(long App, Actor Actor, bool? IsBackground, IReadOnlyList<string> Watch, IReadOnlyList<string> Unwatch) : Command(App, Actor);

/// <summary>Sends a message to a user.</summary>
/// <param name="AllowSelf">Whether the sender's protocol knows messages to oneself.</param>
public sealed record SendMessage(long App, Actor Actor, Message Message, string ReceiverId, bool AllowSelf) : Command(App, Actor);

/// <summary>Moves a user's mark in a conversation forward; a smaller sequence changes nothing, a larger one than exists is taken as the last (read) or the one after it (minimum).</summary>
public sealed record MoveMark(long App, Actor Actor, UserNumber User, ConversationKey Conversation, MarkKind Kind, long Sequence) : Command(App, Actor);
