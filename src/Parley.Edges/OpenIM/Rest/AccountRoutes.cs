using System.Security.Cryptography;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/user</c> for administrators: registering, looking through all users, accounts that speak for the system.</summary>
sealed class AccountRoutes(Sequencer sequencer, OpenIMOptions options)
{
    /// <summary>Users looked through in one query.</summary>
    const int Slice = 5_000;
    const int MadeIdDigits = 10;
    const int MaxDraws = 5;

    public void Map(RestRoutes routes)
    {
        routes.Map<RegisterRequest>("/user/user_register", RestAccess.Administrator, RegisterAsync);
        routes.Map<CheckRequest>("/user/account_check", RestAccess.Administrator, CheckAsync);
        routes.Map<ListRequest>("/user/get_users", RestAccess.Administrator, GetUsersAsync);
        routes.Map<ListRequest>("/user/get_all_users_uid", RestAccess.Administrator, GetIdsAsync);
        routes.Map<NotificationAccount>("/user/add_notification_account", RestAccess.Administrator, AddAsync);
        routes.Map<NotificationAccount>("/user/update_notification_account", RestAccess.Administrator, UpdateAsync);
        routes.Map<SearchRequest>("/user/search_notification_account", RestAccess.Administrator, SearchAsync);
    }

    async ValueTask<RestAnswer> RegisterAsync(RestCall call, RegisterRequest request)
    {
        if (request.Users is not { Length: > 0 } || request.Users.Any(user => user is null)) return RestAnswer.Error(ErrorCodes.Arguments, "no users");
        var users = request.Users.Select(user => new NewUser(user!.UserID ?? "", user.Nickname ?? "", user.FaceURL ?? "", user.Ex ?? "") { Level = LevelOf(user.AppMangerLevel) }).ToArray();
        return RestAnswer.Of((await sequencer.SubmitAsync(new RegisterUsers(call.App, call.Actor, users))).Refusal);
    }

