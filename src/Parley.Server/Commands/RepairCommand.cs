using System.CommandLine;
using Parley.Hosting;
using Parley.Store.Checks;
using Parley.Store.Disks;

namespace Parley.Server.Commands;

static class RepairCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data directory of a stopped server.", Required = true };
        var apply = new Option<bool>("--apply") { Description = "Do it. Without, it is only said what would be done." };
        var command = new Command("repair", "Make a damaged log open again: keep what comes before the damage, set everything else aside, destroy nothing.") { data, apply };
        command.SetAction(async (arguments, _) =>
        {
            var directory = new ParleyOptions { DataDirectory = arguments.GetRequiredValue(data) }.LogDirectory;
            if (!Directory.Exists(directory)) throw new CommandFailedException($"There is no log in {directory}.");
            var report = await LogRepair.RunAsync(new PosixDisk(directory), TimeProvider.System, arguments.GetValue(apply));
            foreach (var step in report.Steps) Console.WriteLine($"{step.Action,-8} {step.File}: {step.Why}");
            if (!report.IsNeeded) Console.WriteLine("nothing to repair");
            else if (report.LostFrom > 0) Console.WriteLine($"kept up to position {report.KeptPosition}; lost {report.LostFrom} to {report.LostTo}, of which {report.ReadableAside} can still be read in {report.Folder}");
            else Console.WriteLine($"nothing is lost; the log ends at position {report.KeptPosition}");
            if (report is { IsNeeded: true, IsApplied: false }) Console.WriteLine("nothing was done yet: run it again with --apply");
            return report.IsNeeded && !report.IsApplied ? 2 : 0;
        });
        return command;
    }
}
