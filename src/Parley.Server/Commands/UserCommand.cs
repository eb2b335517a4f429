using System.CommandLine;

namespace Parley.Server.Commands;

static class UserCommand
{
    public static Command Create()
    {
        var id = new Option<string>("--id") { Description = "1 to 64 bytes; how clients name the user.", Required = true };
        var name = new Option<string?>("--name") { Description = "Shown to others. Default: the id." };
        var password = new Option<string?>("--password") { Description = "For protocols and clients that log in with one; '-' reads it from standard input." };
        var data = new Option<string>("--data") { Description = "Data directory of a running or stopped server.", DefaultValueFactory = _ => "parley-data" };
        var add = new Command("add", "Register a user.") { id, name, password, data };
        add.SetAction(async (arguments, _) =>
        {
            var secret = arguments.GetValue(password) is "-" ? await Console.In.ReadLineAsync(CancellationToken.None) : arguments.GetValue(password);
            if (secret is { Length: < 8 or > Hosting.Api.Passwords.MaxLength }) throw new CommandFailedException($"A password has 8 to {Hosting.Api.Passwords.MaxLength} characters.");
            var user = arguments.GetRequiredValue(id);
            await Backend.RegisterAsync(arguments.GetRequiredValue(data), user, arguments.GetValue(name) ?? user, secret);
            Console.WriteLine($"user {user} added");
        });
        return new Command("user", "Users.") { add };
    }
}
