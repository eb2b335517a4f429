using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/user</c>: profiles and registration.</summary>
sealed class UserRoutes(Sequencer sequencer, OpenIMOptions options)
{
    public void Map(RestRoutes routes)
    {
        routes.Map<UsersInfoRequest>("/user/get_users_info", RestAccess.TokenHolder, GetUsersInfoAsync);
        routes.Map<RegisterRequest>("/user/user_register", RestAccess.Administrator, RegisterAsync);
        routes.Map<AccountCheckRequest>("/user/account_check", RestAccess.Administrator, CheckAccountsAsync);
        routes.MapFor<UserRequest>("/user/get_user_client_config", request => request.UserID,
            (_, _, _) => new(RestAnswer.Of(new { Configs = new Dictionary<string, string>() })));
    }

    public static UserInfo Info(UserProfile profile) => new()
    {
        UserID = profile.Id,
        Nickname = profile.Nickname,
        FaceURL = profile.FaceUrl,
        Ex = profile.Extra,
        CreateTime = MessageTranslation.Milliseconds(profile.CreatedAt),
    };

    async ValueTask<RestAnswer> GetUsersInfoAsync(RestCall call, UsersInfoRequest request)
    {
        if (Judge(request.UserIDs) is { } fault) return fault;
        var profiles = await sequencer.QueryAsync((state, _) =>
        {
            var users = state.App(options.App).Users;
            var found = new List<UserProfile>();
            foreach (var id in request.UserIDs!)
                if (id is not null && users.TryFind(id, out var user)) found.Add(users.Profile(user));
            return found;
        });
        return RestAnswer.Of(new { UsersInfo = profiles.Select(Info).ToArray() });
    }

    async ValueTask<RestAnswer> RegisterAsync(RestCall call, RegisterRequest request)
    {
        if (request.Users is not { Length: > 0 } || request.Users.Any(user => user is null)) return RestAnswer.Error(ErrorCodes.Arguments, "no users");
        var users = request.Users.Select(user => new NewUser(user!.UserID ?? "", user.Nickname ?? "", user.FaceURL ?? "", user.Ex ?? "")).ToArray();
        return RestAnswer.Of((await sequencer.SubmitAsync(new RegisterUsers(options.App, call.Actor, users))).Refusal);
    }

    async ValueTask<RestAnswer> CheckAccountsAsync(RestCall call, AccountCheckRequest request)
    {
        if (Judge(request.CheckUserIDs) is { } fault) return fault;
        var results = await sequencer.QueryAsync((state, _) =>
        {
            var users = state.App(options.App).Users;
            return request.CheckUserIDs!.Select(id => new CheckedAccount(id ?? "", id is not null && users.TryFind(id, out var _) ? 1 : 0)).ToArray();
        });
        return RestAnswer.Of(new { Results = results });
    }

    RestAnswer? Judge(string?[]? ids)
        => ids is null ? RestAnswer.Error(ErrorCodes.Arguments, "no ids")
            : ids.Length > options.MaxIdsPerRequest ? RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} ids")
            : null;

    sealed record UsersInfoRequest(string?[]? UserIDs);

    sealed record RegisterRequest(RegisteredUser?[]? Users);

    sealed record RegisteredUser(string? UserID, string? Nickname, string? FaceURL, string? Ex);

    sealed record AccountCheckRequest(string?[]? CheckUserIDs);

    /// <param name="AccountStatus">1 registered, 0 not.</param>
    sealed record CheckedAccount(string UserID, int AccountStatus);
}

/// <summary>A request that says nothing but whose.</summary>
sealed record UserRequest(string? UserID);
