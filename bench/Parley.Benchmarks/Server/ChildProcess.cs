using System.Diagnostics;
using System.Globalization;

namespace Parley.Benchmarks.Server;

/// <summary>A server in a process of its own, whose CPU time and memory are read from /proc.</summary>
sealed class ChildProcess : IDisposable
{
    const double TicksPerSecond = 100;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly Process _process;

    ChildProcess(Process process, Uri address, TimeSpan startTime) => (_process, Address, StartTime) = (process, address, startTime);

    public Uri Address { get; }

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan StartTime { get; }

    public int Id => _process.Id;

    /// <summary>User and system time of all threads; the kernel counts it in steps of 10 ms.</summary>
    public TimeSpan CpuTime => CpuTimeOf(_process.Id);

    /// <summary>Resident memory, bytes.</summary>
    public long Resident
        => long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    public static TimeSpan CpuTimeOf(int process)
    {
        // The second field is the command in parentheses and may hold anything; utime and stime are the 12th and 13th behind it.
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ").Last().Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    /// <summary>Starts a program of this directory and waits until it prints <paramref name="readyPrefix"/> and its address.</summary>
    public static async Task<ChildProcess> StartAsync(string program, string[] arguments, string readyPrefix, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (!line.StartsWith(readyPrefix, StringComparison.Ordinal)) continue;
            var elapsed = Stopwatch.GetElapsedTime(started);
            return new ChildProcess(process, new Uri(line[readyPrefix.Length..].Split(' ')[0]), elapsed);
        }

        throw new InvalidOperationException($"{program} ended before it was ready.");
    }

    public static Task<ChildProcess> ServeAsync(string data, params (string Name, string Value)[] environment)
        => StartAsync("Parley.Server.dll", ["serve", "--data", data], "parley ready: ", [("LOGGING__LOGLEVEL__DEFAULT", "Warning"), ("PARLEY__HTTP__PORT", "0"), ("PARLEY__CORE__MESSAGERATE", "0"), .. environment]);

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
