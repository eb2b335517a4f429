using System.Diagnostics;
using System.Globalization;
using Parley.Benchmarks.Load;
using Parley.Benchmarks.Reporting;

namespace Parley.Benchmarks.Server;

/// <summary>What an idle, logged-in connection costs the server.</summary>
/// <remarks>
/// Resident memory after an induced full collection and once it is steady: before, with everything warmed by connections that came and went, and with all
/// connections open. Kernel buffers are not counted.
/// </remarks>
sealed class IdleRow(string directory, int connections)
{
    const int Platform = 1, WarmUpConnections = 200, ReservedDescriptors = 200, ClientBufferBytes = 1 << 10;
    const int Aim = 13 << 10;
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromSeconds(20);

    public async Task RunAsync(Report report)
    {
        var count = Math.Min(connections, MaxDescriptors() - ReservedDescriptors);
        report.Open("idle", $"growth of the server's resident memory over {count:N0} idle logged-in WebSockets, each a user of its own", "bytes each", "aim", "server MiB", "logins/s");
        var users = Enumerable.Range(0, count).Select(i => $"idle{i}").ToArray();
        // A server for each: what one leaves in the heap would be room for the next.
        foreach (var envelope in new Envelope[] { new(IsJson: false, IsGzip: true), new(IsJson: true, IsGzip: false) })
        {
            var data = Path.Combine(directory, "idle");
            using (var server = await ChildProcess.ServeAsync(data)) await MeasureAsync(server, data, users, envelope, report);
            Directory.Delete(data, recursive: true);
        }
    }

    static async Task MeasureAsync(ChildProcess server, string data, string[] users, Envelope envelope, Report report)
    {
        Dictionary<string, string> tokens;
        using (var backEnd = await BackEnd.ConnectAsync(server.Address, data))
        {
            await backEnd.RegisterAsync(users);
            tokens = await backEnd.TokensAsync(users, Platform);
        }

        foreach (var connection in OpenAll(server, users[..Math.Min(users.Length, WarmUpConnections)], tokens, envelope)) connection.Dispose();
        var before = await SettledAsync(server);
        var started = Stopwatch.GetTimestamp();
        var open = OpenAll(server, users, tokens, envelope);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = await SettledAsync(server);
        // One that was dropped meanwhile throws.
        foreach (var connection in open) connection.Receive();
        foreach (var connection in open) connection.Dispose();
        report.Add($"{envelope}", Cell.Count((double)(after - before) / users.Length), $"≤ {Aim:N0}", Cell.Count(after >> 20), Cell.Count(users.Length / elapsed));
    }

    static Connection[] OpenAll(ChildProcess server, string[] users, Dictionary<string, string> tokens, Envelope envelope)
        => [.. users.Select(user => Connection.Open(server.Address, envelope.Query(user, tokens[user], Platform), expectsAnswer: true, ClientBufferBytes))];

    /// <summary>After a full collection: the reading after which three more differ by less than 1 %, or the last one when patience ends.</summary>
    static async Task<long> SettledAsync(ChildProcess server)
    {
        Diagnostics.CollectGarbage(server.Id);
        var (steady, last) = (0, server.Resident);
        for (var waited = TimeSpan.Zero; steady < 3 && waited < Patience; waited += Step)
        {
            await Task.Delay(Step);
            var now = server.Resident;
            steady = Math.Abs(now - last) < last / 100 ? steady + 1 : 0;
            last = now;
        }

        return last;
    }

    static int MaxDescriptors() => int.Parse(File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
}
