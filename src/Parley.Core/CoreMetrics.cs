using System.Diagnostics.Metrics;

namespace Parley.Core;

/// <summary>What Core counts.</summary>
public sealed class CoreMetrics
{
    public const string MeterName = "Parley.Core";

    readonly Counter<long> _commands;
    readonly Counter<long> _refusals;
    readonly Counter<long> _deliveries;
    readonly Counter<long> _overflows;
    readonly Counter<long> _cuts;
    readonly Counter<long> _dropped;
    readonly Histogram<int> _batch;
    readonly Histogram<double> _commit;

    public CoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _commands = meter.CreateCounter<long>("parley.core.commands", "{command}", "Commands decided.");
        _refusals = meter.CreateCounter<long>("parley.core.refusals", "{command}", "Commands declined, by reason.");
        _deliveries = meter.CreateCounter<long>("parley.core.deliveries", "{delivery}", "Deliveries put into outboxes.");
        _overflows = meter.CreateCounter<long>("parley.core.outbox.overflows", "{session}", "Deliveries that found an outbox full; its session is closed and syncs.");
        _cuts = meter.CreateCounter<long>("parley.core.retention.cuts", "{conversation}", "Conversations whose oldest messages were let go.");
        _dropped = meter.CreateCounter<long>("parley.core.retention.segments", "{segment}", "Segments dropped from the log.");
        _batch = meter.CreateHistogram<int>("parley.core.batch.commands", "{command}", "Commands decided per batch.");
        _commit = meter.CreateHistogram<double>("parley.core.commit.duration", "s", "Time from closing a batch to its commit.");
    }

    internal void Decided(Refusal refusal)
    {
        _commands.Add(1);
        if (refusal != Refusal.None) _refusals.Add(1, new KeyValuePair<string, object?>("refusal", refusal.ToString()));
    }

    internal void Delivered() => _deliveries.Add(1);

    internal void Overflowed() => _overflows.Add(1);

    internal void Retained(int cuts, int segments)
    {
        _cuts.Add(cuts);
        _dropped.Add(segments);
    }

    internal void Committed(int commands, TimeSpan duration)
    {
        _batch.Record(commands);
        _commit.Record(duration.TotalSeconds);
    }
}
