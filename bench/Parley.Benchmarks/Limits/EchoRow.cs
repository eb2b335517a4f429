using Parley.Benchmarks.Load;
using Parley.Benchmarks.Reporting;
using Parley.Benchmarks.Server;

namespace Parley.Benchmarks.Limits;

/// <summary>The network's limit: the same generator and frames against a server that sends each back.</summary>
sealed class EchoRow(string[] bodies, TimeSpan time)
{
    const int FramesPerSender = 32;

    readonly Dictionary<Shape, double> _rates = [];

    public double Rate(Shape shape) => _rates[shape];

    public async Task RunAsync(Report report, Func<Shape, bool> wants)
    {
        report.Open("echo", "the limit: a bare Kestrel WebSocket echo of the same frames (gob), one frame each way a message", "msg/s", "p50 µs", "p99 µs", "p99.9 µs", "cpu µs", "server", "client");
        using var server = await ChildProcess.StartAsync("Parley.Benchmarks.dll", [EchoServer.Verb], EchoServer.ReadyPrefix);
        Run.WarmUp([Shape.All[^1]], (shape, measured) => Measure(server, shape, measured));
        foreach (var shape in Shape.All.Where(wants))
        {
            var figures = Measure(server, shape, time);
            _rates[shape] = figures.Rate;
            report.Add($"{shape}", Cell.Count(figures.Rate), Cell.Of(figures.Acks.Microseconds(50)), Cell.Of(figures.Acks.Microseconds(99)), Cell.Of(figures.Acks.Microseconds(99.9)),
                Cell.Of(figures.ServerMicroseconds, 2), Cell.Of(figures.ServerCores, 2), Cell.Of(figures.GeneratorCores, 2));
        }
    }

    Figures Measure(ChildProcess server, Shape shape, TimeSpan measured)
    {
        var tally = new Tally();
        var peers = Enumerable.Range(0, shape.Senders)
            .Select(i => new EchoPeer(Connection.Open(server.Address, "/", expectsAnswer: false), Frames(i), shape.InFlight, tally)).ToArray();
        var figures = Run.Measure(peers, tally, server, measured);
        foreach (var peer in peers) peer.Dispose();
        return figures;
    }

    FrameTemplate[] Frames(int pair) => [.. Enumerable.Range(0, FramesPerSender)
        .Select(i => new FrameTemplate(new Envelope(IsJson: false, IsGzip: false), $"sender{pair}", $"receiver{pair}", (uint)pair, bodies[((pair * FramesPerSender) + i) % bodies.Length]))];
}
