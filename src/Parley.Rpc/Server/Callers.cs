using Microsoft.AspNetCore.Http;
using Parley.Core;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>What a call is about: an app, or the whole log.</summary>
readonly record struct CallScope(bool IsWholeLog, long App)
{
    public static readonly CallScope WholeLog = new(true, 0);

    public static CallScope Of(long app) => new(false, app);
}

/// <summary>Judges the tokens that callers show: administrators' alone, found by their hash, so that the time it takes tells nothing.</summary>
sealed class Callers(Sequencer sequencer, RpcOptions options, TimeProvider time)
{
    const string Scheme = "Bearer ";

    static readonly RpcFault Missing = new(RpcCode.Unauthenticated, "the header authorization is missing or not 'Bearer' and a token");

    /// <param name="scope">Null for what concerns no app, and before it is known.</param>
    /// <returns>Null when the caller may.</returns>
    public async ValueTask<RpcFault?> JudgeAsync(HttpRequest request, CallScope? scope)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !TokenKey.TryFrom(header[Scheme.Length..], out var key)) return Missing;
        var home = options.TokenApp ?? 0;
        var (token, isForScope) = await sequencer.QueryAsync((state, _) =>
        {
            var tokens = state.App(home).Tokens;
            if (!tokens.TryFind(key, out var found)) return (default(TokenView?), false);
            return (found, scope is not { } wanted || (wanted.IsWholeLog ? tokens.IsForEveryApp(found) : tokens.MayName(found, wanted.App, home)));
        });
        if (token is not { } shown) return RpcFault.Of(Refusal.UnknownToken);
        if (shown.State == TokenState.Kicked) return RpcFault.Of(Refusal.KickedToken);
        if (shown.ExpiresAt <= (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) return RpcFault.Of(Refusal.ExpiredToken);
        if (shown.User != UserNumber.Administration) return RpcFault.Of(Refusal.NotAllowed);
        return isForScope ? null : new RpcFault(RpcCode.PermissionDenied, scope!.Value.IsWholeLog ? "for administrators of every app" : "the token is not for this app", Refusal.NotAllowed);
    }
}
