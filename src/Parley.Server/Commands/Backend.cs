using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Groups;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Hosting;
using Parley.Hosting.Api;
using Parley.Store;
using Parley.Store.Disks;

namespace Parley.Server.Commands;

/// <summary>
/// What commands ask of a data directory, whether its server runs or not: the directory of a stopped server is opened, a running one is asked over HTTP with
/// the secret from its directory.
/// </summary>
static class Backend
{
    static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(90);

    public static async Task RegisterAsync(string data, string id, string name, string? password)
    {
        if (FindRunning(data) is { } address)
        {
            using var http = await AdministratorAsync(address, data);
            using var answer = await http.PostAsync("/api/v1/users", await BodyOf(new { id, name, password }));
            if (!answer.IsSuccessStatusCode) throw new CommandFailedException(await answer.Content.ReadAsStringAsync());
            return;
        }

        var hash = password is null ? null : Parley.Hosting.Api.Passwords.HashOf(password);
        await CarryOutAsync(data, new RegisterUsers(0, Actor.Operator, [new NewUser(id, name, PasswordHash: hash)]), id);
    }

    public static async Task CreateGroupAsync(string data, string id, string name, string owner, string[] members)
    {
        if (FindRunning(data) is { } address)
        {
            using var http = await AdministratorAsync(address, data);
            await CallAsync(http, "/group/create_group", new { ownerUserID = owner, memberUserIDs = members, groupInfo = new { groupID = id, groupName = name, groupType = 2 } });
            return;
        }

        await CarryOutAsync(data, new CreateGroup(0, Actor.Operator, id, GroupKind.Super, new GroupDetails { Name = name }, owner, [], members), id);
    }

    /// <summary>Backs the log up, asking the server where one runs.</summary>
    public static async Task<BackupAnswer> BackUpAsync(string data, string name, CancellationToken cancellation)
    {
        if (FindRunning(data) is { } address)
        {
            using var http = await AdministratorAsync(address, data, Timeout.InfiniteTimeSpan);
            using var answer = await http.PostAsync("/api/v1/backups", await BodyOf(new { name }), cancellation);
            if (!answer.IsSuccessStatusCode) throw new CommandFailedException(await answer.Content.ReadAsStringAsync(cancellation));
            return (await answer.Content.ReadFromJsonAsync<BackupAnswer>(cancellation))!;
        }

        var options = new ParleyOptions { DataDirectory = data, BackupDirectory = Environment.GetEnvironmentVariable("PARLEY__BACKUPDIRECTORY") };
        await using var log = await Log.OpenAsync(new PosixDisk(options.LogDirectory), new LogOptions(), TimeProvider.System);
        return await BackupsApi.BackUpAsync(log, options, name, cancellation);
    }

    public static async Task<string> IssueTokenAsync(string data, string id, int platform)
    {
        if (FindRunning(data) is { } address) return await AskTokenAsync(address, data, id, platform);
        var token = TokenKey.NewToken();
        TokenKey.TryFrom(token, out var key);
        var expires = DateTimeOffset.UtcNow + TokenLifetime;
        await CarryOutAsync(data, new IssueToken(0, Actor.Operator, id, platform, key, (expires.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond), id);
        return token;
    }

    /// <summary>Asks a running server for a user's token with the secret in its data directory.</summary>
    public static async Task<string> AskTokenAsync(string address, string data, string id, int platform)
    {
        using var http = await AdministratorAsync(address, data);
        return (string)(await CallAsync(http, "/auth/get_user_token", new { userID = id, platformID = platform }))["token"]!;
    }

    /// <summary>The address of the server that runs on this directory; null when none does.</summary>
    public static string? FindRunning(string data)
    {
        var path = Path.Combine(data, ParleyServer.AddressFile);
        return File.Exists(path) && IsTaken(data) ? File.ReadAllText(path).Trim() : null;
    }

    static bool IsTaken(string data)
    {
        try
        {
            new PosixDisk(new ParleyOptions { DataDirectory = data }.LogDirectory).Lock().Dispose();
            return false;
        }
        catch (DirectoryInUseException)
        {
            return true;
        }
    }

    /// <summary>Without a server. Nobody could wait for a replica here: it copies what was done when the server runs again.</summary>
    static async Task CarryOutAsync(string data, Command command, string id)
    {
        await using var application = ParleyServer.Build(data, new Dictionary<string, string?> { ["Parley:Http:Address"] = "127.0.0.1", ["Parley:Http:Port"] = "0", ["Parley:Core:ReplicaAck"] = "0" });
        var node = application.Services.GetServices<IHostedService>().Single(service => service.GetType().Assembly == typeof(ParleyOptions).Assembly);
        await node.StartAsync(default);
        var outcome = await application.Services.GetRequiredService<Sequencer>().SubmitAsync(command);
        await node.StopAsync(default);
        if (!outcome.IsAccepted) throw new CommandFailedException($"{id}: {Explain(outcome.Refusal)}");
    }

    static string Explain(Refusal refusal) => refusal switch
    {
        Refusal.UserExists => "a user of that id exists.",
        Refusal.GroupExists => "a group of that id exists.",
        Refusal.AlreadyMember => "a member is named twice.",
        Refusal.UnknownUser => "there is no such user; add it with 'parley user add'.",
        Refusal.InvalidId => "an id has 1 to 64 bytes and no control characters.",
        Refusal.ReservedId => "this number is kept for users that another protocol counts.",
        Refusal.AmbiguousId => "with users that exist, this id would make the name of a conversation mean two things.",
        _ => $"refused ({refusal}).",
    };

    static async Task<HttpClient> AdministratorAsync(string address, string data, TimeSpan? timeout = null)
    {
        var secret = Environment.GetEnvironmentVariable("PARLEY__OPENIM__SECRET") ?? SecretOf(data);
        var userId = Environment.GetEnvironmentVariable("PARLEY__OPENIM__ADMINUSERID") ?? "imAdmin";
        var http = new HttpClient { BaseAddress = new Uri(address), Timeout = timeout ?? TimeSpan.FromSeconds(15) };
        var token = (string)(await CallAsync(http, "/auth/get_admin_token", new { secret, userID = userId }))["token"]!;
        http.DefaultRequestHeaders.Add("token", token);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>Of a server that has one: a command must not make a secret where no server will read it.</summary>
    static string SecretOf(string data) => File.Exists(Path.Combine(data, ServerSecret.OpenIMFile))
        ? ServerSecret.Obtain(data, ServerSecret.OpenIMFile)
        : throw new CommandFailedException($"There is no server's secret in {Path.GetFullPath(data)}. Name the server's data directory with --data, or log in with --token or --password.");

    static async Task<JsonNode> CallAsync(HttpClient http, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = await BodyOf(body) };
        request.Headers.Add("operationID", Guid.NewGuid().ToString("N"));
        using var answer = await http.SendAsync(request);
        var envelope = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        return (int)envelope["errCode"]! == 0
            ? envelope["data"]!
            : throw new CommandFailedException($"The server refused {path}: {(string?)envelope["errMsg"]} ({(int)envelope["errCode"]!}).");
    }

    /// <summary>JSON with a stated length, which the server wants.</summary>
    static async Task<HttpContent> BodyOf(object body)
    {
        var content = JsonContent.Create(body);
        await content.LoadIntoBufferAsync();
        return content;
    }
}
