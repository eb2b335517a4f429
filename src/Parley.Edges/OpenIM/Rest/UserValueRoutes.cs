using System.Globalization;
using System.Text.Json.Serialization;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>Small things kept for users: settings of their clients and the application's "commands" (<c>/user</c>), push tokens and badges (<c>/third</c>).</summary>
sealed class UserValueRoutes(Sequencer sequencer, OpenIMOptions options)
{
    /// <summary>There is one badge for all applications of a user.</summary>
    const string BadgeKey = "app";

    public void Map(RestRoutes routes)
    {
        routes.MapFor<UserRequest>("/user/get_user_client_config", request => request.UserID, GetSettingsAsync);
        routes.Map<SettingsRequest>("/user/set_user_client_config", RestAccess.Administrator, SetSettingsAsync);
        routes.Map<SettingsRequest>("/user/del_user_client_config", RestAccess.Administrator, DeleteSettingsAsync);
        routes.Map<SettingsRequest>("/user/page_user_client_config", RestAccess.Administrator, PageSettingsAsync);
        routes.MapFor<CommandRequest>("/user/process_user_command_add", request => request.UserID, (call, user, request)
            => SetAsync(call, request.UserID!, UserValueSpace.Command, KeyOf(request), request.Value ?? "", request.Ex ?? ""));
        routes.MapFor<CommandRequest>("/user/process_user_command_update", request => request.UserID, UpdateCommandAsync);
        routes.MapFor<CommandRequest>("/user/process_user_command_delete", request => request.UserID, (call, user, request)
            => SetAsync(call, request.UserID!, UserValueSpace.Command, KeyOf(request), null));
        routes.MapFor<CommandRequest>("/user/process_user_command_get", request => request.UserID, (call, user, request) => GetCommandsAsync(call, user, request.Type));
        routes.MapFor<UserRequest>("/user/process_user_command_get_all", request => request.UserID, (call, user, _) => GetCommandsAsync(call, user, null));
        routes.MapFor<TokenRequest>("/third/fcm_update_token", request => request.Account, SetTokenAsync);
        routes.MapFor<BadgeRequest>("/third/set_app_badge", request => request.UserID, SetBadgeAsync);
    }

