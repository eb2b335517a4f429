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
            Task<(HttpStatusCode Status, JsonNode Body)> EraseAsync(string token, object body) => PostAsync(http, token, body);

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

    [Fact]
    public async Task An_administrator_erases_a_user_and_nothing_of_them_is_in_any_file_of_the_server()
    {
        string[] gone = ["mallory-id", "mallory's name", "mallory's words", "mallory's face", "mallory's reason"];
        using var scratch = new Scratch();
        using (var server = await ServerProcess.ServeAsync(scratch["data"]))
        {
            using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
            await backEnd.RegisterAsync("alice", "bob");
            async Task CallAsync(string path, object body) => Assert.Equal(0, (int)(await backEnd.CallAsync(path, body))["errCode"]!);
            await CallAsync("/user/user_register", new { users = new[] { new { userID = "mallory-id", nickname = "mallory's name", faceURL = "mallory's face" } } });
            await CallAsync("/friend/add_friend", new { fromUserID = "mallory-id", toUserID = "alice", reqMsg = "mallory's reason" });
            await CallAsync("/friend/add_friend_response", new { fromUserID = "mallory-id", toUserID = "alice", handleResult = 1, handleMsg = "" });
            await CallAsync("/group/create_group", new { memberUserIDs = new[] { "mallory-id" }, ownerUserID = "alice", groupInfo = new { groupID = "g", groupName = "the group that stays", groupType = 2 } });
            foreach (var (from, to, text) in (IEnumerable<(string, string, string)>)[("mallory-id", "bob", "mallory's words"), ("bob", "mallory-id", "the words that stay")])
                await CallAsync("/msg/send_msg", new { sendID = from, recvID = to, content = new { content = text }, contentType = 101, sessionType = 1 });
            foreach (var text in gone) Assert.True(IsInFiles(scratch["data"], text), text);

            var secret = (await File.ReadAllTextAsync(Path.Combine(scratch["data"], "openim-secret"))).Trim();
            var administrator = (string)(await backEnd.CallAsync("/auth/get_admin_token", new { secret, userID = "imAdmin" }))["data"]!["token"]!;
            using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
            Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(http, await backEnd.TokenAsync("mallory-id", 1), new { userId = "mallory-id" })).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(http, administrator, new { userId = "nobody" })).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(http, administrator, new { userId = "mallory-id", groupId = "g" })).Status);
            foreach (var text in gone) Assert.True(IsInFiles(scratch["data"], text), text);

            var (status, body) = await PostAsync(http, administrator, new { userId = "mallory-id" });
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.True((bool)body["isOverwritten"]!);
            foreach (var text in gone) Assert.False(IsInFiles(scratch["data"], text), text);
            foreach (var text in (string[])["the words that stay", "the group that stays"]) Assert.True(IsInFiles(scratch["data"], text), text);
            Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(http, administrator, new { userId = "mallory-id" })).Status);
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(http, administrator, new { userId = "erased-3" })).Status);
            await CallAsync("/friend/get_friend_list", new { userID = "alice", pagination = new { pageNumber = 1, showNumber = 10 } });
            Assert.Equal(0, await server.StopAsync());
        }

        foreach (var text in gone) Assert.False(IsInFiles(scratch["data"], text), text);
        using var again = await ServerProcess.ServeAsync(scratch["data"]);
        Assert.Equal(0, await again.StopAsync());
    }

    static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(HttpClient http, string token, object body)
    {
        using var content = JsonContent.Create(body);
        await content.LoadIntoBufferAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/erasures") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
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
