using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Edges.OpenIM.Connections;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>OpenIM's session types. 2, the groups that were written to every member, is no longer in use there either.</summary>
static class SessionTypes
{
    public const int Peer = 1;
    public const int Group = 3;

    /// <summary>Between a user and an account that speaks for the system.</summary>
    public const int System = 4;
    const int LegacyGroup = 2;

    public static int Of(ConversationName name) => name.IsGroup ? Group : name.IsSystem ? System : Peer;

    /// <summary>Null for a session type that messages can be sent to.</summary>
    public static RequestResult? Fault(int sessionType) => sessionType switch
    {
        Peer or Group or System => null,
        LegacyGroup => RequestResult.Error(ErrorCodes.GroupTypeNotSupported, "groups of sessionType 2 are not offered; use 3"),
        _ => RequestResult.Error(ErrorCodes.Arguments, "unknown sessionType"),
    };

    /// <summary>Whom a message of a session type without <see cref="Fault"/> is for. Whether the peer speaks for the system is Core's to know, not the client's to say.</summary>
    public static Recipient RecipientOf(MsgData data) => data.SessionType == Group ? Recipient.Group(data.GroupID) : Recipient.User(data.RecvID);
}
