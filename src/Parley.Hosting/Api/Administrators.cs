using Microsoft.AspNetCore.Http;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Edges.OpenIM;

namespace Parley.Hosting.Api;

/// <summary>Judges the bearer tokens of Parley's own API.</summary>
static class Administrators
{
    const string Scheme = "Bearer ";

    /// <param name="everyApp">Whether a token that lists its apps is too narrow.</param>
    public static async Task<bool> MayAsync(HttpContext context, Sequencer sequencer, OpenIMOptions openIM, TimeProvider time, bool everyApp = false)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.Ordinal) || !TokenKey.TryFrom(header[Scheme.Length..], out var key)) return false;
        var now = (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        return await sequencer.QueryAsync((state, _) => state.App(openIM.App).Tokens is var tokens && tokens.TryFind(key, out var token)
            && token.User == UserNumber.Administration && token.State == TokenState.Live && token.ExpiresAt > now
            && (everyApp ? tokens.IsForEveryApp(token) : tokens.MayName(token, openIM.App, openIM.App)));
    }
}
