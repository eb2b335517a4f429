using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Server.Tests.Corpus;

enum LineKind { Other, Said, Joined, Left, Renamed }

/// <summary>One line of an IRC channel's log, as clients of the time wrote them.</summary>
/// <param name="Text">What was said; of a renaming the new nick.</param>
readonly partial record struct ChannelLine(LineKind Kind, string Nick = "", string Text = "")
{
    /// <summary>Logs in the order of a gzipped file of <c>name of the log, tab, line</c>.</summary>
    public static List<ChannelLine[]> Load(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        return Split(lines);
    }

    /// <summary>A new log begins where the first column changes.</summary>
    public static List<ChannelLine[]> Split(IEnumerable<string> rows)
    {
        var (logs, log, name) = (new List<ChannelLine[]>(), new List<ChannelLine>(), "");
        foreach (var row in rows)
        {
            var columns = row.Split('\t', 2);
            if (columns[0] != name && log.Count > 0)
            {
                logs.Add([.. log]);
                log.Clear();
            }

            name = columns[0];
            log.Add(Parse(columns[1]));
        }

        logs.Add([.. log]);
        return logs;
    }

    public static ChannelLine Parse(string line)
    {
        if (Said().Match(line) is { Success: true } said) return new(LineKind.Said, said.Groups[1].Value, said.Groups[2].Value);
        if (Did().Match(line) is { Success: true } did) return new(LineKind.Said, did.Groups[2].Value, did.Groups[1].Value);
        if (CameOrWent().Match(line) is { Success: true } moved) return new(moved.Groups[2].Value == "joined" ? LineKind.Joined : LineKind.Left, moved.Groups[1].Value);
        if (Renamed().Match(line) is { Success: true } renamed) return new(LineKind.Renamed, renamed.Groups[1].Value, renamed.Groups[2].Value);
        return new(LineKind.Other);
    }

    [GeneratedRegex(@"^\[\d\d:\d\d\] <([^>]+)> (.+)$")]
    private static partial Regex Said();

    [GeneratedRegex(@"^\[\d\d:\d\d\]  (\* (\S+) .+)$")]
    private static partial Regex Did();

    [GeneratedRegex(@"^=== (\S+) (?:\[[^\]]*\] +)?has (joined|left) #\S+")]
    private static partial Regex CameOrWent();

    [GeneratedRegex(@"^=== (\S+) is now known as (\S+)$")]
    private static partial Regex Renamed();
}
