using Parley.Core.Groups;

namespace Parley.Core.Messages;

/// <summary>What is left of a message that was taken back.</summary>
/// <param name="RevokerId">Empty for the administration.</param>
/// <param name="RevokerRole">In a group; <see cref="GroupRole.None"/> in peer conversations and for the administration.</param>
/// <param name="RecalledAt">Record time, µs. Likewise <paramref name="SentAt"/>.</param>
public sealed record Recall(long Sequence, string ClientId, string RevokerId, string RevokerNickname, GroupRole RevokerRole, long RecalledAt,
    string SenderId, string SenderNickname, long SentAt);
