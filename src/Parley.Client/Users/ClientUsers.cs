using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Connection;
using Parley.Wire.OpenIM;

namespace Parley.Client.Users;

/// <summary>Profiles, presence and what a user keeps at the server. Everything asks the server and throws <see cref="ParleyException"/> when it declines or can't be reached.</summary>
public sealed class ClientUsers
{
    readonly ApiClient _api;
    readonly PresenceWatch _presence;
    readonly Questions _questions;
    readonly int _platform;

    internal ClientUsers(ApiClient api, PresenceWatch presence, Questions questions, int platform) =>
        (_api, _presence, _questions, _platform) = (api, presence, questions, platform);

    /// <summary>Unknown users are left out.</summary>
    public Task<IReadOnlyList<UserProfile>> GetAsync(IReadOnlyList<string> userIds, CancellationToken ct = default) => _api.AskAsync<IReadOnlyList<UserProfile>>(
        "/user/get_users_info", new JsonObject { ["userIDs"] = JsonFields.Array(userIds) }, data => [.. data.Items("usersInfo").Select(UserProfile.Read)], ct);

    /// <summary>This user's own profile.</summary>
    public async Task<UserProfile> GetSelfAsync(CancellationToken ct = default) =>
        await GetAsync([_api.UserId], ct) is [var self, ..] ? self : throw new ParleyException(ErrorCodes.UserNotFound, "The server does not know this user.");

    public Task ChangeSelfAsync(ProfileChange change, CancellationToken ct = default) => _api.TellAsync("/user/update_user_info_ex", new JsonObject
    {
        ["userInfo"] = new JsonObject
        {
            ["userID"] = _api.UserId,
            ["nickname"] = change.Nickname,
            ["faceURL"] = change.FaceUrl,
            ["ex"] = change.Extra,
            ["globalRecvMsgOpt"] = (int?)change.Receive,
        },
    }, ct);

    /// <summary>How messages of all conversations reach this user.</summary>
    public Task SetReceiveAsync(ReceiveOption option, CancellationToken ct = default) =>
        _api.TellAsync("/user/set_global_msg_recv_opt", Own(("globalRecvMsgOpt", (int)option)), ct);

    /// <summary>
    /// Watches users: <see cref="ParleyEvent.PresenceChanged"/> tells their presence now and whenever it changes, and <see cref="GetPresence"/> what was told last.
    /// Offline it is remembered and begins with the next connection, and it survives reconnects.
    /// </summary>
    /// <exception cref="ArgumentException">More than <see cref="ParleyClientOptions.MaxWatchedUsers"/> would be watched.</exception>
    public Task WatchAsync(IReadOnlyList<string> userIds, CancellationToken ct = default) => _presence.WatchAsync(userIds, ct);

    public Task UnwatchAsync(IReadOnlyList<string> userIds, CancellationToken ct = default) => _presence.UnwatchAsync(userIds, ct);

    /// <summary>Null for a user who is not watched, or of whom nothing was heard since the connection was made. Local.</summary>
    public Presence? GetPresence(string userId) => _presence.Of(userId);

    /// <summary>Whether these users are online now, without watching them.</summary>
    public Task<IReadOnlyList<Presence>> AskPresenceAsync(IReadOnlyList<string> userIds, CancellationToken ct = default) => _api.AskAsync<IReadOnlyList<Presence>>(
        "/user/get_users_status", Own(("userIDs", JsonFields.Array(userIds))),
        data => [.. data.Items("statusList").Select(one => new Presence(one.Text("userID"), [.. one.Wholes("platformIDs").Select(id => (int)id)]))], ct);

    /// <summary>Tells the server whether the application is in the background, where pushes may be wanted although the connection stands.</summary>
    public Task SetBackgroundAsync(bool isBackground, CancellationToken ct = default) => _questions.SetBackgroundAsync(isBackground, ct);

    /// <summary>What the operator configured for this user's clients.</summary>
    public Task<IReadOnlyDictionary<string, string>> GetConfigurationAsync(CancellationToken ct = default) => _api.AskAsync<IReadOnlyDictionary<string, string>>(
        "/user/get_user_client_config", Own(),
        data => data.Part("configs") is { ValueKind: System.Text.Json.JsonValueKind.Object } configs
            ? configs.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString() ?? "") : new Dictionary<string, string>(), ct);

    public Task AddCommandAsync(UserCommand command, CancellationToken ct = default) => _api.TellAsync("/user/process_user_command_add", Write(command), ct);

    public Task ChangeCommandAsync(UserCommand command, CancellationToken ct = default) => _api.TellAsync("/user/process_user_command_update", Write(command), ct);

    public Task DeleteCommandAsync(int type, string id, CancellationToken ct = default) =>
        _api.TellAsync("/user/process_user_command_delete", Own(("type", type), ("uuid", id)), ct);

    public Task<IReadOnlyList<UserCommand>> GetCommandsAsync(CancellationToken ct = default) => _api.AskAsync<IReadOnlyList<UserCommand>>(
        "/user/process_user_command_get_all", Own(), data => [.. data.Items("CommandResp").Select(UserCommand.Read)], ct);

    /// <summary>The number on the application's icon, for pushes to carry on from.</summary>
    public Task SetBadgeAsync(int count, CancellationToken ct = default) => _api.TellAsync("/third/set_app_badge", Own(("appUnreadCount", count)), ct);

    /// <summary>Where this device's pushes go.</summary>
    public Task SetPushTokenAsync(string token, DateTimeOffset expires, CancellationToken ct = default) => _api.TellAsync("/third/fcm_update_token", new JsonObject
    {
        ["platformID"] = _platform,
        ["fcmToken"] = token,
        ["account"] = _api.UserId,
        ["expireTime"] = expires.ToUnixTimeMilliseconds(),
    }, ct);

    JsonObject Write(UserCommand command) => Own(("type", command.Type), ("uuid", command.Id), ("value", command.Value), ("ex", command.Extra));

    JsonObject Own(params ReadOnlySpan<(string Key, JsonNode? Value)> more)
    {
        var body = new JsonObject { ["userID"] = _api.UserId };
        foreach (var (key, value) in more) body[key] = value;
        return body;
    }
}
