using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Core.Users;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>Maps REST paths.</summary>
sealed class RestRoutes(IEndpointRouteBuilder endpoints, RestServer server, RestUsers users)
{
    /// <summary>A path whose body is the JSON of <typeparamref name="T"/>.</summary>
    public void Map<T>(string path, RestAccess access, Func<RestCall, T, ValueTask<RestAnswer>> answer) where T : class
        => MapRaw(path, access, (call, body) => Parse<T>(body.Bytes.Span) is { } request
            ? answer(call, request)
            : new(RestAnswer.Error(ErrorCodes.Arguments, "the body is not the JSON that this path wants")));

    /// <summary>A path whose body is the JSON of <typeparamref name="T"/> and that acts for the user it names: the caller, or anyone when an administrator calls.</summary>
    public void MapFor<T>(string path, Func<T, string?> userId, Func<RestCall, UserNumber, T, ValueTask<RestAnswer>> answer) where T : class
        => Map<T>(path, RestAccess.TokenHolder, (call, request) => users.ActAsync(call, userId(request), user => answer(call, user, request)));

    /// <summary>A path that reads its body itself.</summary>
    public void MapRaw(string path, RestAccess access, Func<RestCall, RestBody, ValueTask<RestAnswer>> answer)
        => endpoints.Map(path, http => server.ServeAsync(http, access, answer));

    /// <summary>Whatever else is below an area. An honest error: success without effect would mislead clients.</summary>
    public void MapRest(string area)
        => MapRaw($"/{area}/{{**rest}}", RestAccess.Anyone, (_, _) => new(RestAnswer.Error(ErrorCodes.RecordNotFound, "this path is not offered by this server")));

    public static T? Parse<T>(ReadOnlySpan<byte> body) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, RestJson.Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, other types than wanted, or text that is not Unicode.
            return null;
        }
    }
}
