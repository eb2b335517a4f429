using System.CommandLine;

namespace Parley.Server.Commands;

static class ServeCommand
{
    public static readonly Option<string?> Data = new("--data") { Description = "Data directory. Default: PARLEY__DATADIRECTORY, else ./parley-data." };

    public static Command Create()
    {
        var command = new Command("serve", "Run the server until it is told to stop.") { Data };
        command.SetAction(async (arguments, cancellation) =>
        {
            // Before the command has given back its task a signal ends the process at once, in the middle of a start.
            await Task.Yield();
            await using var application = ParleyServer.Build(arguments.GetValue(Data));
            await application.RunAsync(cancellation);
            return Environment.ExitCode;
        });
        return command;
    }
}
