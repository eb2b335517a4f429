using System.CommandLine;
using Parley.Hosting;
using Parley.Store;
using Parley.Store.Disks;
using Parley.Store.Replication;

namespace Parley.Server.Commands;

static class PromoteCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Directory of a stopped replica.", Required = true };
        var command = new Command("promote", "Make a stopped replica a server's directory of its own. Stop the old leader first, or keep its clients away from it.") { data };
        command.SetAction(async (arguments, _) =>
        {
            var directory = new ParleyOptions { DataDirectory = arguments.GetRequiredValue(data) };
            if (!Directory.Exists(directory.LogDirectory)) throw new CommandFailedException($"There is no replica in {directory.DataDirectory}.");
            var last = await ReplicaLog.PromoteAsync(new PosixDisk(directory.LogDirectory), new LogOptions(), TimeProvider.System);
            Console.WriteLine($"promoted at position {last}. What the old leader acknowledged beyond it is missing here; with PARLEY__CORE__REPLICAACK=1 there is nothing beyond.");
            Console.WriteLine($"start it with: parley serve --data {directory.DataDirectory}. Secrets are new ones unless the old leader's files are put beside the log.");
            return 0;
        });
        return command;
    }
}
