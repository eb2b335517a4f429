using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Parley.Hosting.Metrics;

/// <summary>
/// What all meters of this process measured, in Prometheus' text format 0.0.4. Stands in for an OpenTelemetry Prometheus exporter or prometheus-net, which the package
/// feed this is built from does not have; one of them should replace this file.
/// </summary>
sealed class Scrape : IDisposable
{
    /// <summary>A label set no bounded source should reach; beyond it new ones are dropped.</summary>
    const int MaxSeries = 5_000;

    readonly MeterListener _listener = new();
    readonly ConcurrentBag<Measured> _instruments = [];
    int _count;

    public Scrape()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var measured = new Measured(instrument);
            _instruments.Add(measured);
            listener.EnableMeasurementEvents(instrument, measured);
        };
        _listener.SetMeasurementEventCallback<byte>((_, v, t, measured) => Record((Measured)measured!, v, t));
        _listener.SetMeasurementEventCallback<short>((_, v, t, measured) => Record((Measured)measured!, v, t));
        _listener.SetMeasurementEventCallback<int>((_, v, t, measured) => Record((Measured)measured!, v, t));
        _listener.SetMeasurementEventCallback<long>((_, v, t, measured) => Record((Measured)measured!, v, t));
        _listener.SetMeasurementEventCallback<float>((_, v, t, measured) => Record((Measured)measured!, v, t));
        _listener.SetMeasurementEventCallback<double>((_, v, t, measured) => Record((Measured)measured!, v, t));
        _listener.Start();
    }

    public async Task WriteAsync(HttpResponse response)
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var group in _instruments.Where(measured => !measured.Series.IsEmpty).GroupBy(measured => measured.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var first = group.First();
            text.Append("# HELP ").Append(group.Key).Append(' ').Append(Escape(first.Instrument.Description ?? first.Instrument.Name)).Append('\n');
            text.Append("# TYPE ").Append(group.Key).Append(' ').Append(first.Type).Append('\n');
            foreach (var series in group.SelectMany(measured => measured.Series.Values).OrderBy(series => series.Labels, StringComparer.Ordinal)) series.Write(text, group.Key);
        }

        response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await response.WriteAsync(text.ToString());
    }

    public void Dispose() => _listener.Dispose();

    void Record(Measured measured, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Counted per frame and command, so the usual case, up to two tags, must not build a text.
        var key = tags.Length switch
        {
            0 => default,
            1 => (tags[0].Key, tags[0].Value, null, null),
            2 => (tags[0].Key, tags[0].Value, tags[1].Key, tags[1].Value),
            _ => (LabelsOf(tags), (object?)null, (string?)null, (object?)null),
        };
        if (!measured.Series.TryGetValue(key, out var series))
        {
            if (Interlocked.Increment(ref _count) > MaxSeries) return;
            series = measured.Series.GetOrAdd(key, new Series(LabelsOf(tags), measured.Bounds));
        }

        if (measured.IsHistogram) series.Observe(value);
        else if (measured.Instrument.IsObservable) series.Set(value);
        else series.Add(value);
    }

    static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            foreach (var c in name) labels.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            labels.Append("=\"").Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return labels.ToString();
    }

    static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    sealed class Measured(Instrument instrument)
    {
        static readonly double[] Seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
        static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

        public Instrument Instrument { get; } = instrument;

        /// <summary>By names and values of up to two tags, or by the labels where there are more.</summary>
        public ConcurrentDictionary<(string? NameOrLabels, object? Value, string? SecondName, object? SecondValue), Series> Series { get; } = new();

        public string Type { get; } = TypeOf(instrument.GetType().Name);

        public bool IsHistogram => Type == "histogram";

        public double[] Bounds => !IsHistogram ? [] : Instrument.Unit == "s" ? Seconds : Counts;

        public string Name { get; } = NameOf(instrument);

        static string TypeOf(string kind)
            => kind.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
                : kind.Contains("UpDown", StringComparison.Ordinal) || kind.Contains("Gauge", StringComparison.Ordinal) ? "gauge" : "counter";

        static string NameOf(Instrument instrument)
        {
            var name = new StringBuilder();
            foreach (var c in instrument.Name) name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            if (instrument.Unit == "s") name.Append("_seconds");
            else if (instrument.Unit == "By") name.Append("_bytes");
            return TypeOf(instrument.GetType().Name) == "counter" ? name.Append("_total").ToString() : name.ToString();
        }
    }
}
