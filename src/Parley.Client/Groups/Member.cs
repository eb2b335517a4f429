using System.Text.Json;
using Parley.Client.Api;

namespace Parley.Client.Groups;

/// <summary>The protocol's numbers.</summary>
public enum MemberRole
{
    Member = 20,
    Administrator = 60,
    Owner = 100,
}

/// <param name="Nickname">In this group.</param>
/// <param name="MutedUntil">Null when not muted; may lie in the past.</param>
/// <param name="Extra">The application's text.</param>
public sealed record Member(
    string GroupId, string UserId, MemberRole Role, string Nickname, string FaceUrl, DateTimeOffset? JoinedAt, string InviterId, DateTimeOffset? MutedUntil, string Extra)
{
    internal static Member Read(JsonElement from) => new(
        from.Text("groupID"), from.Text("userID"), (MemberRole)from.Small("roleLevel"), from.Text("nickname"), from.Text("faceURL"), from.Time("joinTime"),
        from.Text("inviterUserID"), from.Time("muteEndTime"), from.Text("ex"));
}
