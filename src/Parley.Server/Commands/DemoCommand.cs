using System.CommandLine;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Command = System.CommandLine.Command;

namespace Parley.Server.Commands;

/// <summary>A server to try out: loopback only, in a directory of its own, with three users.</summary>
static class DemoCommand
{
    public const string Directory = "parley-demo";

    static readonly (string Id, string Name)[] Users = [("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")];

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data directory.", DefaultValueFactory = _ => Directory };
        var command = new Command("demo", "Run a server to try out: loopback only, with the users alice, bob and carol.") { data };
        command.SetAction(async (arguments, cancellation) =>
        {
            await using var application = ParleyServer.Build(arguments.GetValue(data), new Dictionary<string, string?> { ["Parley:Http:Address"] = "127.0.0.1" });
            await application.StartAsync(cancellation);
            await RegisterAsync(application.Services.GetRequiredService<Sequencer>());
            var option = arguments.GetValue(data) == Directory ? "" : $" --data {arguments.GetValue(data)}";
            await Console.Out.WriteLineAsync($"""

                This is a demo server: it listens on this machine only, and whoever can read {arguments.GetValue(data)} can be anyone.
                To chat, open two more terminals here and run one of these in each:

                  dotnet run --project src/Parley.Server -- chat --user alice --to bob{option}
                  dotnet run --project src/Parley.Server -- chat --user bob --to alice{option}

                Stop the server with Ctrl+C (or kill -9) at any time and start it again: the chats go on.

                """);
            await application.WaitForShutdownAsync(cancellation);
            return Environment.ExitCode;
        });
        return command;
    }

    static async Task RegisterAsync(Sequencer sequencer)
    {
        foreach (var (id, name) in Users)
        {
            var outcome = await sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new NewUser(id, name)]));
            if (!outcome.IsAccepted && outcome.Refusal != Refusal.UserExists) throw new CommandFailedException($"The demo user {id} can't be registered: {outcome.Refusal}.");
        }
    }
}
