using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Benchmarks.Load;

/// <summary>Texts to send: lines of a real chat, or made-up ones of the same lengths.</summary>
static partial class Bodies
{
    const int Seed = 1, Count = 20_000;

    // Percentiles of a public IRC channel's lines, in bytes.
    static readonly (double Share, int Bytes)[] Lengths = [(0, 1), (0.1, 16), (0.5, 62), (0.9, 137), (0.99, 286), (1, 420)];

    /// <param name="corpus">A gzipped file whose second column holds the lines; null for made-up text.</param>
    public static string[] Load(string? corpus) => corpus is null ? MakeUp() : Read(corpus);

    static string[] Read(string corpus)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(corpus), CompressionMode.Decompress), Encoding.UTF8);
        var bodies = new List<string>();
        while (bodies.Count < Count && reader.ReadLine() is { } line)
            if (line.Split('\t', 2) is [_, var raw] && Message().Match(raw) is { Success: true } match) bodies.Add(match.Groups[1].Value);
        return bodies.Count > 0 ? [.. bodies] : throw new ArgumentException($"{corpus} holds no line \"[hh:mm] <nick> text\" in column 2.");
    }

    static string[] MakeUp()
    {
        const string letters = "etaoin shrdlu etaoin cmfwyp etaoin vbgkjq ";
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, Count).Select(_ => new string([.. Enumerable.Range(0, LengthAt(random.NextDouble())).Select(_ => letters[random.Next(letters.Length)])]))];
    }

    static int LengthAt(double share)
    {
        var upper = Array.FindIndex(Lengths, point => point.Share >= share && point.Share > 0);
        var (low, high) = (Lengths[upper - 1], Lengths[upper]);
        return (int)(low.Bytes + ((high.Bytes - low.Bytes) * (share - low.Share) / (high.Share - low.Share)));
    }

    [GeneratedRegex(@"^\[\d\d:\d\d\] <[^>]+> (.+)$")]
    private static partial Regex Message();
}
