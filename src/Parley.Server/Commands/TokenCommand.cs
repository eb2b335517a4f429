using System.CommandLine;
using Parley.Core.Sessions;

namespace Parley.Server.Commands;

static class TokenCommand
{
    public static Command Create()
    {
        var user = new Option<string>("--user") { Description = "The user's id.", Required = true };
        var platform = new Option<int>("--platform") { Description = "OpenIM's platform number: 1 iOS … 5 Web, 7 Linux.", DefaultValueFactory = _ => Platforms.Linux };
        var data = new Option<string>("--data") { Description = "Data directory of a running or stopped server.", DefaultValueFactory = _ => "parley-data" };
        var command = new Command("token", "Print a new token for a user.") { user, platform, data };
        command.SetAction(async (arguments, _) =>
            Console.WriteLine(await Backend.IssueTokenAsync(arguments.GetRequiredValue(data), arguments.GetRequiredValue(user), arguments.GetValue(platform))));
        return command;
    }
}
