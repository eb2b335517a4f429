namespace Parley.Core.Users;

/// <summary>What small values of a user are about. On disk: add, never renumber.</summary>
public enum UserValueSpace : byte
{
    None = 0,

    /// <summary>Settings that administrators give to the user's clients, by key.</summary>
    ClientSetting = 1,

    /// <summary>Things the application keeps for the user (favourites and the like), by type and id.</summary>
    Command = 2,

    /// <summary>Where a vendor reaches the user's device, by platform.</summary>
    PushToken = 3,

    /// <summary>The number the user's applications show.</summary>
    Badge = 4,
}

/// <summary>A small value kept for a user.</summary>
/// <param name="CreatedAt">Record time of the first value under this key, µs.</param>
public sealed record UserValue(UserValueSpace Space, string Key, string Value, string Extra, long CreatedAt);
