using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Parley.Benchmarks.Server;

/// <summary>An application's back end: registers users and issues their tokens over OpenIM's REST API.</summary>
sealed class BackEnd : IDisposable
{
    public const int MaxUsersPerRequest = 1_000;
    const int Parallel = 8;

    readonly HttpClient _http;

    BackEnd(Uri address) => _http = new HttpClient { BaseAddress = address };

    public static async Task<BackEnd> ConnectAsync(Uri address, string data)
    {
        var backEnd = new BackEnd(address);
        var secret = (await File.ReadAllTextAsync(Path.Combine(data, "openim-secret"))).Trim();
        backEnd._http.DefaultRequestHeaders.Add("token", (string)(await backEnd.CallAsync("/auth/get_admin_token", new { secret, userID = "imAdmin" }))!["token"]!);
        return backEnd;
    }

    public async Task RegisterAsync(IEnumerable<string> users)
    {
        foreach (var batch in users.Chunk(MaxUsersPerRequest))
            await CallAsync("/user/user_register", new { users = batch.Select(user => new { userID = user, nickname = user, faceURL = "" }) });
    }

    public async Task<Dictionary<string, string>> TokensAsync(IReadOnlyList<string> users, int platform)
    {
        var tokens = new string[users.Count];
        await System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(0, users.Count), new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (i, _)
            => tokens[i] = (string)(await CallAsync("/auth/get_user_token", new { userID = users[i], platformID = platform }))!["token"]!);
        return users.Zip(tokens).ToDictionary();
    }

    public async Task<JsonNode?> CallAsync(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("operationID", "benchmark");
        using var answer = await _http.SendAsync(request);
        var envelope = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        return (int)envelope["errCode"]! == 0 ? envelope["data"] : throw new InvalidOperationException($"{path}: {envelope.ToJsonString()}");
    }

    public void Dispose() => _http.Dispose();
}
