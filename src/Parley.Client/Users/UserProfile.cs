using System.Text.Json;
using Parley.Client.Api;

namespace Parley.Client.Users;

/// <summary>How messages reach a user, or a user in one conversation; the protocol's numbers.</summary>
public enum ReceiveOption
{
    Notify = 0,

    /// <summary>Not at all.</summary>
    Refuse = 1,

    /// <summary>Delivered, without a sound.</summary>
    Silent = 2,
}

/// <param name="Receive">For all conversations; known of this user alone.</param>
/// <param name="Extra">The application's text.</param>
public sealed record UserProfile(string UserId, string Nickname, string FaceUrl, ReceiveOption Receive, DateTimeOffset? CreatedAt, string Extra)
{
    internal static UserProfile Read(JsonElement from) => new(
        from.Text("userID"), from.Text("nickname"), from.Text("faceURL"), (ReceiveOption)from.Small("globalRecvMsgOpt"), from.Time("createTime"), from.Text("ex"));
}

/// <summary>What to change of this user's profile; null leaves it as it is.</summary>
public sealed record ProfileChange
{
    public string? Nickname { get; init; }

    public string? FaceUrl { get; init; }

    public ReceiveOption? Receive { get; init; }

    public string? Extra { get; init; }
}

/// <summary>Something an application keeps for this user at the server: a favourite, a setting.</summary>
/// <param name="Type">The application's number.</param>
/// <param name="Id">Unique within the type.</param>
public sealed record UserCommand(int Type, string Id, string Value, string Extra, DateTimeOffset? CreatedAt)
{
    internal static UserCommand Read(JsonElement from) =>
        new(from.Small("type"), from.Text("uuid"), from.Text("value"), from.Text("ex"), from.Time("createTime"));
}

/// <param name="Platforms">Platform ids of the devices that are connected; empty is offline.</param>
public sealed record Presence(string UserId, IReadOnlyList<int> Platforms)
{
    public bool IsOnline => Platforms.Count > 0;
}
