using Parley.Core.Conversations;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <param name="PasswordHash">As the host's hasher wrote it; null for a user without password.</param>
public sealed record NewUser(string Id, string Nickname, string FaceUrl = "", string Extra = "", string? PasswordHash = null)
{
    public UserLevel Level { get; init; }
}

/// <summary>Registers all of the users or none. For administrators.</summary>
public sealed record RegisterUsers(long App, Actor Actor, IReadOnlyList<NewUser> Users) : Command(App, Actor);

/// <summary>Changes a user's profile; null leaves a part as it is. For the user and administrators.</summary>
public sealed record ChangeProfile(long App, Actor Actor, string UserId, string? Nickname, string? FaceUrl, string? Extra, ReceiveOption? Receive) : Command(App, Actor)
{
    public override bool IsRated => true;
}

/// <summary>Keeps a small value for a user, or removes it. For the user and administrators; client settings for administrators only.</summary>
/// <param name="UserId">Empty for a client setting that is for everyone.</param>
/// <param name="Key">1 to 256 bytes.</param>
/// <param name="Value">Null removes it; what is not there is removed already.</param>
public sealed record SetUserValue(long App, Actor Actor, string UserId, UserValueSpace Space, string Key, string? Value, string Extra = "") : Command(App, Actor);
