using System.CommandLine;

namespace Parley.Server.Commands;

static class GroupCommand
{
    public static Command Create()
    {
        var id = new Option<string>("--id") { Description = "1 to 64 bytes; how clients name the group.", Required = true };
        var name = new Option<string?>("--name") { Description = "Shown to members. Default: the id." };
        var owner = new Option<string>("--owner") { Description = "The id of the user who owns it.", Required = true };
        var members = new Option<string[]>("--member") { Description = "The id of another member; may be given many times." };
        var data = new Option<string>("--data") { Description = "Data directory of a running or stopped server.", DefaultValueFactory = _ => "parley-data" };
        var add = new Command("add", "Make a group.") { id, name, owner, members, data };
        add.SetAction(async (arguments, _) =>
        {
            var group = arguments.GetRequiredValue(id);
            await Backend.CreateGroupAsync(arguments.GetRequiredValue(data), group, arguments.GetValue(name) ?? group, arguments.GetRequiredValue(owner), arguments.GetValue(members) ?? []);
            Console.WriteLine($"group {group} added");
        });
        return new Command("group", "Groups.") { add };
    }
}
