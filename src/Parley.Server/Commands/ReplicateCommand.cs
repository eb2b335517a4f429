using System.CommandLine;
using Parley.Core;
using Parley.Core.Messages;
using Parley.Core.Snapshots;
using Parley.Hosting;
using Parley.Rpc.Replication;
using Parley.Store;
using Parley.Store.Disks;

namespace Parley.Server.Commands;

static class ReplicateCommand
{
    static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Directory of the replica; made when absent.", Required = true };
        var from = new Option<string>("--from") { Description = "Where the leader speaks HTTP/2: https://…, or http://… of its PARLEY__HTTP__HTTP2PORT.", Required = true };
        var secret = new Option<string>("--secret-file") { Description = $"The leader's {ServerSecret.ReplicationFile}.", Required = true };
        var name = new Option<string>("--name") { Description = "Under which the leader remembers this replica.", DefaultValueFactory = _ => Environment.MachineName };
        var command = new Command("replicate", "Keep a copy of a running server's log, byte for byte, until stopped.") { data, from, secret, name };
        command.SetAction((arguments, stopping) => RunAsync(arguments.GetRequiredValue(data), arguments.GetRequiredValue(from), arguments.GetRequiredValue(secret), arguments.GetRequiredValue(name), stopping));
        return command;
    }

    static async Task<int> RunAsync(string data, string from, string secretFile, string name, CancellationToken stopping)
    {
        if (!Uri.TryCreate(from, UriKind.Absolute, out var leader) || leader.Scheme is not ("http" or "https")) throw new CommandFailedException($"--from is {from}; it must be an http or https address.");
        var (log, core, directory) = (new LogOptions(), new CoreOptions(), new ParleyOptions { DataDirectory = data });
        OwnerOnly.CreateDirectory(data);
        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true));
        // Dead links are noticed within a minute, whatever the network says.
        using var handler = new SocketsHttpHandler { KeepAlivePingDelay = TimeSpan.FromSeconds(20), KeepAlivePingTimeout = TimeSpan.FromSeconds(20), ConnectTimeout = TimeSpan.FromSeconds(10) };
        using var http = new HttpClient(handler) { BaseAddress = leader, Timeout = Timeout.InfiniteTimeSpan };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using LoopThread writer = new("parley-replica"), upkeep = new("parley-upkeep"), snapshots = new("parley-snapshots", isLowly: true);
        var replicator = new Replicator(http, (await File.ReadAllTextAsync(secretFile, stopping)).Trim(), name, new PosixDisk(directory.LogDirectory), log, TimeProvider.System, logging.CreateLogger<Replicator>());
        var reporting = ReportAsync(replicator, stop.Token);
        try
        {
            await writer.Run(() => replicator.RunAsync((copy, ending) =>
            {
                // What is promoted one day has the keys of its messages.
                copy.UseKeys(MessageKeys.Default.Records);
                return Task.WhenAll(
                    upkeep.Run(() => copy.MaintainAsync(ending)),
                    snapshots.Run(() => new Snapshotter(copy, log, core, TimeProvider.System).RunAsync(Tell, ending)));
            }, stop.Token));
        }
        finally
        {
            await stop.CancelAsync();
            await reporting;
        }

        Console.WriteLine($"stopped at position {replicator.Position}");
        return 0;
    }

    static async Task ReportAsync(Replicator replicator, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(ReportEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping)) Console.WriteLine($"position {replicator.Position}, {replicator.Lag} behind");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is the expected end.
        }
    }

    static void Tell(SnapshotOutcome outcome)
        => Console.WriteLine(outcome.Failure is { } failure ? $"no snapshot of position {outcome.Position}: {failure.Message}" : $"snapshot of position {outcome.Position}, {outcome.Bytes} bytes");
}