    async ValueTask<RestAnswer> CheckAsync(RestCall call, CheckRequest request)
    {
        if (request.CheckUserIDs is not { } ids || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        var results = await sequencer.QueryAsync((state, _) =>
        {
            var users = state.App(call.App).Users;
            return ids.Select(id => new CheckedAccount(id ?? "", id is not null && users.TryFind(id, out var _) ? 1 : 0)).ToArray();
        });
        return RestAnswer.Of(new { Results = results });
    }

    async ValueTask<RestAnswer> GetUsersAsync(RestCall call, ListRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var (id, nickname) = (request.UserID ?? "", request.NickName ?? "");
        var (total, page) = id.Length + nickname.Length == 0
            ? await sequencer.QueryAsync((state, _) =>
            {
                var users = state.App(call.App).Users;
                return (users.Count, users.Page(start, count).Select(users.Profile).ToList());
            })
            : await FilterAsync(call, user => Holds(user.Id, id) && Holds(user.Nickname, nickname), start, count);
        return RestAnswer.Of(new { Total = total, Users = page.Select(profile => ContactObjects.User(profile, showsSettings: true)).ToArray() });
    }

    async ValueTask<RestAnswer> GetIdsAsync(RestCall call, ListRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var (total, ids) = await sequencer.QueryAsync((state, _) =>
        {
            var users = state.App(call.App).Users;
            return (users.Count, users.Page(start, count).Select(users.IdOf).ToArray());
        });
        return RestAnswer.Of(new { Total = total, UserIDs = ids });
    }

    /// <summary>An account without id gets one.</summary>
    async ValueTask<RestAnswer> AddAsync(RestCall call, NotificationAccount request)
    {
        var level = request.AppMangerLevel == 0 ? UserLevel.Notification : (UserLevel)request.AppMangerLevel;
        if (level is not (UserLevel.Notification or UserLevel.Robot)) return RestAnswer.Error(ErrorCodes.Arguments, "appMangerLevel is 3 or 4");
        for (var draw = 1; ; draw++)
        {
            var id = request.UserID is { Length: > 0 } given ? given : NewId();
            var user = new NewUser(id, request.NickName ?? "", request.FaceURL ?? "") { Level = level };
            var outcome = await sequencer.SubmitAsync(new RegisterUsers(call.App, call.Actor, [user]));
            if (outcome.Refusal == Refusal.UserExists && id != request.UserID && draw < MaxDraws) continue;
            return outcome.IsAccepted ? RestAnswer.Of(new NotificationAccount(id, user.Nickname, user.FaceUrl, (int)level)) : RestAnswer.Of(outcome.Refusal);
        }
    }

    async ValueTask<RestAnswer> UpdateAsync(RestCall call, NotificationAccount request)
    {
        var isOne = await sequencer.QueryAsync((state, _) => state.App(call.App).Users.TryFind(request.UserID ?? "", out var user) && IsNotification(state.App(call.App).Users.Profile(user).Level));
        if (!isOne) return RestAnswer.Of(Refusal.UnknownUser);
        var change = new ChangeProfile(call.App, call.Actor, request.UserID!, request.NickName is { Length: > 0 } name ? name : null, request.FaceURL is { Length: > 0 } url ? url : null, null, null);
        return RestAnswer.Of((await sequencer.SubmitAsync(change with { Trace = call.OperationId })).Refusal);
    }

    async ValueTask<RestAnswer> SearchAsync(RestCall call, SearchRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var keyword = request.Keyword ?? "";
        var (total, page) = await FilterAsync(call, user => IsNotification(user.Level) && (request.AppManagerLevel is not > 0 || request.AppManagerLevel == (int)user.Level)
            && (Holds(user.Id, keyword) || Holds(user.Nickname, keyword)), start, count);
        return RestAnswer.Of(new
        {
            Total = total,
            NotificationAccounts = page.Select(user => new NotificationAccount(user.Id, user.Nickname, user.FaceUrl, (int)user.Level)).ToArray(),
        });
    }

    /// <summary>Looks through all users, in slices so that nobody waits for it.</summary>
    async ValueTask<(int Total, List<UserProfile> Page)> FilterAsync(RestCall call, Func<UserProfile, bool> isAsked, int start, int count)
    {
        var (total, page) = (0, new List<UserProfile>());
        for (var from = 0; ; from += Slice)
        {
            var slice = await sequencer.QueryAsync((state, _) =>
            {
                var users = state.App(call.App).Users;
                return users.Page(from, Slice).Select(users.Profile).ToArray();
            });
            foreach (var user in slice.Where(isAsked))
                if (total++ >= start && page.Count < count) page.Add(user);
            if (slice.Length < Slice) return (total, page);
        }
    }

    static bool Holds(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    static bool IsNotification(UserLevel level) => level is UserLevel.Notification or UserLevel.Robot;

    /// <summary>1 is another word for 0 here.</summary>
    static UserLevel LevelOf(int level) => level is < 0 or > byte.MaxValue ? (UserLevel)byte.MaxValue : level == 1 ? UserLevel.Ordinary : (UserLevel)level;

    static string NewId() => RandomNumberGenerator.GetString("123456789", 1) + RandomNumberGenerator.GetString("0123456789", MadeIdDigits - 1);

    sealed record RegisterRequest(RegisteredUser?[]? Users);

    sealed record RegisteredUser(string? UserID, string? Nickname, string? FaceURL, string? Ex, int AppMangerLevel);

    sealed record CheckRequest(string?[]? CheckUserIDs);

    /// <param name="AccountStatus">1 registered, 0 not.</param>
    sealed record CheckedAccount(string UserID, int AccountStatus);

    sealed record ListRequest(Pagination? Pagination, string? UserID, string? NickName);

    /// <summary>Spelled so in the protocol; in a search it is spelled otherwise.</summary>
    sealed record NotificationAccount(string? UserID, string? NickName, string? FaceURL, int AppMangerLevel);

    sealed record SearchRequest(string? Keyword, int? AppManagerLevel, Pagination? Pagination);
}
