using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Edges.OpenIM;

namespace Parley.Hosting.Api;

sealed record NewUserRequest(string? Id, string? Name, string? Password);

sealed record LoginRequest(string? UserId, string? Password, int Platform);

sealed record LoginAnswer(string Token, DateTimeOffset ExpiresAt);

sealed record ApiError(string Error, string Message);

/// <summary>
/// Parley's own API: <c>POST /api/v1/users</c> registers a user with a password (administrators), <c>POST /api/v1/login</c> gives a token for a password.
/// </summary>
static class UsersApi
{
    const int MaxBodyBytes = 16 << 10;
    const int MinPasswordLength = 8;

    public static void MapUsers(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api/v1").AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.ContentLength is null or > MaxBodyBytes
                ? Refused(StatusCodes.Status413PayloadTooLarge, "TooLarge", $"The body must state its length, at most {MaxBodyBytes} bytes.")
                : await next(context));
        api.MapPost("/users", RegisterAsync);
        api.MapPost("/login", LoginAsync);
    }

    static async Task<IResult> RegisterAsync(NewUserRequest request, HttpContext context, Sequencer sequencer, OpenIMOptions openIM, TimeProvider time)
    {
        if (!await Administrators.MayAsync(context, sequencer, openIM, time)) return Refused(StatusCodes.Status401Unauthorized, "NotAllowed", "An administrator's token is needed.");
        if (request.Id is null || request.Name is null) return Refused(StatusCodes.Status400BadRequest, "InvalidId", "Both id and name are needed.");
        if (request.Password is { Length: < MinPasswordLength or > Passwords.MaxLength })
            return Refused(StatusCodes.Status400BadRequest, "InvalidPassword", $"A password has {MinPasswordLength} to {Passwords.MaxLength} characters.");

        var hash = request.Password is null ? null : Passwords.HashOf(request.Password);
        var outcome = await sequencer.SubmitAsync(new RegisterUsers(openIM.App, Actor.Administrator, [new NewUser(request.Id, request.Name, PasswordHash: hash)]),
            cancellation: context.RequestAborted);
        return outcome.Refusal switch
        {
            Refusal.None => Results.Json(new { request.Id, request.Name }, statusCode: StatusCodes.Status201Created),
            Refusal.UserExists => Refused(StatusCodes.Status409Conflict, nameof(Refusal.UserExists), $"A user {request.Id} exists."),
            Refusal.OutcomeUnknown or Refusal.ReadOnly or Refusal.StoreFull or Refusal.Stopping
                => Refused(StatusCodes.Status503ServiceUnavailable, outcome.Refusal.ToString(), "The server can't write now; ask again later."),
            var refusal => Refused(StatusCodes.Status400BadRequest, refusal.ToString(), "The user can't be registered so."),
        };
    }

    static async Task<IResult> LoginAsync(LoginRequest request, HttpContext context, Sequencer sequencer, Passwords passwords, OpenIMOptions openIM, TimeProvider time)
    {
        if (request.UserId is not { Length: > 0 and <= UserIds.MaxBytes } id || request.Password is not { Length: > 0 and <= Passwords.MaxLength } password)
            return Refused(StatusCodes.Status400BadRequest, "InvalidId", "Both userId and password are needed.");

        var hash = await sequencer.QueryAsync((state, _) => state.App(openIM.App).Users is var users && users.TryFind(id, out var user) ? users.PasswordHash(user) : null);
        string[] subjects = [$"user {id}", $"address {context.Connection.RemoteIpAddress}"];
        var matches = await passwords.CheckAsync(hash, password, subjects, context.RequestAborted);
        if (matches is null) return Refused(StatusCodes.Status429TooManyRequests, nameof(Refusal.RateLimited), "Too many failed attempts; ask again in some minutes.");
        if (matches is false) return Refused(StatusCodes.Status401Unauthorized, nameof(Refusal.NotAllowed), "The user or the password is wrong.");

        var token = TokenKey.NewToken();
        TokenKey.TryFrom(token, out var key);
        var expires = time.GetUtcNow() + openIM.TokenLifetime;
        var outcome = await sequencer.SubmitAsync(new IssueToken(openIM.App, Actor.Operator, id, request.Platform, key, Microseconds(expires)), cancellation: context.RequestAborted);
        return outcome.IsAccepted
            ? Results.Json(new LoginAnswer(token, expires))
            : Refused(StatusCodes.Status400BadRequest, outcome.Refusal.ToString(), "No token for this user on this platform.");
    }

    static long Microseconds(DateTimeOffset moment) => (moment.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    static IResult Refused(int status, string error, string message) => Results.Json(new ApiError(error, message), statusCode: status);
}
