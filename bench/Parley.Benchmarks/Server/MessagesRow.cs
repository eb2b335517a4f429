using Parley.Benchmarks.Limits;
using Parley.Benchmarks.Load;
using Parley.Benchmarks.Reporting;

namespace Parley.Benchmarks.Server;

/// <summary>Pairs of users over real sockets: acknowledged after the sync, delivered to the receiver and, as the protocol has it, to the sender.</summary>
sealed class MessagesRow(string directory, string[] bodies, TimeSpan time, DiskProbe disk, EchoRow echo)
{
    const int MaxPairs = 50, Platform = 1, FramesPerSender = 32;
    const int AimPerSecond = 50_000, AimMicroseconds = 300;

    readonly long[] _lastSequences = new long[MaxPairs];
    uint _salt;

    public async Task RunAsync(Report report, Func<Shape, bool> wants, Func<Envelope, bool> wantsEnvelope)
    {
        report.Open("messages", $"durable before ack, end to end, senders x in flight; aims: {AimPerSecond:N0}/s at 50x16, ack p50 ≤ {AimMicroseconds} µs at 1x1",
            "delivered/s", "echoed/s", "p50 µs", "p99 µs", "p99.9 µs", "cpu µs", "server", "client", "of echo", "of disk");
        var data = Path.Combine(directory, "messages");
        using (var server = await ChildProcess.ServeAsync(data))
        {
            var tokens = await PrepareAsync(server, data);
            Run.WarmUp(Envelope.All.Where(wantsEnvelope), (envelope, measured) => Measure(server, tokens, Shape.All[^1], envelope, measured));
            foreach (var shape in Shape.All.Where(wants))
                foreach (var envelope in Envelope.All.Where(wantsEnvelope))
                    Print(report, shape, envelope, Measure(server, tokens, shape, envelope, time));
        }

        Directory.Delete(data, recursive: true);
    }

    static async Task<Dictionary<string, string>> PrepareAsync(ChildProcess server, string data)
    {
        using var backEnd = await BackEnd.ConnectAsync(server.Address, data);
        var users = Enumerable.Range(0, MaxPairs).SelectMany(pair => new[] { SenderOf(pair), ReceiverOf(pair) }).ToArray();
        await backEnd.RegisterAsync(users);
        return await backEnd.TokensAsync(users, Platform);
    }

    Figures Measure(ChildProcess server, Dictionary<string, string> tokens, Shape shape, Envelope envelope, TimeSpan measured)
    {
        var tally = new Tally();
        var peers = new List<Peer>();
        var receivers = new List<ReceiverPeer>();
        try
        {
            for (var pair = 0; pair < shape.Senders; pair++)
            {
                var (salt, last) = (++_salt, _lastSequences[pair]);
                var frames = Frames(envelope, pair, salt);
                var sender = new SenderPeer(Open(server, tokens, SenderOf(pair), envelope), frames, envelope, salt, last, shape.InFlight, tally);
                receivers.Add(new ReceiverPeer(Open(server, tokens, ReceiverOf(pair), envelope), envelope, salt, last, sender, tally));
                peers.Add(sender);
                peers.Add(receivers[^1]);
            }

            var figures = Run.Measure(peers, tally, server, measured);
            for (var pair = 0; pair < receivers.Count; pair++) _lastSequences[pair] = receivers[pair].LastSequence;
            return figures;
        }
        finally
        {
            foreach (var peer in peers) peer.Dispose();
        }
    }

    void Print(Report report, Shape shape, Envelope envelope, Figures figures) => report.Add($"{shape} {envelope}",
        Cell.Count(figures.Rate), Cell.Count(figures.EchoRate), Cell.Of(figures.Acks.Microseconds(50)), Cell.Of(figures.Acks.Microseconds(99)), Cell.Of(figures.Acks.Microseconds(99.9)),
        Cell.Of(figures.ServerMicroseconds), Cell.Of(figures.ServerCores, 2), Cell.Of(figures.GeneratorCores, 2),
        Cell.Ratio(figures.Rate / echo.Rate(shape)), Cell.Ratio(figures.Rate / disk.RecordsPerSecond(shape.Senders * shape.InFlight)));

    FrameTemplate[] Frames(Envelope envelope, int pair, uint salt) => [.. Enumerable.Range(0, FramesPerSender)
        .Select(i => new FrameTemplate(envelope, SenderOf(pair), ReceiverOf(pair), salt, bodies[((pair * FramesPerSender) + i) % bodies.Length]))];

    static Connection Open(ChildProcess server, Dictionary<string, string> tokens, string user, Envelope envelope)
        => Connection.Open(server.Address, envelope.Query(user, tokens[user], Platform), expectsAnswer: true);

    static string SenderOf(int pair) => $"sender{pair}";

    static string ReceiverOf(int pair) => $"receiver{pair}";
}
