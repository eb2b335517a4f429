using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Client.Connection;
using Parley.Wire.OpenIM;

namespace Parley.Client.Api;

/// <summary>REST calls: one body, one answer. Throws <see cref="ParleyException"/> alone, besides cancellation.</summary>
/// <param name="tokenRefused">Told when an answer says that the token is of no more use.</param>
sealed class ApiClient(ParleyClientOptions options, TokenSource tokens, HttpMessageHandler handler, Action<int, string> tokenRefused) : IDisposable
{
    readonly HttpClient _http = new(handler)
    {
        // The deadline below runs on the clock we were given.
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = options.MaxFrameBytes,
    };

    public string UserId => options.UserId;

    public Task TellAsync(string path, JsonObject body, CancellationToken ct) => AskAsync(path, body, _ => true, ct);

    /// <param name="read">Takes what is wanted out of the answer's <c>data</c>, which is undefined when there is none.</param>
    public async Task<T> AskAsync<T>(string path, JsonObject body, Func<JsonElement, T> read, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.ApiAddress, path)) { Content = Written(body) };
            request.Headers.Add("operationID", Guid.NewGuid().ToString("N"));
            request.Headers.Add("token", await tokens.LatestAsync(either.Token));
            using var response = await _http.SendAsync(request, either.Token);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(either.Token));
            return read(Accepted(path, answer.RootElement));
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ParleyException(ParleyException.TimedOut, $"No answer from {path} within {options.RequestTimeout.TotalSeconds:0.#} s.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ParleyException(ParleyException.NotConnected, $"{path} could not be asked: {e.Message}", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ParleyException(ParleyException.Malformed, $"The answer of {path} is not the protocol's JSON.", e);
        }
    }

    JsonElement Accepted(string path, JsonElement answer)
    {
        var code = answer.GetProperty("errCode").GetInt32();
        if (code == ErrorCodes.None) return answer.Part("data");
        var reason = answer.TryGetProperty("errMsg", out var message) ? message.ToString() : "";
        if (ErrorCodes.IsToken(code)) tokenRefused(code, reason);
        throw new ParleyException(code, $"The server declined {path}: {code} {reason}");
    }

    static ReadOnlyMemoryContent Written(JsonObject body)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output)) body.WriteTo(writer);
        var content = new ReadOnlyMemoryContent(output.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public void Dispose() => _http.Dispose();
}
