using System.Diagnostics;
using Parley.Benchmarks.Reporting;
using Parley.Benchmarks.Server;

namespace Parley.Benchmarks.Load;

/// <summary>Senders, and how many messages each keeps in flight.</summary>
readonly record struct Shape(int Senders, int InFlight)
{
    public static readonly Shape[] All = [new(1, 1), new(50, 1), new(50, 16)];

    public override string ToString() => $"{Senders}x{InFlight}";
}

/// <summary>What a run measured, per second or per message of what reached its receiver (or, for the echo, came back; a message to many counts once for each).</summary>
sealed record Figures(double Rate, double EchoRate, LatencyHistogram Acks, double ServerMicroseconds, double ServerCores, double GeneratorCores);

/// <summary>One loop on one thread that plays all clients of a row.</summary>
static class Run
{
    const int PollMs = 20;
    const int MaxWarmUps = 8;
    const double StillFalling = 0.9;
    static readonly TimeSpan RunIn = TimeSpan.FromSeconds(1), WarmUpTime = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Runs every kind of load until the server's CPU time per message no longer falls: until then it runs code that is yet to be compiled for speed, and on a busy
    /// machine that takes long.
    /// </summary>
    public static void WarmUp<T>(IEnumerable<T> kinds, Func<T, TimeSpan, Figures> measure)
    {
        foreach (var kind in kinds)
        {
            var best = double.MaxValue;
            for (var i = 0; i < MaxWarmUps; i++)
            {
                var cost = measure(kind, WarmUpTime).ServerMicroseconds;
                if (cost > best * StillFalling) break;
                best = cost;
            }
        }
    }

    /// <exception cref="InvalidDataException">Something was lost, doubled or out of order: there is no figure then.</exception>
    public static Figures Measure(IReadOnlyList<Peer> peers, Tally tally, ChildProcess server, TimeSpan time)
    {
        using var poll = new EventPoll();
        for (var i = 0; i < peers.Count; i++) poll.Add(peers[i].Connection.Descriptor, i);
        foreach (var peer in peers) peer.Begin();
        Until(poll, peers, Stopwatch.GetTimestamp(), RunIn);

        tally.Acks.Clear();
        var (before, started) = (Snapshot.Of(tally, server), Stopwatch.GetTimestamp());
        Until(poll, peers, started, time);
        var (after, elapsed) = (Snapshot.Of(tally, server), Stopwatch.GetElapsedTime(started).TotalSeconds);
        var acks = new LatencyHistogram();
        acks.Add(tally.Acks);

        tally.IsSending = false;
        Drain(poll, peers, tally);
        var messages = after.Arrived - before.Arrived;
        return new Figures(messages / elapsed, (after.Echoed - before.Echoed) / elapsed, acks, (after.Server - before.Server).TotalMicroseconds / Math.Max(1, messages),
            (after.Server - before.Server).TotalSeconds / elapsed, (after.Generator - before.Generator).TotalSeconds / elapsed);
    }

    static void Until(EventPoll poll, IReadOnlyList<Peer> peers, long started, TimeSpan time)
    {
        while (Stopwatch.GetElapsedTime(started) < time) Turn(poll, peers);
    }

    static bool Turn(EventPoll poll, IReadOnlyList<Peer> peers)
    {
        Span<int> ready = stackalloc int[128];
        var count = poll.Wait(ready, PollMs);
        foreach (var key in ready[..count]) peers[key].Turn();
        return count > 0;
    }

    /// <summary>Everything sent must have been acknowledged and have arrived, and nothing beyond it comes.</summary>
    static void Drain(EventPoll poll, IReadOnlyList<Peer> peers, Tally tally)
    {
        var started = Stopwatch.GetTimestamp();
        while (peers.Any(peer => peer.Missing() is not null))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new InvalidDataException($"Lost: {string.Join("; ", peers.Select(peer => peer.Missing()).Where(missing => missing is not null).Take(5))}.");
            Turn(poll, peers);
        }

        if (Turn(poll, peers)) throw new InvalidDataException("Something came after everything had come.");
        var delivers = peers.Any(peer => peer is ReceiverPeer or CountingPeer);
        if (tally.Acked != tally.Sent || (delivers && (tally.Delivered != tally.Sent * tally.Recipients || tally.Echoed != tally.Sent)))
            throw new InvalidDataException($"Sent {tally.Sent}, acknowledged {tally.Acked}, delivered {tally.Delivered}, echoed {tally.Echoed}.");
    }

    readonly record struct Snapshot(long Arrived, long Echoed, TimeSpan Server, TimeSpan Generator)
    {
        public static Snapshot Of(Tally tally, ChildProcess server)
            => new(tally.Delivered > 0 ? tally.Delivered : tally.Acked, tally.Echoed, server.CpuTime, ChildProcess.CpuTimeOf(Environment.ProcessId));
    }
}
