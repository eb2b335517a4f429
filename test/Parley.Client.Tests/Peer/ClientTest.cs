using Parley.Testing;

namespace Parley.Client.Tests.Peer;

/// <summary>One client, one scripted server and a clock between them.</summary>
public abstract class ClientTest : IAsyncDisposable
{
    // Only so that a fault ends in a failure instead of a hang; nothing is decided by it.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly string _folder = Directory.CreateTempSubdirectory("parley-client-").FullName;
    readonly List<ParleyClient> _clients = [];

    internal ManualTime Time { get; } = new();

    internal ScriptedServer Server { get; } = new();

    internal RecordingApi Api { get; } = new();

    internal const string Alice = "alice";
    internal const string Bob = "bob";
    internal const string Chat = "si_alice_bob";

    internal ParleyClientOptions Options => new()
    {
        UserId = Alice,
        Token = _ => Task.FromResult("secret"),
        StorePath = Path.Combine(_folder, "alice.db"),
        TimeProvider = Time,
        BackOffJitter = 0,
    };

    internal async Task<ParleyClient> OpenAsync(Func<ParleyClientOptions, ParleyClientOptions>? change = null)
    {
        var client = await ParleyClient.OpenOverAsync(change is null ? Options : change(Options), Server.ConnectAsync, Api);
        _clients.Add(client);
        return client;
    }

    /// <summary>Without heartbeats, for tests that let minutes pass.</summary>
    internal static ParleyClientOptions Quiet(ParleyClientOptions options) =>
        options with { HeartbeatInterval = TimeSpan.FromMinutes(50), ReadTimeout = TimeSpan.FromMinutes(60) };

    /// <summary>Opens and waits until the first sync is through.</summary>
    internal async Task<ParleyClient> OpenSyncedAsync(Func<ParleyClientOptions, ParleyClientOptions>? change = null)
    {
        var client = await OpenAsync(change);
        await NextAsync<ParleyEvent.SyncEnded>(client);
        return client;
    }

    /// <summary>Reads events up to the next one of this type.</summary>
    internal static async Task<T> NextAsync<T>(ParleyClient client) where T : ParleyEvent
    {
        while (true)
        {
            if (await Soon(client.Events.ReadAsync().AsTask()) is T found) return found;
        }
    }

    internal static async Task<ParleyEvent.ConnectionChanged> NextAsync(ParleyClient client, ConnectionState state)
    {
        while (true)
        {
            var changed = await NextAsync<ParleyEvent.ConnectionChanged>(client);
            if (changed.State == state) return changed;
        }
    }

    internal async Task<Wire.OpenIM.RequestEnvelope> NextRequestAsync(int reqIdentifier)
    {
        while (true)
        {
            var request = await Soon(Server.Requests.ReadAsync().AsTask());
            if (request.ReqIdentifier == reqIdentifier) return request;
        }
    }

    /// <summary>Passes over calls to other paths.</summary>
    internal async Task<ApiCall> NextCallAsync(string path)
    {
        while (true)
        {
            var call = await Soon(Api.Calls.ReadAsync().AsTask());
            if (call.Path == path) return call;
        }
    }

    /// <summary>Forgets all calls so far.</summary>
    internal List<string> PathsSoFar()
    {
        var paths = new List<string>();
        while (Api.Calls.TryRead(out var call)) paths.Add(call.Path);
        return paths;
    }

    /// <summary>Waits until something waits this long, and lets that time pass.</summary>
    internal async Task PassAsync(double seconds)
    {
        await Soon(Time.WhenWaitingAsync(TimeSpan.FromSeconds(seconds)));
        Time.Advance(TimeSpan.FromSeconds(seconds));
    }

    internal static Task Soon(Task task) => task.WaitAsync(Patience);

    internal static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await Soon(client.DisposeAsync().AsTask());
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
