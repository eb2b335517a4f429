using Parley.Core.Tokens;

namespace Parley.Core.Commands;

/// <summary>Issues a token whose text the caller made with <see cref="TokenKey.NewToken"/>. For administrators; an administrator's token for the operator only.</summary>
/// <param name="UserId">Null for an administrator's token.</param>
/// <param name="ExpiresAt">µs since 1970.</param>
public sealed record IssueToken(long App, Actor Actor, string? UserId, int Platform, TokenKey Key, long ExpiresAt) : Command(App, Actor)
{
    public const int MaxApps = 64;

    /// <summary>The apps that an administrator's token is for, at most <see cref="MaxApps"/>. Empty: every app.</summary>
    public IReadOnlyList<long> Apps { get; init; } = [];
}

/// <summary>Ends all sessions of a user on a platform; their tokens answer "kicked" from now on. For administrators.</summary>
public sealed record RevokeTokens(long App, Actor Actor, string UserId, int Platform) : Command(App, Actor);
