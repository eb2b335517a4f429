using System.CommandLine;
using Parley.Server.Commands;

var root = new RootCommand("Parley: a self-hosted instant-messaging server.")
{
    ServeCommand.Create(),
    DemoCommand.Create(),
    ChatCommand.Create(),
    UserCommand.Create(),
    GroupCommand.Create(),
    TokenCommand.Create(),
    CheckCommand.Create(),
    RepairCommand.Create(),
    DumpCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    ReplicateCommand.Create(),
    PromoteCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        // After a signal; by default the process is gone 2 s later, in the middle of a stop. The host has bounds of its own.
        ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
    });
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or HttpRequestException or CommandFailedException
    or Microsoft.Extensions.Options.OptionsValidationException || e.Message.Contains("configuration", StringComparison.OrdinalIgnoreCase))
{
    // Broken disks, wrong settings and absent servers are the operator's business: say what is wrong, without a stack.
    // Of an entry in a list the binder's own words name neither key nor value; their cause does.
    await Console.Error.WriteLineAsync($"parley: {(e is InvalidOperationException { InnerException: InvalidOperationException cause } ? cause : e).Message}");
    return 1;
}

/// <summary>A command can't be carried out; the message says why and what to do.</summary>
sealed class CommandFailedException(string message) : Exception(message);
