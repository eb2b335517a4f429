using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Core;
using Parley.Core.Lists;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Edges.OpenIM;
using Parley.Gateway;
using Parley.Gateway.WebSockets;
using Parley.Store;
using Parley.Testing.Disks;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>The edge on a real listener of loopback, over a log in memory.</summary>
public sealed class RunningEdge : IAsyncDisposable
{
    public const string Secret = "a secret of the test";
    public static readonly LogOptions LogOptions = new() { SegmentBytes = 8 << 20, PrepareBytes = 512 << 10, MaxBatchBytes = 512 << 10 };

    readonly CancellationTokenSource _stopping = new();
    readonly WebApplication _application;
    readonly Log _log;
    readonly Task _loops;
    readonly HttpClient _http;
    string? _administrator;
    static int _users;

    RunningEdge(WebApplication application, Log log, TimeProvider time)
    {
        (_application, _log, Time) = (application, log, time);
        Sequencer = application.Services.GetRequiredService<Sequencer>();
        // The real disk's sync would block; this one's does not, yet the loops get threads as they do in the server.
        _loops = Task.WhenAll(Task.Run(() => log.MaintainAsync(_stopping.Token)), Task.Run(() => Sequencer.RunAsync(_stopping.Token)));
        Uri[] addresses = [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];
        (Address, Http2Address) = (addresses[0], addresses[1]);
        _http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    /// <summary>Speaks HTTP/2 only.</summary>
    public Uri Http2Address { get; }
    public Sequencer Sequencer { get; }
    public TimeProvider Time { get; }
    public IServiceProvider Services => _application.Services;
    public int Connections => _application.Services.GetRequiredService<WebSocketGateway>().Count;

    public static async Task<RunningEdge> StartAsync(Action<OpenIMOptions>? openIM = null, Action<GatewayOptions>? gateway = null, Action<CoreOptions>? core = null,
        TimeProvider? time = null, CrashingDisk? disk = null)
    {
        time ??= TimeProvider.System;
        var log = await Log.OpenAsync(disk ?? new CrashingDisk(seed: 1), LogOptions, time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.Configure<OpenIMOptions>(options =>
        {
            options.Secret = Secret;
            openIM?.Invoke(options);
        });
        builder.Services.Configure<GatewayOptions>(options => gateway?.Invoke(options));
        builder.Services.Configure<CoreOptions>(options =>
        {
            options.MessageRate = 0;
            core?.Invoke(options);
        });
        builder.Services.AddMetrics().AddSingleton(time).AddSingleton(log).AddSingleton<CoreMetrics>().AddSingleton<MessageReader>().AddSingleton<NoticeReader>().AddSingleton<ListReader>();
        builder.Services.AddOpenIM();
        builder.Services.AddSingleton(provider => Sequencer.Open(log, provider.GetRequiredService<CoreOptions>(), time, provider.GetRequiredService<CoreMetrics>()));
        var application = builder.Build();
        application.MapOpenIM();
        await application.StartAsync();
        return new RunningEdge(application, log, time);
    }

    /// <summary>Sessions that Core knows.</summary>
    public async Task<int> CountSessionsAsync() => await Sequencer.QueryAsync((_, sessions) => sessions.Count);

    /// <summary>Registers a user with an id of its own, greater than those before it.</summary>
    public async Task<string> NewUserAsync(string prefix = "user")
    {
        var id = $"{prefix}{Interlocked.Increment(ref _users):D5}";
        await RegisterAsync(id);
        return id;
    }

    public async Task RegisterAsync(params string[] ids)
    {
        var answer = await CallAsync("/user/user_register", new { users = ids.Select(id => new { userID = id, nickname = $"{id}'s name", faceURL = "" }) }, await AdministratorAsync());
        Assert.Equal(0, answer.Code);
    }

    public async Task<string> AdministratorAsync()
    {
        if (_administrator is not null) return _administrator;
        var answer = await CallAsync("/auth/get_admin_token", new { secret = Secret, userID = "imAdmin" });
        return _administrator = answer.Data.GetProperty("token").GetString()!;
    }

    public async Task<string> TokenAsync(string user, int platform = 5)
    {
        var answer = await CallAsync("/auth/get_user_token", new { userID = user, platformID = platform }, await AdministratorAsync());
        Assert.Equal((0, ""), (answer.Code, answer.Text));
        return answer.Data.GetProperty("token").GetString()!;
    }

    public async Task<OpenIMClient> ConnectAsync(string user, int platform = 5, bool isJson = false, bool isCompressed = true, string? token = null)
    {
        var client = new OpenIMClient(user, isJson, isCompressed);
        var verdict = await client.ConnectAsync(Address, token ?? await TokenAsync(user, platform), platform);
        Assert.Equal((0, ""), (verdict.ErrCode, verdict.ErrMsg));
        return client;
    }

    /// <summary>A REST call as the SDKs make it.</summary>
    public async Task<RestReply> CallAsync(string path, object body, string? token = null, string? operationId = "op", long? app = null)
    {
        using var content = JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Default);
        return await CallAsync(path, content, token, operationId, app);
    }

    public async Task<RestReply> CallAsync(string path, HttpContent content, string? token = null, string? operationId = "op", long? app = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (token is not null) request.Headers.Add("token", token);
        if (operationId is not null) request.Headers.Add("operationID", operationId);
        if (app is not null) request.Headers.Add("Parley-App", $"{app}");
        using var response = await SendAsync(request);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(["*"], response.Headers.GetValues("Access-Control-Allow-Origin"));
        var json = await response.Content.ReadFromJsonAsync<JsonElement>(Patience.Token);
        Assert.Equal(["errCode", "errMsg", "errDlt", "data"], json.EnumerateObject().Select(property => property.Name));
        return new RestReply(json.GetProperty("errCode").GetInt32(), json.GetProperty("errMsg").GetString()!, json.GetProperty("data"));
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, Patience.Token);

    /// <summary>Stops as the host does, with connections open.</summary>
    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        await _stopping.CancelAsync();
        await _loops;
        await _log.DisposeAsync();
        _stopping.Dispose();
    }
}

/// <param name="Text"><c>errMsg</c>.</param>
public sealed record RestReply(int Code, string Text, JsonElement Data);
