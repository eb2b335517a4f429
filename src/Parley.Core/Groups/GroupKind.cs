namespace Parley.Core.Groups;

/// <summary>How a group's messages are filed. On disk: add, never renumber.</summary>
public enum GroupKind : byte
{
    None = 0,

    /// <summary>In the conversation and in every member's inbox; for clients that sync by inbox. Small groups only.</summary>
    Normal = 1,

    /// <summary>In the conversation alone.</summary>
    Super = 2,
}

/// <summary>On disk: add, never renumber.</summary>
public enum GroupRole : byte
{
    None = 0,
    Member = 1,
    Administrator = 2,
    Owner = 3,
}

/// <summary>Who comes in without being asked for. On disk: add, never renumber.</summary>
public enum JoinRule : byte
{
    /// <summary>Whoever asks needs approval; who is invited by a member does not.</summary>
    ApprovalUnlessInvited = 0,

    /// <summary>Everyone needs approval, except who is invited by the owner or an administrator.</summary>
    Approval = 1,
    Open = 2,
}

/// <summary>How a member came in. On disk: add, never renumber.</summary>
public enum JoinSource : byte
{
    None = 0,
    Administration = 1,
    Invitation = 2,
    Search = 3,
    QrCode = 4,
}
