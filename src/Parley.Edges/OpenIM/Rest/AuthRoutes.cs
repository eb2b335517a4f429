using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/auth</c>: tokens.</summary>
sealed class AuthRoutes(Sequencer sequencer, WrongSecrets secrets, OpenIMOptions options, TimeProvider time)
{
    public void Map(RestRoutes routes)
    {
        routes.Map<AdminTokenRequest>("/auth/get_admin_token", RestAccess.Anyone, GetAdminTokenAsync);
        routes.Map<UserTokenRequest>("/auth/get_user_token", RestAccess.Administrator, GetUserTokenAsync);
        routes.Map<ParseTokenRequest>("/auth/parse_token", RestAccess.Anyone, ParseTokenAsync);
        routes.Map<UserTokenRequest>("/auth/force_logout", RestAccess.Administrator, ForceLogoutAsync);
    }

    async ValueTask<RestAnswer> GetAdminTokenAsync(RestCall call, AdminTokenRequest request)
    {
        var isRight = secrets.IsRight(request.Secret ?? "", call.Address);
        if (isRight is null) return RestAnswer.Error(ErrorCodes.NoPermission, "too many wrong secrets; wait a minute");
        if (isRight is false || request.UserID != options.AdminUserId) return RestAnswer.Error(ErrorCodes.NoPermission, "wrong secret or userID");
        return await IssueAsync(options.App, Actor.Operator, null, Platforms.Administration, request.Apps ?? []);
    }

    async ValueTask<RestAnswer> GetUserTokenAsync(RestCall call, UserTokenRequest request)
        => await IssueAsync(call.App, call.Actor, request.UserID ?? "", request.PlatformID, []);

    async ValueTask<RestAnswer> IssueAsync(long app, Actor actor, string? userId, int platform, IReadOnlyList<long> apps)
    {
        var token = TokenKey.NewToken();
        TokenKey.TryFrom(token, out var key);
        var expires = time.GetUtcNow() + options.TokenLifetime;
        var outcome = await sequencer.SubmitAsync(new IssueToken(app, actor, userId, platform, key, MessageTranslation.Microseconds(expires)) { Apps = apps });
        return outcome.IsAccepted
            ? RestAnswer.Of(new { Token = token, ExpireTimeSeconds = (long)options.TokenLifetime.TotalSeconds })
            : RestAnswer.Of(outcome.Refusal);
    }

    async ValueTask<RestAnswer> ParseTokenAsync(RestCall call, ParseTokenRequest request)
    {
        if (!TokenKey.TryFrom(request.Token, out var key)) return RestAnswer.Error(ErrorCodes.TokenMalformed, "not a token");
        var (isKnown, token, userId) = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(options.App);
            return app.Tokens.TryFind(key, out var found)
                ? (true, found, found.User == UserNumber.Administration ? options.AdminUserId : app.Users.IdOf(found.User))
                : (false, default, "");
        });
        if (!isKnown) return RestAnswer.Of(Refusal.UnknownToken);
        if (token.State == TokenState.Kicked) return RestAnswer.Of(Refusal.KickedToken);
        if (token.ExpiresAt <= MessageTranslation.Microseconds(time.GetUtcNow())) return RestAnswer.Of(Refusal.ExpiredToken);
        return RestAnswer.Of(new { UserID = userId, PlatformID = token.Platform, ExpireTimeSeconds = token.ExpiresAt / 1_000_000 });
    }

    async ValueTask<RestAnswer> ForceLogoutAsync(RestCall call, UserTokenRequest request)
        => RestAnswer.Of((await sequencer.SubmitAsync(new RevokeTokens(call.App, call.Actor, request.UserID ?? "", request.PlatformID))).Refusal);

    sealed record AdminTokenRequest(string? Secret, string? UserID, IReadOnlyList<long>? Apps);

    sealed record UserTokenRequest(string? UserID, int PlatformID);

    sealed record ParseTokenRequest(string? Token);
}
