using System.Text;
using Parley.Benchmarks.Records;
using Parley.Benchmarks.Reporting;
using Parley.Core;
using Parley.Store;

namespace Parley.Benchmarks.Server;

/// <summary>From the start of the process to its ready line.</summary>
sealed class StartRow(string directory, string[] bodies)
{
    const int Users = 1_000, Partners = 20, Messages = 1_000_000, Repeats = 3;
    const int AimMs = 200;

    public async Task RunAsync(Report report)
    {
        report.Open("start", $"from process start to 'parley ready', median of {Repeats}; {Users:N0} users, {Users * Partners:N0} conversations", "ms", "aim", "cpu ms", "log MiB");
        var data = Path.Combine(directory, "start");
        await MeasureAsync(report, "a new directory", data, isNew: true);
        await MeasureAsync(report, "an empty log", data, isNew: false);
        await FillAsync(data);
        await MeasureAsync(report, $"{Messages:N0} messages", data, isNew: false);
        Directory.Delete(data, recursive: true);
    }

    static async Task MeasureAsync(Report report, string name, string data, bool isNew)
    {
        var times = new List<(double Elapsed, double Cpu)>();
        for (var i = 0; i < Repeats; i++)
        {
            if (isNew && Directory.Exists(data)) Directory.Delete(data, recursive: true);
            using var server = await ChildProcess.ServeAsync(data);
            times.Add((server.StartTime.TotalMilliseconds, server.CpuTime.TotalMilliseconds));
        }

        var (median, size) = (times.Order().ElementAt(Repeats / 2), new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / (double)(1 << 20));
        report.Add(name, Cell.Count(median.Elapsed), $"≤ {AimMs}", Cell.Count(median.Cpu), Cell.Of(size));
    }

    async Task FillAsync(string data)
    {
        await using var core = await CoreInProcess.OpenAsync(Path.Combine(data, "log"), new LogOptions(), new CoreOptions());
        await core.RegisterAsync(Users);
        var texts = bodies.Select(Encoding.UTF8.GetBytes).ToArray();
        await core.AllAsync(Messages, i => CoreInProcess.Message(SenderOf(i), 1 + ((SenderOf(i) + (i / Users % Partners)) % Users), i, texts[i % texts.Length]));
    }

    static int SenderOf(int message) => 1 + (message % Users);
}
