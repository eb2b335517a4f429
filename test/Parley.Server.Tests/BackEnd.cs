using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Parley.Server.Tests;

/// <summary>An application's back end: OpenIM's REST API with an administrator's token.</summary>
sealed class BackEnd : IDisposable
{
    readonly HttpClient _http;

    BackEnd(HttpClient http) => _http = http;

    public static async Task<BackEnd> ConnectAsync(string address, string data)
    {
        var backEnd = new BackEnd(new HttpClient { BaseAddress = new Uri(address) });
        var secret = (await File.ReadAllTextAsync(Path.Combine(data, "openim-secret"))).Trim();
        backEnd._http.DefaultRequestHeaders.Add("token", (string)(await backEnd.CallAsync("/auth/get_admin_token", new { secret, userID = "imAdmin" }))["data"]!["token"]!);
        return backEnd;
    }

    public async Task RegisterAsync(params string[] users)
        => Assert.Equal(0, (int)(await CallAsync("/user/user_register", new { users = users.Select(user => new { userID = user, nickname = user }) }))["errCode"]!);

    public async Task<string> TokenAsync(string user, int platform)
        => (string)(await CallAsync("/auth/get_user_token", new { userID = user, platformID = platform }))["data"]!["token"]!;

    public async Task<JsonNode> CallAsync(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("operationID", "test");
        using var answer = await _http.SendAsync(request);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(path);

    public void Dispose() => _http.Dispose();
}
