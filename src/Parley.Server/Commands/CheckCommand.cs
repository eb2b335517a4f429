using System.CommandLine;
using System.Text.Json;
using Parley.Hosting;
using Parley.Store.Checks;
using Parley.Store.Disks;

namespace Parley.Server.Commands;

static class CheckCommand
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data directory of a stopped server.", Required = true };
        var json = new Option<bool>("--json") { Description = "Report as JSON." };
        var command = new Command("check", "Verify every checksum, sequence and index of a stopped server's log. Changes nothing.") { data, json };
        command.SetAction(arguments =>
        {
            var directory = new ParleyOptions { DataDirectory = arguments.GetRequiredValue(data) }.LogDirectory;
            if (!Directory.Exists(directory)) throw new CommandFailedException($"There is no log in {directory}.");
            var report = LogCheck.Run(new PosixDisk(directory));
            if (arguments.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, Json));
                return report.IsSound ? 0 : 2;
            }

            foreach (var problem in report.Problems) Console.WriteLine($"problem  {problem.Segment}+{problem.Offset}: {problem.What}");
            foreach (var note in report.Notes) Console.WriteLine($"note     {note.Segment}+{note.Offset}: {note.What}");
            Console.WriteLine($"{report.Records} records (positions {report.FirstPosition} to {report.LastPosition}) in {report.Batches} batches, {report.Segments} segments and {report.Feeds} feeds; "
                + $"{report.Bytes} bytes; {(report.IsSound ? "sound" : $"{report.Problems.Count} problems")}");
            return report.IsSound ? 0 : 2;
        });
        return command;
    }
}
