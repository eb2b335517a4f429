using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/user</c>: who is online. A subscription belongs to connections: it is made for those that the user has open now, which are then told of changes.</summary>
sealed class PresenceRoutes(Sequencer sequencer, OpenIMOptions options)
{
    const int Subscribe = 1;
    const int Unsubscribe = 2;

    public void Map(RestRoutes routes)
    {
        routes.MapFor<StatusRequest>("/user/get_users_status", request => request.UserID, (call, _, request) => AnswerAsync(call, request.UserIDs));
        routes.MapFor<StatusRequest>("/user/subscribe_users_status", request => request.UserID, SubscribeAsync);
        routes.MapFor<UserRequest>("/user/get_subscribe_users_status", request => request.UserID, GetSubscribedAsync);
    }

    async ValueTask<RestAnswer> SubscribeAsync(RestCall call, UserNumber user, StatusRequest request)
    {
        if (request.Genre is not (Subscribe or Unsubscribe)) return RestAnswer.Error(ErrorCodes.Arguments, $"genre is {Subscribe} or {Unsubscribe}");
        if (request.UserIDs is not { } given || given.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        string[] ids = [.. given.OfType<string>()];
        foreach (var session in await sequencer.QueryAsync((_, sessions) => sessions.Of(call.App, user)))
        {
            // A session is adjusted by its own user only, whoever asks for it here.
            var outcome = await sequencer.SubmitAsync(new AdjustSession(call.App, Actor.Of(user), null, request.Genre == Subscribe ? ids : [], request.Genre == Unsubscribe ? ids : []), session);
            if (!outcome.IsAccepted) return RestAnswer.Of(outcome.Refusal);
        }

        return request.Genre == Subscribe ? await AnswerAsync(call, ids) : RestAnswer.Of(new { StatusList = Array.Empty<OnlineStatus>() });
    }

    async ValueTask<RestAnswer> GetSubscribedAsync(RestCall call, UserNumber user, UserRequest request) => RestAnswer.Of(new
    {
        StatusList = await sequencer.QueryAsync((state, sessions) =>
        {
            var users = state.App(call.App).Users;
            return sessions.WatchedBy(call.App, user).Select(watched => Status(users.IdOf(watched), sessions.PlatformsOf(call.App, watched))).ToArray();
        }),
    });

    async ValueTask<RestAnswer> AnswerAsync(RestCall call, string?[]? ids)
    {
        if (ids is null || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        return RestAnswer.Of(new
        {
            StatusList = await sequencer.QueryAsync((state, sessions) => ids.Select(id => Status(state.App(call.App), sessions, call.App, id ?? "")).ToArray()),
        });
    }

    /// <summary>Whoever does not exist is offline.</summary>
    static OnlineStatus Status(AppState state, SessionTable sessions, long app, string id)
        => Status(id, state.Users.TryFind(id, out var user) ? sessions.PlatformsOf(app, user) : []);

    static OnlineStatus Status(string id, IReadOnlyList<int> platforms) => new(id, platforms.Count > 0 ? 1 : 0, platforms);

    sealed record StatusRequest(string? UserID, string?[]? UserIDs, int Genre);

    sealed record OnlineStatus(string UserID, int Status, IReadOnlyList<int> PlatformIDs);
}
