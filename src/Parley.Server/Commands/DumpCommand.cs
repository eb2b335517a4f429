using System.CommandLine;
using System.Text.Json;
using Parley.Hosting;
using Parley.Store.Checks;
using Parley.Store.Disks;

namespace Parley.Server.Commands;

static class DumpCommand
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data directory of a stopped server.", Required = true };
        var from = new Option<long>("--from") { Description = "First position.", DefaultValueFactory = _ => 1 };
        var to = new Option<long>("--to") { Description = "Last position.", DefaultValueFactory = _ => long.MaxValue };
        var command = new Command("dump", "Write the log's records as lines of JSON, bodies in base64. What people wrote is in there.") { data, from, to };
        command.SetAction(arguments =>
        {
            var directory = new ParleyOptions { DataDirectory = arguments.GetRequiredValue(data) }.LogDirectory;
            if (!Directory.Exists(directory)) throw new CommandFailedException($"There is no log in {directory}.");
            var problems = 0;
            using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 << 10);
            foreach (var record in LogDump.Read(new PosixDisk(directory), arguments.GetValue(from), arguments.GetValue(to), problem =>
            {
                problems++;
                Console.Error.WriteLine($"{problem.Segment}+{problem.Offset}: {problem.What}");
            })) output.WriteLine(JsonSerializer.Serialize(record, Json));
            return problems == 0 ? 0 : 2;
        });
        return command;
    }
}
