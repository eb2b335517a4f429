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
    static readonly double[] Bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    static readonly double[] CountBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

    /// <summary>A label set no bounded source should reach; beyond it new ones are dropped.</summary>
    const int MaxSeries = 5_000;

    readonly MeterListener _listener = new();
    readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();

    public Scrape()
    {
        _listener.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _listener.SetMeasurementEventCallback<byte>((i, v, t, _) => Record(i, v, t));
        _listener.SetMeasurementEventCallback<short>((i, v, t, _) => Record(i, v, t));
        _listener.SetMeasurementEventCallback<int>((i, v, t, _) => Record(i, v, t));
        _listener.SetMeasurementEventCallback<long>((i, v, t, _) => Record(i, v, t));
        _listener.SetMeasurementEventCallback<float>((i, v, t, _) => Record(i, v, t));
        _listener.SetMeasurementEventCallback<double>((i, v, t, _) => Record(i, v, t));
        _listener.Start();
    }

    public async Task WriteAsync(HttpResponse response)
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var group in _series.GroupBy(entry => NameOf(entry.Key.Instrument)).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var instrument = group.First().Key.Instrument;
            text.Append("# HELP ").Append(group.Key).Append(' ').Append(Escape(instrument.Description ?? instrument.Name)).Append('\n');
            text.Append("# TYPE ").Append(group.Key).Append(' ').Append(TypeOf(instrument)).Append('\n');
            foreach (var ((_, labels), series) in group.OrderBy(entry => entry.Key.Labels, StringComparer.Ordinal)) series.Write(text, group.Key, labels);
        }

        response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await response.WriteAsync(text.ToString());
    }

    public void Dispose() => _listener.Dispose();

    void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, LabelsOf(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MaxSeries) return;
            series = _series.GetOrAdd(key, _ => new Series(IsHistogram(instrument) ? instrument.Unit == "s" ? Bounds : CountBounds : []));
        }

        if (IsHistogram(instrument)) series.Observe(value);
        else if (instrument.IsObservable) series.Set(value);
        else series.Add(value);
    }

    static bool IsHistogram(Instrument instrument) => instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal);

    static string TypeOf(Instrument instrument)
        => IsHistogram(instrument) ? "histogram" : instrument.GetType().Name.Contains("UpDown", StringComparison.Ordinal) || instrument.GetType().Name.Contains("Gauge", StringComparison.Ordinal) ? "gauge" : "counter";

    static string NameOf(Instrument instrument)
    {
        var name = new StringBuilder();
        foreach (var c in instrument.Name) name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        if (instrument.Unit == "s") name.Append("_seconds");
        else if (instrument.Unit == "By") name.Append("_bytes");
        if (TypeOf(instrument) == "counter") name.Append("_total");
        return name.ToString();
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

    sealed class Series(double[] bounds)
    {
        readonly Lock _gate = new();
        readonly long[] _counts = new long[bounds.Length + 1];
        double _sum;
        long _count;

        public void Add(double value)
        {
            lock (_gate) _sum += value;
        }

        public void Set(double value)
        {
            lock (_gate) _sum = value;
        }

        public void Observe(double value)
        {
            var at = Array.FindIndex(bounds, bound => value <= bound);
            lock (_gate)
            {
                _counts[at < 0 ? bounds.Length : at]++;
                _sum += value;
                _count++;
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (_gate)
            {
                if (bounds.Length == 0)
                {
                    Line(text, name, labels, _sum);
                    return;
                }

                var below = 0L;
                for (var i = 0; i < bounds.Length; i++)
                    Line(text, name + "_bucket", Join(labels, $"le=\"{bounds[i].ToString(CultureInfo.InvariantCulture)}\""), below += _counts[i]);
                Line(text, name + "_bucket", Join(labels, "le=\"+Inf\""), _count);
                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, _count);
            }
        }

        static string Join(string labels, string more) => labels.Length == 0 ? more : labels + "," + more;

        static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}
