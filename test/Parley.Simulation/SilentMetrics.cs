using System.Diagnostics.Metrics;
using Parley.Core;

namespace Parley.Simulation;

/// <summary>Instruments that nobody listens to; one set for all runs, as every set is kept by the runtime.</summary>
sealed class SilentMetrics : IMeterFactory
{
    public static readonly CoreMetrics Core = new(new SilentMetrics());

    public Meter Create(MeterOptions options) => new(options.Name);

    public void Dispose()
    {
    }
}
