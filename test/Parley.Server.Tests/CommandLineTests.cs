using Parley.Store.Disks;

namespace Parley.Server.Tests;

/// <summary>What an operator types, on real processes.</summary>
public sealed class CommandLineTests
{
    const string Words = "the-words-nobody-else-may-see";

    [Fact]
    public async Task Serve_prints_one_line_answers_probes_and_stops_on_SIGTERM()
    {
        using var scratch = new Scratch();
        using var server = await ServerProcess.ServeAsync(scratch["data"]);
        using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
        Assert.Equal("ok\n", await backEnd.GetAsync("/healthz"));
        Assert.Equal("ready\n", await backEnd.GetAsync("/readyz"));
        Assert.Contains("parley_core_commands_total", await backEnd.GetAsync("/metrics"), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scratch["data/openim-secret"]));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(scratch["data"]));
        }

        Assert.Equal(0, await server.StopAsync());
        Assert.Single(server.Output.Split('\n'));
    }

    [Theory]
    [InlineData("PARLEY__CORE__MESSAGERATE", "-5", "Parley:Core:MessageRate", "0 to 1000000")]
    [InlineData("PARLEY__CORE__DEDUPE__WINDOW", "00:00:01", "Parley:Core:Dedupe:Window", "00:00:10")]
    [InlineData("PARLEY__STORE__SEGMENTBYTES", "1", "Parley:Store:SegmentBytes", "16384")]
    [InlineData("PARLEY__HTTP__PORT", "70000", "Port", "65535")]
    [InlineData("PARLEY__HTTP__ADDRESS", "nowhere", "Parley:Http:Address", "IP address")]
    [InlineData("PARLEY__CORE__MESSAGRATE", "5", "MessagRate", "")]
    [InlineData("PARLEY__CORE__MESSAGERATE", "many", "Parley:Core:MessageRate", "")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string variable, string value, string key, string allowed)
    {
        using var scratch = new Scratch();
        using var server = ServerProcess.Start(["serve", "--data", scratch["data"]], ("PARLEY__HTTP__PORT", "0"), (variable, value));
        Assert.NotEqual(0, await server.WaitForExitAsync());
        Assert.Contains(key, server.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(allowed, server.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Errors, StringComparison.Ordinal);
        Assert.Empty(server.Output);
    }

    [Fact]
    public async Task A_second_server_on_the_same_directory_is_told_so()
    {
        using var scratch = new Scratch();
        using var server = await ServerProcess.ServeAsync(scratch["data"]);
        using var second = ServerProcess.Start(["serve", "--data", scratch["data"]], ("PARLEY__HTTP__PORT", "0"));
        Assert.Equal(1, await second.WaitForExitAsync());
        Assert.Contains("in use", second.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Users_and_tokens_are_made_whether_the_server_runs_or_not(bool running)
    {
        using var scratch = new Scratch();
        ServerProcess? server = running ? await ServerProcess.ServeAsync(scratch["data"]) : null;
        Assert.Contains("user dave added", await RunAsync(0, "user", "add", "--id", "dave", "--name", "Dave", "--password", "correct horse", "--data", scratch["data"]), StringComparison.Ordinal);
        Assert.Contains("exists", await RunAsync(1, "user", "add", "--id", "dave", "--data", scratch["data"]), StringComparison.OrdinalIgnoreCase);
        Assert.True((await RunAsync(0, "token", "--user", "dave", "--data", scratch["data"])).Length >= 40);
        await RunAsync(1, "token", "--user", "nobody", "--data", scratch["data"]);

        server ??= await ServerProcess.ServeAsync(scratch["data"]);
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        foreach (var (password, status) in new[] { ("correct horse", 200), ("wrong horse", 401) })
        {
            using var body = new StringContent($$"""{"userId":"dave","password":"{{password}}","platform":7}""", System.Text.Encoding.UTF8, "application/json");
            Assert.Equal(status, (int)(await http.PostAsync("/api/v1/login", body)).StatusCode);
        }

        server.Dispose();
        Assert.DoesNotContain("correct horse", server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_finds_nothing_in_a_sound_log_and_names_the_place_of_damage()
    {
        using var scratch = new Scratch();
        // Two batches: rot in the very last one can't be told from a torn write.
        foreach (var id in new[] { "dave", "erin" }) await RunAsync(0, "user", "add", "--id", id, "--data", scratch["data"]);
        await RunAsync(0, "check", "--data", scratch["data"]);
        var segment = Directory.GetFiles(scratch["data/log"], "*.segment").First();
        using (var file = File.Open(segment, FileMode.Open))
        {
            file.Position = 64 + 10;
            file.WriteByte(0xff);
        }

        Assert.Contains(Path.GetFileName(segment), await RunAsync(2, "check", "--data", scratch["data"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_backed_up_while_it_is_used_restored_to_a_point_and_repaired()
    {
        using var scratch = new Scratch();
        using (var server = await ServerProcess.ServeAsync(scratch["data"]))
        {
            using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
            await backEnd.RegisterAsync("alice");
            await RunAsync(0, "backup", "--data", scratch["data"], "--name", "nightly");
            await backEnd.RegisterAsync("bob");
            await RunAsync(0, "backup", "--data", scratch["data"], "--name", "nightly");
            Assert.Contains("InvalidName", await RunAsync(1, "backup", "--data", scratch["data"], "--name", "../elsewhere"), StringComparison.Ordinal);
            Assert.Equal(401, await StatusOfBackupAsync(server.Address, await backEnd.TokenAsync("alice", 5)));
        }

        // The first record is the administrator's token, the second is alice, then come the second backup's token and bob.
        await RunAsync(0, "restore", "--from", scratch["data/backups/nightly"], "--data", scratch["before"], "--to-position", "2");
        await RunAsync(0, "restore", "--from", scratch["data/backups/nightly"], "--data", scratch["all"]);
        Assert.Equal(2, (await RunAsync(0, "dump", "--data", scratch["before"])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await RunAsync(0, "check", "--data", scratch["all"], "--json");
        await RunAsync(1, "user", "add", "--id", "bob", "--data", scratch["all"]);
        await RunAsync(0, "user", "add", "--id", "bob", "--data", scratch["before"]);

        using (var file = File.Open(Directory.GetFiles(scratch["all/log"], "*.segment").First(), FileMode.Open))
        {
            file.Position = 64 + 10;
            file.WriteByte(0xff);
        }

        await RunAsync(1, "user", "add", "--id", "carol", "--data", scratch["all"]);
        Assert.Contains("--apply", await RunAsync(2, "repair", "--data", scratch["all"]), StringComparison.Ordinal);
        await RunAsync(0, "repair", "--data", scratch["all"], "--apply");
        await RunAsync(0, "check", "--data", scratch["all"]);
        Assert.Contains("nothing to repair", await RunAsync(0, "repair", "--data", scratch["all"]), StringComparison.Ordinal);
    }

    static async Task<int> StatusOfBackupAsync(string address, string token)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var body = new StringContent("""{"name":"x"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/api/v1/backups", body);
        return (int)answer.StatusCode;
    }

    /// <summary>The newcomer's two terminals, with the server killed in between.</summary>
    [Fact]
    public async Task Two_people_chat_from_two_terminals_across_a_killed_server()
    {
        using var scratch = new Scratch();
        (string, string)[] environment = [("PARLEY__HTTP__PORT", "0")];
        using var first = ServerProcess.Start(["demo", "--data", scratch["demo"]], environment);
        var port = new Uri((await first.WaitForLineAsync(line => line.StartsWith("parley ready", StringComparison.Ordinal))).Split(' ')[2]).Port;
        await first.WaitForLineAsync(line => line.Contains("chat --user bob", StringComparison.Ordinal));

        using var alice = ServerProcess.Start(["chat", "--user", "alice", "--to", "bob", "--data", scratch["demo"]]);
        using var bob = ServerProcess.Start(["chat", "--user", "bob", "--to", "alice", "--data", scratch["demo"]]);
        await alice.WaitForLineAsync(line => line == "— connected");
        await bob.WaitForLineAsync(line => line == "— connected");
        alice.Type($"hello {Words}");
        await alice.WaitForLineAsync(line => line.Contains('✓', StringComparison.Ordinal));
        await bob.WaitForLineAsync(line => line.Contains($"alice: hello {Words}", StringComparison.Ordinal));

        await first.KillAsync();
        await bob.WaitForLineAsync(line => line.Contains("offline", StringComparison.Ordinal));
        await alice.WaitForLineAsync(line => line.Contains("offline", StringComparison.Ordinal));
        bob.Type("written while the server was away");
        await bob.WaitForLineAsync(line => line.Contains("waiting for the server", StringComparison.Ordinal));

        using var second = ServerProcess.Start(["demo", "--data", scratch["demo"]], ("PARLEY__HTTP__PORT", $"{port}"));
        await alice.WaitForLineAsync(line => line.Contains("bob: written while the server was away", StringComparison.Ordinal));
        bob.EndInput();
        alice.EndInput();
        Assert.Equal((0, 0), (await bob.WaitForExitAsync(), await alice.WaitForExitAsync()));
        Assert.Equal(0, await second.StopAsync());
        Assert.DoesNotContain(Words, first.Errors + second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_without_the_servers_directory_says_so_and_makes_none()
    {
        using var scratch = new Scratch();
        Assert.Contains("--data", await RunAsync(1, "chat", "--user", "alice", "--data", scratch["nowhere"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(scratch["nowhere"]));
    }

    [Fact]
    public async Task No_log_line_shows_a_token_a_secret_or_a_message()
    {
        using var scratch = new Scratch();
        using var server = await ServerProcess.ServeAsync(scratch["data"], 0, ("Logging__LogLevel__Default", "Trace"), ("Logging__LogLevel__Microsoft", "Information"));
        using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
        await backEnd.RegisterAsync("alice", "bob");
        var token = await backEnd.TokenAsync("alice", 5);
        await using (var client = await Client.ParleyClient.OpenAsync(new Client.ParleyClientOptions
        {
            UserId = "alice",
            Platform = 5,
            Token = _ => Task.FromResult(token),
            StorePath = ":memory:",
            ApiAddress = new Uri(server.Address),
            WebSocketAddress = new UriBuilder(server.Address) { Scheme = "ws" }.Uri,
        }))
            await client.WaitSentAsync((await client.SendTextAsync("bob", Words)).ClientMessageId);

        var secret = (await File.ReadAllTextAsync(scratch["data/openim-secret"])).Trim();
        var metrics = await backEnd.GetAsync("/metrics");
        await server.StopAsync();
        Assert.NotEmpty(server.Errors);
        foreach (var hidden in new[] { token, secret, Words }) Assert.DoesNotContain(hidden, server.Errors + server.Output + metrics, StringComparison.Ordinal);
    }

    [Fact]
    public void The_real_disk_says_who_holds_a_directory()
    {
        using var scratch = new Scratch();
        using var held = new PosixDisk(scratch["log"]).Lock();
        Assert.Contains($"{Environment.ProcessId}", Assert.Throws<DirectoryInUseException>(() => new PosixDisk(scratch["log"]).Lock()).Message, StringComparison.Ordinal);
    }

    static async Task<string> RunAsync(int expected, params string[] arguments)
    {
        using var command = ServerProcess.Start(arguments);
        var code = await command.WaitForExitAsync();
        Assert.True(code == expected, $"{string.Join(' ', arguments)} ended with {code}:\n{command.Output}\n{command.Errors}");
        return command.Output + command.Errors;
    }
}
