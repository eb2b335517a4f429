using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Parley.Server.Tests;

public sealed class ErasureTests
{
    [Fact]
    public async Task An_administrator_erases_a_message_and_it_is_in_no_file_of_the_server()
    {
        using var scratch = new Scratch();
        using (var server = await ServerProcess.ServeAsync(scratch["data"]))
        {
            using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
            await backEnd.RegisterAsync("alice", "bob");
            foreach (var text in (string[])["the words that go", "the words that stay"])
            {
                var sent = await backEnd.CallAsync("/msg/send_msg", new { sendID = "alice", recvID = "bob", content = new { content = text }, contentType = 101, sessionType = 1 });
                Assert.Equal(0, (int)sent["errCode"]!);
            }

            Assert.True(IsInFiles(scratch["data"], "the words that go"));
            var secret = (await File.ReadAllTextAsync(Path.Combine(scratch["data"], "openim-secret"))).Trim();
            var administrator = (string)(await backEnd.CallAsync("/auth/get_admin_token", new { secret, userID = "imAdmin" }))["data"]!["token"]!;
            var user = await backEnd.TokenAsync("alice", 1);
            using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
            async Task<(HttpStatusCode Status, JsonNode Body)> EraseAsync(string token, object body)
            {
                using var content = JsonContent.Create(body);
                await content.LoadIntoBufferAsync();
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/erasures") { Content = content };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                using var answer = await http.SendAsync(request);
                return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
            }

            string[] users = ["bob", "alice"];
            int[] first = [1], third = [3];
            Assert.Equal(HttpStatusCode.Unauthorized, (await EraseAsync(user, new { userIds = users, sequences = first })).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await EraseAsync(administrator, new { userIds = users, sequences = third })).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await EraseAsync(administrator, new { groupId = "g" })).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await EraseAsync(administrator, new { sequences = first })).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await EraseAsync(administrator, new { userIds = users, sequences = first, upTo = 1 })).Status);
            Assert.True(IsInFiles(scratch["data"], "the words that go"));

            var (status, body) = await EraseAsync(administrator, new { userIds = users, sequences = first });
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.True((bool)body["isOverwritten"]!);
            Assert.False(IsInFiles(scratch["data"], "the words that go"));
            Assert.True(IsInFiles(scratch["data"], "the words that stay"));
            Assert.Equal(HttpStatusCode.OK, (await EraseAsync(administrator, new { userIds = users })).Status);
            Assert.Equal(0, await server.StopAsync());
        }

        Assert.False(IsInFiles(scratch["data"], "the words that"));
        using var again = await ServerProcess.ServeAsync(scratch["data"]);
        Assert.Equal(0, await again.StopAsync());
    }

    static bool IsInFiles(string directory, string text)
        => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock").Any(path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            return bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
        });
}
