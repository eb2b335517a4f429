using System.CommandLine;
using Parley.Hosting;
using Parley.Store.Backups;
using Parley.Store.Disks;

namespace Parley.Server.Commands;

static class RestoreCommand
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "Directory of a backup.", Required = true };
        var data = new Option<string>("--data") { Description = "Data directory to make; it must hold no log.", Required = true };
        var position = new Option<long>("--to-position") { Description = "Last position wanted.", DefaultValueFactory = _ => long.MaxValue };
        var time = new Option<DateTimeOffset?>("--to-time") { Description = "Latest time wanted, for example 2026-05-04T03:02:01Z." };
        var command = new Command("restore", "Make a data directory of a backup, up to a position or a time.") { from, data, position, time };
        command.SetAction(async (arguments, stopping) =>
        {
            var (source, options) = (arguments.GetRequiredValue(from), new ParleyOptions { DataDirectory = arguments.GetRequiredValue(data) });
            if (!Directory.Exists(source)) throw new CommandFailedException($"There is no backup in {source}.");
            OwnerOnly.CreateDirectory(options.DataDirectory);
            var until = arguments.GetValue(time) is { } moment ? (moment.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond : long.MaxValue;
            var report = await Restore.RunAsync(new PosixDisk(source), new PosixDisk(options.LogDirectory), arguments.GetValue(position), until, stopping);
            Console.WriteLine($"restored into {options.DataDirectory}: positions {report.Check.FirstPosition} to {report.Position}, of {DateTimeOffset.UnixEpoch.AddTicks(report.Time * TimeSpan.TicksPerMicrosecond):u}; verified. The server it came from must not run beside it.");
            return 0;
        });
        return command;
    }
}
