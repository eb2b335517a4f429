using Parley.Edges.OpenIM.Connections;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>OpenIM's session types. Parley has peer conversations; for the others it says so instead of pretending.</summary>
static class SessionTypes
{
    const int Peer = 1;
    const int LegacyGroup = 2;
    const int Group = 3;
    const int Notification = 4;

    /// <summary>Null for a session type that messages can be sent to.</summary>
    public static RequestResult? Fault(int sessionType) => sessionType switch
    {
        Peer => null,
        LegacyGroup or Group => RequestResult.Error(ErrorCodes.GroupNotFound, "this server has no groups yet"),
        Notification => RequestResult.Error(ErrorCodes.RecordNotFound, "this server has no notification accounts yet"),
        _ => RequestResult.Error(ErrorCodes.Arguments, "unknown sessionType"),
    };
}
