using System.Diagnostics.Metrics;
using Parley.Rpc.Protocol;

namespace Parley.Rpc;

/// <summary>What the RPC counts.</summary>
public sealed class RpcMetrics
{
    readonly Counter<long> _calls;
    readonly UpDownCounter<long> _streams;
    readonly Histogram<double> _duration;

    public RpcMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Parley.Rpc");
        _calls = meter.CreateCounter<long>("parley.rpc.calls", "{call}", "Calls ended, by method and how.");
        _streams = meter.CreateUpDownCounter<long>("parley.rpc.streams", "{stream}", "Streams now open.");
        _duration = meter.CreateHistogram<double>("parley.rpc.call.duration", "s", "Time from a call's headers to its end, streams excepted.");
    }

    internal void StreamOpened() => _streams.Add(1);

    internal void StreamClosed() => _streams.Add(-1);

    /// <param name="method">Of the service: a caller's made-up name is no tag.</param>
    internal void Ended(string method, RpcCode code) => _calls.Add(1, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("code", code.ToString()));

    internal void Took(TimeSpan duration) => _duration.Record(duration.TotalSeconds);
}
