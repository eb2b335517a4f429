using System.Diagnostics.Metrics;

namespace Parley.Gateway;

/// <summary>What the gateway counts.</summary>
public sealed class GatewayMetrics
{
    public const string MeterName = "Parley.Gateway";

    readonly UpDownCounter<long> _open;
    readonly Counter<long> _refused;
    readonly Counter<long> _frames;
    readonly Counter<long> _bytes;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _open = meter.CreateUpDownCounter<long>("parley.gateway.connections", "{connection}", "Connections now open.");
        _refused = meter.CreateCounter<long>("parley.gateway.connections.refused", "{connection}", "Connections declined because there were too many.");
        _frames = meter.CreateCounter<long>("parley.gateway.frames", "{frame}", "Messages received and sent.");
        _bytes = meter.CreateCounter<long>("parley.gateway.bytes", "By", "Bytes received and sent, framing included.");
    }

    internal void Opened(string edge) => _open.Add(1, new KeyValuePair<string, object?>("edge", edge));

    internal void Closed(string edge) => _open.Add(-1, new KeyValuePair<string, object?>("edge", edge));

    internal void Refused(string edge) => _refused.Add(1, new KeyValuePair<string, object?>("edge", edge));

    internal void Received(string edge, int bytes) => Count(edge, "in", 1, bytes);

    internal void Sent(string edge, int frames, int bytes) => Count(edge, "out", frames, bytes);

    void Count(string edge, string direction, int frames, int bytes)
    {
        _frames.Add(frames, new KeyValuePair<string, object?>("edge", edge), new KeyValuePair<string, object?>("direction", direction));
        _bytes.Add(bytes, new KeyValuePair<string, object?>("edge", edge), new KeyValuePair<string, object?>("direction", direction));
    }
}
