using Parley.Client.Storage;

namespace Parley.Client.Messages;

/// <summary>Whom a message is for: a user or a group.</summary>
public readonly record struct Recipient
{
    internal const int UserSession = 1;
    internal const int GroupSession = 3;

    readonly string? _userId;
    readonly string? _groupId;

    Recipient(string? userId, string? groupId) => (_userId, _groupId) = (userId, groupId);

    /// <summary>Empty for a group.</summary>
    public string UserId => _userId ?? "";

    /// <summary>Empty for a user.</summary>
    public string GroupId => _groupId ?? "";

    public static Recipient User(string userId)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return new Recipient(userId, null);
    }

    public static Recipient Group(string groupId)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        return new Recipient(null, groupId);
    }

    internal int Session => GroupId.Length > 0 ? GroupSession : UserSession;

    internal string ConversationOf(string self) => GroupId.Length > 0 ? ConversationIds.OfGroup(GroupId) : ConversationIds.BetweenTwo(self, UserId);
}
