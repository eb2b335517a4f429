using Parley.Benchmarks.Limits;
using Parley.Benchmarks.Load;
using Parley.Benchmarks.Reporting;

namespace Parley.Benchmarks.Server;

/// <summary>One sender in a group whose members are all online, beside a server that does nothing but send the same bytes to as many sockets.</summary>
sealed class FanoutRow(string directory, string[] bodies, TimeSpan time, DiskProbe disk)
{
    const int InFlight = 8;
    const double Aim = 0.5;

    static readonly int[] Receivers = [100, 1_000];

    public async Task RunAsync(Report report, Func<Envelope, bool> wants)
    {
        report.Open("fanout", $"one sender with {InFlight} in flight, durable before ack, to so many online members of a group; first aim: {Aim} of a bare Kestrel WebSocket broadcast of the same bytes",
            "deliv/s", "ack p50", "ack p99", "cpu µs", "server", "client", "bare/s", "bare cpu", "of bare", "of disk");
        var data = Path.Combine(directory, "fanout");
        using (var server = await ChildProcess.ServeAsync(data, GroupOnServer.Environment))
        using (var bare = await ChildProcess.StartAsync("Parley.Benchmarks.dll", [EchoServer.Verb], EchoServer.ReadyPrefix))
        {
            using var backEnd = await BackEnd.ConnectAsync(server.Address, data);
            foreach (var receivers in Receivers)
            {
                var group = await GroupOnServer.CreateAsync(backEnd, $"g{receivers}", 1 + receivers, offline: 0);
                byte[] sample = [];
                Run.WarmUp(Envelope.All.Where(wants), (envelope, measured) => group.Measure(server, envelope, InFlight, bodies, measured, out sample));
                Run.WarmUp([receivers], (count, measured) => Measure(bare, sample, count, measured));
                foreach (var envelope in Envelope.All.Where(wants))
                {
                    var figures = group.Measure(server, envelope, InFlight, bodies, time, out sample);
                    var limit = Measure(bare, sample, receivers, time);
                    report.Add($"1 to {receivers:N0} {envelope}", Cell.Count(figures.Rate), Cell.Of(figures.Acks.Microseconds(50)), Cell.Of(figures.Acks.Microseconds(99)),
                        Cell.Of(figures.ServerMicroseconds, 2), Cell.Of(figures.ServerCores, 2), Cell.Of(figures.GeneratorCores, 2), Cell.Count(limit.Rate), Cell.Of(limit.ServerMicroseconds, 2),
                        Cell.Ratio(figures.Rate / limit.Rate), Cell.Ratio(figures.Rate / receivers / disk.RecordsPerSecond(InFlight)));
                }
            }
        }

        Directory.Delete(data, recursive: true);
    }

    static Figures Measure(ChildProcess bare, byte[] payload, int receivers, TimeSpan measured)
    {
        var tally = new Tally { Recipients = receivers };
        var peers = new List<Peer>();
        try
        {
            var sender = new BroadcastPeer(Open(bare), payload, InFlight, tally);
            peers.Add(sender);
            for (var i = 0; i < receivers; i++) peers.Add(new CountingPeer(Open(bare), sender, tally));
            return Run.Measure(peers, tally, bare, measured);
        }
        finally
        {
            foreach (var peer in peers) peer.Dispose();
        }
    }

    static Connection Open(ChildProcess bare) => Connection.Open(bare.Address, EchoServer.BroadcastPath, expectsAnswer: false);
}
