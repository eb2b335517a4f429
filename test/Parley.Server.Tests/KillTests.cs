using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Parley.Client;

namespace Parley.Server.Tests;

/// <summary>The first promise, on real processes: what was acknowledged is there, once, in one order for everybody, whenever the server was killed.</summary>
public sealed class KillTests
{
    const int Rounds = 20;
    const int MinAcksPerRound = 20, MaxAcksPerRound = 200;
    static readonly string[] Users = ["alice", "bob", "carol"];
    static readonly int[] Platforms = [1, 5];
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Every_acknowledged_message_survives_kill_9_at_random_moments()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var scratch = new Scratch();
        var port = FreePort();
        var server = await ServerProcess.ServeAsync(scratch["data"], port, ("PARLEY__CORE__MESSAGERATE", "0"));
        using var http = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
        await http.RegisterAsync(Users);

        var devices = new List<Device>();
        foreach (var user in Users)
            foreach (var platform in Platforms)
                devices.Add(await Device.OpenAsync(server.Address, user, platform, await http.TokenAsync(user, platform), scratch[$"{user}-{platform}.db"]));

        var acked = new SemaphoreSlim(0);
        using var stopping = new CancellationTokenSource();
        var writing = devices.Select(device => device.WriteAsync(Users, acked, stopping.Token)).ToArray();
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                for (var acks = random.Next(MinAcksPerRound, MaxAcksPerRound); acks > 0; acks--)
                    Assert.True(await acked.WaitAsync(Patience), $"round {round}, seed {seed}: no ack any more\n{server.Errors}");
                await server.KillAsync();
                server.Dispose();
                server = await ServerProcess.ServeAsync(scratch["data"], port, ("PARLEY__CORE__MESSAGERATE", "0"));
            }

            await stopping.CancelAsync();
            await Task.WhenAll(writing).WaitAsync(Patience);
            await CompareAsync(devices, seed);
        }
        finally
        {
            foreach (var device in devices) await device.DisposeAsync();
            await server.KillAsync();
            server.Dispose();
        }

        using var check = ServerProcess.Start(["check", "--data", scratch["data"]]);
        Assert.True(await check.WaitForExitAsync() == 0, check.Output);
    }

    static async Task CompareAsync(List<Device> devices, int seed)
    {
        foreach (var one in Users)
            foreach (var other in Users.Where(other => string.CompareOrdinal(one, other) < 0))
            {
                var conversation = $"si_{one}_{other}";
                var sides = devices.Where(device => device.User == one || device.User == other).ToArray();
                var sent = sides.SelectMany(device => device.Acknowledged).Where(message => message.ConversationId == conversation).Select(message => message.ClientMessageId).ToArray();
                string[]? expected = null;
                foreach (var device in sides)
                {
                    var history = await device.HistoryAsync(conversation, sent.Length);
                    Assert.True(Enumerable.Range(1, history.Count).Select(n => (long)n).SequenceEqual(history.Select(message => message.Sequence)), $"{conversation} has a gap on {device.User}, seed {seed}");
                    var ids = history.Select(message => message.ClientMessageId).ToArray();
                    Assert.True(ids.Distinct().Count() == ids.Length, $"{conversation} has a double, seed {seed}");
                    Assert.True(ids.ToHashSet().IsSupersetOf(sent), $"{conversation} lost a message, seed {seed}");
                    expected ??= ids;
                    Assert.True(expected.SequenceEqual(ids), $"{conversation} has two orders, seed {seed}");
                }
            }
    }

    static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    sealed class Device : IAsyncDisposable
    {
        const int InFlight = 4;

        readonly ParleyClient _client;
        readonly Task _listening;
        readonly SemaphoreSlim _news = new(0);

        Device(ParleyClient client)
        {
            _client = client;
            _listening = ListenAsync();
        }

        public string User => _client.UserId;

        public ConcurrentBag<Message> Acknowledged { get; } = [];

        public static async Task<Device> OpenAsync(string address, string user, int platform, string token, string store) => new(await ParleyClient.OpenAsync(new ParleyClientOptions
        {
            UserId = user,
            Platform = platform,
            Token = _ => Task.FromResult(token),
            StorePath = store,
            ApiAddress = new Uri(address),
            WebSocketAddress = new UriBuilder(address) { Scheme = "ws" }.Uri,
            Encoding = platform == 5 ? EnvelopeEncoding.Json : EnvelopeEncoding.Gob,
            Compress = platform == 1,
            BackOff = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200)],
        }));

        public async Task WriteAsync(string[] users, SemaphoreSlim acked, CancellationToken stopping)
        {
            var peers = users.Where(user => user != User).ToArray();
            var waiting = new Queue<Task>();
            for (var i = 0; !stopping.IsCancellationRequested; i++)
            {
                var message = await _client.SendTextAsync(peers[i % peers.Length], $"{User} {i}", CancellationToken.None);
                waiting.Enqueue(ConfirmAsync(message, acked));
                if (waiting.Count >= InFlight) await waiting.Dequeue();
            }

            await Task.WhenAll(waiting);
        }

        /// <summary>The whole conversation, once it holds at least as many messages as were acknowledged.</summary>
        public async Task<IReadOnlyList<Message>> HistoryAsync(string conversation, int atLeast)
        {
            while (true)
            {
                var all = new List<Message>();
                long? before = null;
                while (await _client.GetHistoryAsync(conversation, before, 200) is { Count: > 0 } page)
                {
                    all.InsertRange(0, page);
                    before = page[0].Sequence;
                    if (before == 1) break;
                }

                if (all.Count >= atLeast) return all;
                // Who sent it has its answer; here it may still be on its way.
                Assert.True(await _news.WaitAsync(Patience), $"{User} sees {all.Count} of {atLeast} in {conversation}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _listening;
            _news.Dispose();
        }

        async Task ConfirmAsync(Message message, SemaphoreSlim acked)
        {
            Acknowledged.Add(await _client.WaitSentAsync(message.ClientMessageId));
            acked.Release();
        }

        async Task ListenAsync()
        {
            // Reading keeps the syncer going; what arrived is compared from the store.
            await foreach (var _ in _client.Events.ReadAllAsync()) _news.Release();
        }
    }
}
