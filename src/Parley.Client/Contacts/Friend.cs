using System.Text.Json;
using Parley.Client.Api;
using Parley.Client.Users;

namespace Parley.Client.Contacts;

/// <param name="Remark">What this user calls them.</param>
/// <param name="Extra">The application's text.</param>
public sealed record Friend(UserProfile Profile, string Remark, bool IsPinned, DateTimeOffset? Since, string Extra)
{
    public string UserId => Profile.UserId;

    internal static Friend Read(JsonElement from) =>
        new(UserProfile.Read(from.Part("friendUser")), from.Text("remark"), from.Flag("isPinned"), from.Time("createTime"), from.Text("ex"));
}

/// <summary>Someone this user does not want to hear from.</summary>
public sealed record BlockedUser(UserProfile Profile, DateTimeOffset? Since, string Extra)
{
    public string UserId => Profile.UserId;

    internal static BlockedUser Read(JsonElement from) => new(UserProfile.Read(from.Part("blackUserInfo")), from.Time("createTime"), from.Text("ex"));
}

/// <summary>What to change of friends; null leaves it as it is.</summary>
public sealed record FriendChange
{
    public string? Remark { get; init; }

    public bool? IsPinned { get; init; }

    public string? Extra { get; init; }
}
