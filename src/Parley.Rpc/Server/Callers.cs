using Microsoft.AspNetCore.Http;
using Parley.Core;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>Judges the tokens that callers show: administrators' alone, found by their hash, so that the time it takes tells nothing.</summary>
sealed class Callers(Sequencer sequencer, RpcOptions options, TimeProvider time)
{
    const string Scheme = "Bearer ";

    static readonly RpcFault Missing = new(RpcCode.Unauthenticated, "the header authorization is missing or not 'Bearer' and a token");

    /// <returns>Null when the caller may.</returns>
    public async ValueTask<RpcFault?> JudgeAsync(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !TokenKey.TryFrom(header[Scheme.Length..], out var key)) return Missing;
        var token = await sequencer.QueryAsync((state, _) => state.App(options.TokenApp ?? 0).Tokens.TryFind(key, out var found) ? found : default(TokenView?));
        if (token is not { } shown) return RpcFault.Of(Refusal.UnknownToken);
        if (shown.State == TokenState.Kicked) return RpcFault.Of(Refusal.KickedToken);
        if (shown.ExpiresAt <= (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) return RpcFault.Of(Refusal.ExpiredToken);
        return shown.User == UserNumber.Administration ? null : RpcFault.Of(Refusal.NotAllowed);
    }
}
