using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Parley.Client.Connection;
using Parley.Wire.OpenIM;

namespace Parley.Client.Api;

/// <summary>The few REST calls of a client. Throws <see cref="ParleyException"/> alone, besides cancellation.</summary>
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

    public Task MarkReadAsync(string conversation, long sequence, IEnumerable<long> seen, CancellationToken ct) =>
        RequestAsync("/msg/mark_conversation_as_read", body =>
        {
            body.WriteString("conversationID", conversation);
            body.WriteString("userID", UserId);
            body.WriteNumber("hasReadSeq", sequence);
            body.WriteStartArray("seqs");
            foreach (var one in seen) body.WriteNumberValue(one);
            body.WriteEndArray();
        }, ct);

    /// <returns>The answer's <c>data</c>; undefined when there is none.</returns>
    public async Task<JsonElement> RequestAsync(string path, Action<Utf8JsonWriter> writeBody, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.ApiAddress, path)) { Content = Body(writeBody) };
            request.Headers.Add("operationID", Guid.NewGuid().ToString("N"));
            request.Headers.Add("token", await tokens.LatestAsync(either.Token));
            using var response = await _http.SendAsync(request, either.Token);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(either.Token));
            return Accepted(path, answer.RootElement);
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
        if (code == ErrorCodes.None) return answer.TryGetProperty("data", out var data) ? data.Clone() : default;
        var reason = answer.TryGetProperty("errMsg", out var message) ? message.ToString() : "";
        if (ErrorCodes.IsToken(code)) tokenRefused(code, reason);
        throw new ParleyException(code, $"The server declined {path}: {code} {reason}");
    }

    static ReadOnlyMemoryContent Body(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        var content = new ReadOnlyMemoryContent(output.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public void Dispose() => _http.Dispose();
}
