using System.Globalization;
using System.Runtime.InteropServices;

namespace Parley.Benchmarks.Reporting;

/// <summary>What the figures were measured on. Reads /proc: the benchmarks run on Linux.</summary>
static class Machine
{
    public static Dictionary<string, string> Describe(string data)
    {
        var mount = Mount(data);
        return new()
        {
            ["processor"] = $"{Line("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} cores",
            ["memory"] = $"{long.Parse(Line("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) >> 20} GiB",
            ["kernel"] = RuntimeInformation.OSDescription,
            ["disk"] = $"{mount.Device}, {mount.FileSystem} ({mount.Options}), write cache {WriteCache(mount.Device)}",
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["load before"] = LoadAverage().ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Of the last minute; above the number of cores, other work was in the way.</summary>
    public static double LoadAverage() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    static string Line(string file, string key)
        => File.ReadLines(file).First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(':', 2)[1].Trim();

    static (string Device, string FileSystem, string Options) Mount(string path)
    {
        var full = Path.GetFullPath(path);
        var best = File.ReadLines("/proc/mounts").Select(line => line.Split(' '))
            .Where(parts => full == parts[1] || full.StartsWith(parts[1].TrimEnd('/') + "/", StringComparison.Ordinal))
            .MaxBy(parts => parts[1].Length)!;
        return (best[0], best[2], best[3]);
    }

    static string WriteCache(string device)
    {
        var file = $"/sys/block/{Path.GetFileName(device).TrimEnd("0123456789".ToCharArray())}/queue/write_cache";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "unknown";
    }
}
