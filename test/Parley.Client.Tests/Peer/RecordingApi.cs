using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Parley.Client.Tests.Peer;

/// <summary>What a client asked by REST.</summary>
sealed record ApiCall(string Path, string Token, string OperationId, string Body)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);
}

/// <summary>The REST side: keeps what was asked; answers as a path's function says, else with success and nothing.</summary>
sealed class RecordingApi : HttpMessageHandler
{
    readonly Channel<ApiCall> _calls = Channel.CreateUnbounded<ApiCall>();
    readonly ConcurrentDictionary<string, Func<JsonElement, JsonNode?>> _answers = new();

    public ChannelReader<ApiCall> Calls => _calls.Reader;

    /// <summary>Given to every question in place of any other answer, while it is not null.</summary>
    public string? Answer { get; set; }

    /// <summary>What the answer's <c>data</c> is, by the body that was asked; runs one call at a time.</summary>
    public Func<JsonElement, JsonNode?> this[string path] { set => _answers[path] = value; }

    /// <summary>Declines a path from now on.</summary>
    public void Decline(string path, int code) => _answers[path] = _ => throw new DeclinedException(code);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = new ApiCall(
            request.RequestUri!.AbsolutePath, request.Headers.GetValues("token").Single(), request.Headers.GetValues("operationID").Single(),
            await request.Content!.ReadAsStringAsync(cancellationToken));
        var answer = Answer ?? AnswerTo(call);
        _calls.Writer.TryWrite(call);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer) };
    }

    string AnswerTo(ApiCall call)
    {
        var (code, data) = (0, (JsonNode?)null);
        try { lock (_calls) data = _answers.TryGetValue(call.Path, out var answer) ? answer(call.Json) : null; }
        catch (DeclinedException declined) { code = declined.Code; }
        return new JsonObject { ["errCode"] = code, ["errMsg"] = "", ["errDlt"] = "", ["data"] = data }.ToJsonString();
    }

    sealed class DeclinedException(int code) : Exception
    {
        public int Code { get; } = code;
    }
}
