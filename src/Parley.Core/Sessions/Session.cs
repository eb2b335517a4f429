using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Sessions;

/// <summary>One authenticated connection of one device. The edge that made it owns it; Core puts deliveries into its outbox.</summary>
/// <param name="deviceId">Tells devices of one platform apart where the protocol can; else empty.</param>
public sealed class Session(long app, UserNumber user, int platform, string deviceId, TokenKey token, Outbox outbox)
{
    public long App { get; } = app;
    public UserNumber User { get; } = user;
    public int Platform { get; } = platform;
    public string DeviceId { get; } = deviceId;
    public TokenKey Token { get; } = token;
    public Outbox Outbox { get; } = outbox;

    /// <summary>The device said that its application is in the background. Written and read under the state's lock.</summary>
    public bool IsBackground { get; internal set; }

    internal HashSet<UserNumber>? Watched { get; set; }
}
