using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Gateway.WebSockets;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>Where clients connect: judges who it is, opens a session, and serves the connection until it ends.</summary>
sealed class SocketEndpoint(WebSocketGateway gateway, Sequencer sequencer, SocketQueries queries, Pushes pushes, CoreOptions core, OpenIMOptions options, TimeProvider clock,
    ILogger<SocketEndpoint> logger)
{
    const string Edge = "openim";

    public async Task ServeAsync(HttpContext http)
    {
        if (!await gateway.IsWebSocketAsync(http))
        {
            await AnswerAsync(http, new HandshakeAnswer(ErrorCodes.ConnectionArguments, "this is a WebSocket", ""));
            return;
        }

        using var place = gateway.TryTakePlace(http, Edge);
        if (place is null) return;

        var request = ConnectRequest.Read(http.Request, out var wantsAnswer, out var fault);
        if (request is null) await RefuseAsync(http, wantsAnswer, new HandshakeAnswer(ErrorCodes.ConnectionArguments, fault!, ""));
        else await ServeAsync(http, request);
    }

    async Task ServeAsync(HttpContext http, ConnectRequest request)
    {
        var refusal = Refusal.None;
        if (!TokenKey.TryFrom(request.Token, out var key))
        {
            await RefuseAsync(http, request.WantsAnswer, new HandshakeAnswer(ErrorCodes.TokenMalformed, "not a token", ""));
            return;
        }

        var user = await sequencer.QueryAsync((state, _) => state.App(options.App).Tokens.TryFind(key, out var token)
            ? (IsKnown: true, token.User, IsOwner: token.User != UserNumber.Administration && state.App(options.App).Users.IdOf(token.User) == request.UserId)
            : default);
        if (!user.IsKnown) refusal = Refusal.UnknownToken;
        else if (!user.IsOwner) refusal = Refusal.NotAllowed;
        if (refusal != Refusal.None)
        {
            await RefuseAsync(http, request.WantsAnswer, Handshake.Of(refusal));
            return;
        }

        var session = new Session(options.App, user.User, request.Platform, "", key, new Outbox(core.MaxOutboxItems, core.MaxOutboxBytes));
        var actor = Actor.Of(user.User);
        // Never cancelled: a session that was opened after its request had gone would stay.
        var opened = await sequencer.SubmitAsync(new OpenSession(options.App, actor, key, request.Platform), session);
        if (!opened.IsAccepted)
        {
            await RefuseAsync(http, request.WantsAnswer, Handshake.Of(opened.Refusal));
            return;
        }

        try
        {
            if (request.IsBackground) await sequencer.SubmitAsync(new AdjustSession(options.App, actor, true, [], []), session);
            var exchange = new ClientExchange(session, request.UserId, request.Encoding, request.WantsAnswer, sequencer, queries, pushes, options, clock, logger);
            await gateway.RunAsync(http, Edge, exchange);
        }
        finally
        {
            session.Outbox.Close();
            await sequencer.SubmitAsync(new CloseSession(options.App, actor), session);
        }
    }

    Task RefuseAsync(HttpContext http, bool asFrame, HandshakeAnswer answer)
        => asFrame ? gateway.RunAsync(http, Edge, new RefusalExchange(Handshake.Write(answer))) : AnswerAsync(http, answer);

    static Task AnswerAsync(HttpContext http, HandshakeAnswer answer)
    {
        var json = Handshake.Write(answer);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        return http.Response.Body.WriteAsync(json, http.RequestAborted).AsTask();
    }
}
