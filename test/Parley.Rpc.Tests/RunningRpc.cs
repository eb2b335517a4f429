using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Rpc.Client;
using Parley.Rpc.Replication;
using Parley.Rpc.Server;
using Parley.Rpc.Storage.V1;
using Parley.Store;
using Parley.Testing.Disks;

namespace Parley.Rpc.Tests;

/// <summary>The storage RPC on real listeners of loopback, over a log in memory, with the users user1, user2 … and an administrator's token.</summary>
public sealed class RunningRpc : IAsyncDisposable
{
    public const string ReplicationSecret = "what replicas show";

    readonly CancellationTokenSource _stopping = new();
    readonly WebApplication _application;
    readonly Task _loops;
    static int _names;

    RunningRpc(WebApplication application, Log log, string token)
    {
        (_application, Log, Token) = (application, log, token);
        Sequencer = application.Services.GetRequiredService<Sequencer>();
        _loops = Task.WhenAll(Task.Run(() => log.MaintainAsync(_stopping.Token)), Task.Run(() => Sequencer.RunAsync(_stopping.Token)));
        Uri[] addresses = [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];
        (Http1, Http2) = (new HttpClient { BaseAddress = addresses[0] }, new HttpClient { BaseAddress = addresses[1] });
        Client = new StorageClient(Http2, token);
    }

    public Log Log { get; }
    public Sequencer Sequencer { get; }

    /// <summary>An administrator's.</summary>
    public string Token { get; private set; }
    public HttpClient Http1 { get; }

    /// <summary>To the listener that speaks HTTP/2 only.</summary>
    public HttpClient Http2 { get; }
    public StorageClient Client { get; private set; }

    public IServiceProvider Services => _application.Services;

    public int OpenCalls => _application.Services.GetRequiredService<RpcServer>().OpenCalls;
    public int OpenStreams => _application.Services.GetRequiredService<RpcServer>().OpenStreams;

    public static async Task<RunningRpc> StartAsync(Action<RpcOptions>? rpc = null, TimeProvider? time = null, CrashingDisk? disk = null, Action<CoreOptions>? core = null,
        bool hasToken = true)
    {
        time ??= TimeProvider.System;
        var log = await Log.OpenAsync(disk ?? new CrashingDisk(seed: 1), new LogOptions { SegmentBytes = 1 << 20, PrepareBytes = 256 << 10, MaxBatchBytes = 256 << 10 }, time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var coreOptions = new CoreOptions { MessageRate = 0 };
        core?.Invoke(coreOptions);
        builder.Services.Configure<RpcOptions>(options => rpc?.Invoke(options)).Configure<ReplicationOptions>(options => options.Secret = ReplicationSecret);
        builder.Services.AddMetrics().AddSingleton(time).AddSingleton(log).AddSingleton<CoreMetrics>().AddSingleton<MessageReader>();
        builder.Services.AddParleyRpc();
        builder.Services.AddSingleton(provider => Sequencer.Open(log, coreOptions, time, provider.GetRequiredService<CoreMetrics>()));
        var application = builder.Build();
        application.MapParleyRpc();
        await application.StartAsync();
        var running = new RunningRpc(application, log, "");
        if (!hasToken) return running;
        running.Token = await running.TokenAsync(null);
        running.Client = running.ClientWith(running.Token);
        return running;
    }

    public StorageClient ClientWith(string token) => new(Http2, token) { Timeout = Patience.Limit };

    /// <param name="user">Null for an administrator.</param>
    public async Task<string> TokenAsync(string? user, DateTimeOffset? expires = null, params long[] apps)
    {
        var token = TokenKey.NewToken();
        TokenKey.TryFrom(token, out var key);
        var at = (expires ?? DateTimeOffset.UtcNow.AddDays(1)).Ticks - DateTime.UnixEpoch.Ticks;
        Assert.True((await Sequencer.SubmitAsync(new IssueToken(0, Actor.Operator, user, user is null ? 10 : 5, key, at / TimeSpan.TicksPerMicrosecond) { Apps = apps })).IsAccepted);
        return token;
    }

    public async Task<Name> NewUserAsync() => (await NewUsersAsync(1))[0];

    public async Task<Name[]> NewUsersAsync(int count)
    {
        string[] ids = [.. Enumerable.Range(0, count).Select(_ => $"user{Interlocked.Increment(ref _names)}")];
        foreach (var some in ids.Chunk(1_000))
            Assert.True((await Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [.. some.Select(id => new NewUser(id, id))]))).IsAccepted);
        return [.. ids.Select(id => new Name { Id = id })];
    }

    public async Task<Name> NewGroupAsync(Name owner, params Name[] members)
    {
        var id = $"group{Interlocked.Increment(ref _names)}";
        var outcome = await Sequencer.SubmitAsync(new CreateGroup(0, Actor.Operator, id, GroupKind.Normal, new GroupDetails { Name = id }, owner.Id, [], [.. members.Select(member => member.Id)]) { IsShown = false });
        Assert.Equal(Refusal.None, outcome.Refusal);
        return new Name { Id = id };
    }

    public async Task<Outcome> SendAsync(Name sender, Recipient to, string text)
    {
        var number = await Sequencer.QueryAsync((state, _) => state.App(0).Users.TryFind(sender.Id, out var found) ? found : default);
        var outcome = await Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(number), new(number, Guid.NewGuid().ToString("N"), ContentKind.Text, System.Text.Encoding.UTF8.GetBytes(text), 1, 5), to, AllowSelf: true));
        Assert.Equal(Refusal.None, outcome.Refusal);
        return outcome;
    }

    /// <summary>Stops as the host does, with calls open.</summary>
    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        await _stopping.CancelAsync();
        await _loops;
        await Log.DisposeAsync();
        _stopping.Dispose();
        Http1.Dispose();
        Http2.Dispose();
    }
}
