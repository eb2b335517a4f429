namespace Parley.Core.Users;

/// <summary>What kind of account it is; fixed when it is made. On disk: add, never renumber.</summary>
public enum UserLevel : byte
{
    Ordinary = 0,

    /// <summary>An administrator of the application, who has no rights of ours by that.</summary>
    Administrator = 2,

    /// <summary>Speaks for the system: needs no friendship or membership to send, and is not told of the answers' receipts.</summary>
    Notification = 3,
    Robot = 4,
}

static class UserLevels
{
    public static bool SpeaksForSystem(this UserLevel level) => level is UserLevel.Notification or UserLevel.Robot;
}
