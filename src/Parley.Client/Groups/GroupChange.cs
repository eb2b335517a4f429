namespace Parley.Client.Groups;

/// <summary>A group to be made; its maker becomes the owner.</summary>
/// <param name="Name">Shown to its members.</param>
public sealed record GroupDraft(string Name)
{
    /// <summary>Null lets the server choose.</summary>
    public string? Id { get; init; }

    public IReadOnlyList<string> MemberIds { get; init; } = [];

    public IReadOnlyList<string> AdministratorIds { get; init; } = [];

    public string Announcement { get; init; } = "";

    public string Introduction { get; init; } = "";

    public string FaceUrl { get; init; } = "";

    public JoinRule JoinRule { get; init; }

    public string Extra { get; init; } = "";
}

/// <summary>What to change of a group; null leaves it as it is.</summary>
public sealed record GroupChange
{
    public string? Name { get; init; }

    public string? Announcement { get; init; }

    public string? Introduction { get; init; }

    public string? FaceUrl { get; init; }

    public JoinRule? JoinRule { get; init; }

    public bool? HidesMembers { get; init; }

    public bool? ForbidsFriendRequests { get; init; }

    public string? Extra { get; init; }
}

/// <summary>What to change of a member; null leaves it as it is.</summary>
public sealed record MemberChange
{
    public string? Nickname { get; init; }

    public string? FaceUrl { get; init; }

    /// <summary>Administrator or member; ownership is handed on by <see cref="ClientGroups.TransferAsync"/>.</summary>
    public MemberRole? Role { get; init; }

    public string? Extra { get; init; }
}