    /// <summary>Those that are for everyone, and over them the user's own.</summary>
    async ValueTask<RestAnswer> GetSettingsAsync(RestCall call, UserNumber user, UserRequest request)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in await ValuesAsync(call, UserNumber.Administration, UserValueSpace.ClientSetting)) settings[value.Key] = value.Value;
        foreach (var value in await ValuesAsync(call, user, UserValueSpace.ClientSetting)) settings[value.Key] = value.Value;
        return RestAnswer.Of(new { Configs = settings });
    }

    async ValueTask<RestAnswer> SetSettingsAsync(RestCall call, SettingsRequest request)
    {
        if (request.Configs is not { } configs || configs.Count > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many settings");
        foreach (var (key, value) in configs)
            if (await SetAsync(call, request.UserID ?? "", UserValueSpace.ClientSetting, key, value ?? "") is { Code: not ErrorCodes.None } refused) return refused;
        return RestAnswer.Done;
    }

    async ValueTask<RestAnswer> DeleteSettingsAsync(RestCall call, SettingsRequest request)
    {
        if (request.Keys is not { } keys || keys.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many keys");
        foreach (var key in keys)
            if (await SetAsync(call, request.UserID ?? "", UserValueSpace.ClientSetting, key ?? "", null) is { Code: not ErrorCodes.None } refused) return refused;
        return RestAnswer.Done;
    }

    async ValueTask<RestAnswer> PageSettingsAsync(RestCall call, SettingsRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var (id, user) = (request.UserID ?? "", UserNumber.Administration);
        if (id.Length > 0 && !await sequencer.QueryAsync((state, _) => state.App(call.App).Users.TryFind(id, out user))) return RestAnswer.Of(Refusal.UnknownUser);
        var all = (await ValuesAsync(call, user, UserValueSpace.ClientSetting)).Where(value => request.Key is not { Length: > 0 } key || value.Key == key).ToArray();
        return RestAnswer.Of(new { Total = all.Length, Configs = all.Skip(start).Take(count).Select(value => new { UserID = id, value.Key, value.Value }).ToArray() });
    }

    /// <summary>What is not named stays as it is.</summary>
    async ValueTask<RestAnswer> UpdateCommandAsync(RestCall call, UserNumber user, CommandRequest request)
    {
        var present = await sequencer.QueryAsync((state, _) => state.App(call.App).Values.TryFind(user, UserValueSpace.Command, KeyOf(request), out var value) ? value : null);
        return present is null
            ? RestAnswer.Error(ErrorCodes.RecordNotFound, "no such command")
            : await SetAsync(call, request.UserID!, UserValueSpace.Command, KeyOf(request), request.Value ?? present.Value, request.Ex ?? present.Extra);
    }

    /// <param name="type">Null for all.</param>
    async ValueTask<RestAnswer> GetCommandsAsync(RestCall call, UserNumber user, int? type)
    {
        var commands = (await ValuesAsync(call, user, UserValueSpace.Command)).Select(value =>
        {
            var cut = value.Key.IndexOf(':', StringComparison.Ordinal);
            var ofType = int.Parse(value.Key.AsSpan(0, cut), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            return new CommandAnswer(ofType, MessageTranslation.Milliseconds(value.CreatedAt), value.Key[(cut + 1)..], value.Value, value.Extra);
        });
        return RestAnswer.Of(new CommandsAnswer([.. commands.Where(command => type is null || command.Type == type)]));
    }

    async ValueTask<RestAnswer> SetTokenAsync(RestCall call, UserNumber user, TokenRequest request)
    {
        if (!Platforms.IsKnown(request.PlatformID)) return RestAnswer.Error(ErrorCodes.Arguments, "no such platform");
        var token = request.FcmToken is { Length: > 0 } given ? given : null;
        return await SetAsync(call, request.Account!, UserValueSpace.PushToken, Text(request.PlatformID), token, Text(request.ExpireTime));
    }

    async ValueTask<RestAnswer> SetBadgeAsync(RestCall call, UserNumber user, BadgeRequest request)
        => request.AppUnreadCount < 0
            ? RestAnswer.Error(ErrorCodes.Arguments, "appUnreadCount is negative")
            : await SetAsync(call, request.UserID!, UserValueSpace.Badge, BadgeKey, request.AppUnreadCount == 0 ? null : Text(request.AppUnreadCount));

    async ValueTask<RestAnswer> SetAsync(RestCall call, string userId, UserValueSpace space, string key, string? value, string extra = "")
        => RestAnswer.Of((await sequencer.SubmitAsync(new SetUserValue(call.App, call.Actor, userId, space, key, value, extra) { Trace = call.OperationId })).Refusal);

    ValueTask<UserValue[]> ValuesAsync(RestCall call, UserNumber user, UserValueSpace space) => sequencer.QueryAsync((state, _) => state.App(call.App).Values.Of(user, space).ToArray());

    static string KeyOf(CommandRequest request) => $"{Text(request.Type)}:{request.Uuid}";

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    sealed record SettingsRequest(string? UserID, Dictionary<string, string?>? Configs, string?[]? Keys, string? Key, Pagination? Pagination);

    sealed record CommandRequest(string? UserID, int Type, string? Uuid, string? Value, string? Ex);

    sealed record CommandAnswer(int Type, long CreateTime, string Uuid, string Value, string Ex);

    /// <summary>The capital is the protocol's.</summary>
    sealed record CommandsAnswer([property: JsonPropertyName("CommandResp")] CommandAnswer[] Commands);

    sealed record TokenRequest(int PlatformID, string? FcmToken, string? Account, long ExpireTime);

    sealed record BadgeRequest(string? UserID, int AppUnreadCount);
}
