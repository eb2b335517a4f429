using Parley.Benchmarks.Load;
using Parley.Benchmarks.Reporting;

namespace Parley.Benchmarks.Server;

/// <summary>Whether a member who is not there costs a send anything: groups in which as few are online, and very different numbers are not.</summary>
sealed class OfflineRow(string directory, string[] bodies, TimeSpan time)
{
    const int Online = 10, InFlight = 8, MaxMembers = 100_000;

    static readonly int[] Offline = [10, MaxMembers - Online];

    public async Task RunAsync(Report report)
    {
        report.Open("offline", $"one sender with {InFlight} in flight in a group of which {Online} are online; gob", "sends/s", "ack p50", "ack p99", "cpu µs", "of first");
        var (data, envelope) = (Path.Combine(directory, "offline"), new Envelope(IsJson: false, IsGzip: false));
        using (var server = await ChildProcess.ServeAsync(data, GroupOnServer.Environment))
        {
            using var backEnd = await BackEnd.ConnectAsync(server.Address, data);
            var groups = new List<GroupOnServer>();
            foreach (var offline in Offline) groups.Add(await GroupOnServer.CreateAsync(backEnd, $"g{offline}", Online, offline));
            Run.WarmUp(groups, (group, measured) => group.Measure(server, envelope, InFlight, bodies, measured, out _));
            var first = 0.0;
            foreach (var (group, offline) in groups.Zip(Offline))
            {
                var figures = group.Measure(server, envelope, InFlight, bodies, time, out _);
                var cost = figures.ServerMicroseconds * (Online - 1);
                if (first == 0) first = cost;
                report.Add($"{offline:N0} offline", Cell.Count(figures.Rate / (Online - 1)), Cell.Of(figures.Acks.Microseconds(50)), Cell.Of(figures.Acks.Microseconds(99)), Cell.Of(cost),
                    Cell.Ratio(cost / first));
            }
        }

        Directory.Delete(data, recursive: true);
    }
}
