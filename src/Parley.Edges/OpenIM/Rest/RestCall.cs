using Parley.Core.Commands;

namespace Parley.Edges.OpenIM.Rest;

enum RestAccess
{
    /// <summary>Even without a token.</summary>
    Anyone,

    /// <summary>With a user's token or an administrator's.</summary>
    TokenHolder,
    Administrator,
}

/// <summary>Who calls, as the token in the request's header says.</summary>
/// <param name="App">The app of this edge, or the one that an administrator named with the header <c>Parley-App</c>.</param>
/// <param name="UserId">Empty for an administrator and for a caller without token.</param>
/// <param name="Address">Where the call comes from.</param>
/// <param name="OperationId">The caller's name for the call.</param>
sealed record RestCall(long App, Actor Actor, string UserId, string Address, string OperationId)
{
    public bool IsAdministrator => Actor.Kind == ActorKind.Administrator;

    /// <summary>Users act for themselves only.</summary>
    public bool MayActFor(string userId) => IsAdministrator || (Actor.Kind == ActorKind.User && UserId == userId);
}
