using System.Globalization;
using System.Text;

namespace Parley.Hosting.Metrics;

/// <summary>The values of one instrument under one set of labels. Safe for any thread.</summary>
/// <param name="bounds">Upper bounds of a histogram's buckets; empty for anything else.</param>
sealed class Series(string labels, double[] bounds)
{
    readonly Lock _gate = new();
    readonly long[] _counts = new long[bounds.Length + 1];
    double _sum;
    long _count;

    public string Labels => labels;

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

    public void Write(StringBuilder text, string name)
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
