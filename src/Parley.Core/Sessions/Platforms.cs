namespace Parley.Core.Sessions;

/// <summary>Who of a user's devices has to leave when another one connects with another token.</summary>
public enum LoginPolicy
{
    /// <summary>Nobody.</summary>
    All = 0,

    /// <summary>Devices of the same platform.</summary>
    OnePerPlatform = 1,

    /// <summary>Devices of the same platform class.</summary>
    OnePerClass = 4,

    /// <summary>Computers may stay together; of all other devices the newest stays.</summary>
    ComputersAndOneOther = 5,
}

/// <summary>Platform numbers, as OpenIM counts them, and their classes. Stored in records.</summary>
public static class Platforms
{
    public const int Web = 5;
    public const int Linux = 7;
    public const int Administration = 10;
    public const int Last = 11;

    enum Class { None, Mobile, Computer, Pad, Web, MiniWeb, Administration, Harmony }

    public static bool IsKnown(int platform) => platform is >= 1 and <= Last;

    /// <summary>Whether a device on <paramref name="present"/> has to leave when one on <paramref name="arriving"/> connects.</summary>
    public static bool Excludes(LoginPolicy policy, int arriving, int present) => policy switch
    {
        LoginPolicy.OnePerPlatform => arriving == present,
        LoginPolicy.OnePerClass => ClassOf(arriving) == ClassOf(present),
        LoginPolicy.ComputersAndOneOther => ClassOf(arriving) != Class.Computer && ClassOf(present) != Class.Computer,
        _ => false,
    };

    static Class ClassOf(int platform) => platform switch
    {
        1 or 2 => Class.Mobile,
        3 or 4 or Linux => Class.Computer,
        8 or 9 => Class.Pad,
        Web => Class.Web,
        6 => Class.MiniWeb,
        Administration => Class.Administration,
        11 => Class.Harmony,
        _ => Class.None,
    };
}
