using System.CommandLine;
using System.Text.Json.Nodes;
using Parley.Client;
using Parley.Core.Sessions;
using Parley.Server.Chat;

namespace Parley.Server.Commands;

static class ChatCommand
{
    const string DefaultAddress = "http://127.0.0.1:10002";

    public static Command Create()
    {
        var user = new Option<string>("--user") { Description = "Who you are.", Required = true };
        var to = new Option<string?>("--to") { Description = "Whom to talk to at first." };
        var server = new Option<string?>("--server") { Description = $"The server's address. Default: the one running on --data, else {DefaultAddress}." };
        var token = new Option<string?>("--token") { Description = "A token, as 'parley token' prints it." };
        var password = new Option<string?>("--password") { Description = "Log in with a password; '-' asks for it." };
        var data = new Option<string>("--data") { Description = "Without token and password: data directory of the server, whose secret is used.", DefaultValueFactory = _ => DemoCommand.Directory };
        var command = new Command("chat", "Chat in this terminal.") { user, to, server, token, password, data };
        command.SetAction(async (arguments, cancellation) =>
        {
            var (id, directory) = (arguments.GetRequiredValue(user), arguments.GetRequiredValue(data));
            var address = arguments.GetValue(server) ?? Backend.FindRunning(directory) ?? DefaultAddress;
            var secret = arguments.GetValue(password) is "-" ? await AskPasswordAsync() : arguments.GetValue(password);
            var known = arguments.GetValue(token)
                ?? (secret is not null ? await LogInAsync(address, id, secret) : await Backend.AskTokenAsync(address, directory, id, Platforms.Linux));

            await using var client = await ParleyClient.OpenAsync(new ParleyClientOptions
            {
                UserId = id,
                Token = _ => Task.FromResult(known),
                ApiAddress = new Uri(address),
                WebSocketAddress = new UriBuilder(address) { Scheme = address.StartsWith("https", StringComparison.Ordinal) ? "wss" : "ws" }.Uri,
                Platform = Platforms.Linux,
                StorePath = StoreOf(arguments.GetValue(token) is null && secret is null ? directory : null, address, id),
            }, cancellation);
            Console.OutputEncoding = System.Text.Encoding.UTF8;
            await new Terminal(client, arguments.GetValue(to), Console.In, Console.Out).RunAsync(cancellation);
        });
        return command;
    }

    /// <summary>One file per server and user: beside the server's data when that is at hand, so that a demo thrown away takes its chats along.</summary>
    static string StoreOf(string? data, string address, string user)
    {
        var directory = data is not null
            ? Path.Combine(data, "chat")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "parley",
                new Uri(address).Authority.Replace(':', '-'));
        Directory.CreateDirectory(directory);
        return Path.Combine(directory, Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(user)) + ".db");
    }

    static async Task<string> LogInAsync(string address, string id, string password)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(15) };
        using var body = JsonContent.Create(new { userId = id, password, platform = Platforms.Linux });
        await body.LoadIntoBufferAsync();
        using var answer = await http.PostAsync("/api/v1/login", body);
        var json = await answer.Content.ReadFromJsonAsync<JsonNode>();
        return answer.IsSuccessStatusCode ? (string)json!["token"]! : throw new CommandFailedException((string?)json?["message"] ?? $"The server answered {answer.StatusCode}.");
    }

    static async Task<string> AskPasswordAsync()
    {
        await Console.Error.WriteAsync("password: ");
        return await Console.In.ReadLineAsync(CancellationToken.None) ?? "";
    }
}
