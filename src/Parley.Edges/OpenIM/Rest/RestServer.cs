using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Connections;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>
/// OpenIM's REST conventions, in one place: POST, the headers <c>operationID</c> and <c>token</c>, a bounded body, and always HTTP 200 with
/// <c>{"errCode","errMsg","errDlt","data"}</c>. Browsers call from other origins, so every answer allows that.
/// </summary>
sealed partial class RestServer(Sequencer sequencer, OpenIMOptions options, TimeProvider time, ILogger<RestServer> logger)
{
    static readonly string PreflightSeconds = TimeSpan.FromDays(1).TotalSeconds.ToString(CultureInfo.InvariantCulture);
    /// <summary>Names the app that an administrator's call is about.</summary>
    const string AppHeader = "Parley-App";

    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="answer">Gets the whole body.</param>
    public async Task ServeAsync(HttpContext http, RestAccess access, Func<RestCall, RestBody, ValueTask<RestAnswer>> answer)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            headers.AccessControlAllowMethods = "POST, OPTIONS";
            headers.AccessControlAllowHeaders = "content-type, operationid, token";
            headers.AccessControlMaxAge = PreflightSeconds;
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        RestAnswer result;
        try
        {
            result = await AnswerAsync(http, access, answer);
        }
        catch (Exception e) when (e is not OperationCanceledException || !http.RequestAborted.IsCancellationRequested)
        {
            // A broken disk or a mistake of ours: clients of this protocol understand nothing but an answer in its form.
            Log.Failed(logger, e, http.Request.Path);
            result = RestAnswer.Error(ErrorCodes.Internal, "the server failed; its log says why");
        }

        await WriteAsync(http.Response, result);
    }

    async ValueTask<RestAnswer> AnswerAsync(HttpContext http, RestAccess access, Func<RestCall, RestBody, ValueTask<RestAnswer>> answer)
    {
        var request = http.Request;
        if (!HttpMethods.IsPost(request.Method)) return RestAnswer.Error(ErrorCodes.Arguments, "only POST is offered");
        if (OperationIdOf(http).Length is 0 or > RequestName.MaxTextLength)
            return RestAnswer.Error(ErrorCodes.Arguments, $"the header operationID is missing or longer than {RequestName.MaxTextLength}");

        var (caller, refused) = access == RestAccess.Anyone ? (new RestCall(options.App, default, "", AddressOf(http), OperationIdOf(http)), default(RestAnswer?)) : await IdentifyAsync(http);
        if (refused is { } no) return no;
        if (access == RestAccess.Administrator && !caller!.IsAdministrator) return RestAnswer.Error(ErrorCodes.NoPermission, "for administrators");
        if (await ReadAsync(request) is not { } body) return RestAnswer.Error(ErrorCodes.Arguments, "the body is too large");
        return await answer(caller!, new RestBody(body, request.ContentType?.StartsWith("application/x-protobuf", StringComparison.OrdinalIgnoreCase) ?? false));
    }

    async ValueTask<(RestCall? Caller, RestAnswer? Refused)> IdentifyAsync(HttpContext http)
    {
        if (!TokenKey.TryFrom(http.Request.Headers["token"].ToString(), out var key))
            return (null, RestAnswer.Error(ErrorCodes.TokenMalformed, "the header token is missing or not a token"));

        var (app, header) = (options.App, http.Request.Headers[AppHeader].ToString());
        if (header.Length > 0 && !long.TryParse(header, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out app))
            return (null, RestAnswer.Error(ErrorCodes.Arguments, $"the header {AppHeader} is not a number"));

        var (isKnown, mayNameApp, token, userId) = await sequencer.QueryAsync((state, _) =>
        {
            var home = state.App(options.App);
            return home.Tokens.TryFind(key, out var found)
                ? (true, home.Tokens.MayName(found, app, options.App), found, found.User == UserNumber.Administration ? "" : home.Users.IdOf(found.User))
                : (false, false, default, "");
        });
        if (!isKnown) return (null, RestAnswer.Of(Refusal.UnknownToken));
        if (token.State == TokenState.Kicked) return (null, RestAnswer.Of(Refusal.KickedToken));
        if (!mayNameApp) return (null, RestAnswer.Error(ErrorCodes.NoPermission, $"the token is not for the app {app}"));
        if (token.ExpiresAt <= MessageTranslation.Microseconds(time.GetUtcNow())) return (null, RestAnswer.Of(Refusal.ExpiredToken));
        var actor = token.User == UserNumber.Administration ? Actor.Administrator : Actor.Of(token.User);
        return (new RestCall(app, actor, userId, AddressOf(http), OperationIdOf(http)), null);
    }

    static string OperationIdOf(HttpContext http) => http.Request.Headers["operationID"].ToString();

    /// <returns>Null when the body is longer than allowed.</returns>
    async ValueTask<byte[]?> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > options.MaxRestBodyBytes) return null;
        using var body = new MemoryStream();
        var buffer = new byte[Math.Min(options.MaxRestBodyBytes, 8 << 10)];
        int count;
        while ((count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            if (body.Length + count > options.MaxRestBodyBytes) return null;
            body.Write(buffer, 0, count);
        }

        return body.ToArray();
    }

    static async Task WriteAsync(HttpResponse response, RestAnswer answer)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteNumber("errCode", answer.Code);
            json.WriteString("errMsg", answer.Text);
            json.WriteString("errDlt", "");
            json.WritePropertyName("data");
            if (answer.Data is { } data)
            {
                JsonSerializer.Serialize(json, data, data.GetType(), RestJson.Options);
            }
            else
            {
                json.WriteStartObject();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        response.ContentLength = buffer.Length;
        await response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), response.HttpContext.RequestAborted);
    }

    static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";

    static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "OpenIM REST call {Path} failed")]
        public static partial void Failed(ILogger logger, Exception error, string path);
    }
}
