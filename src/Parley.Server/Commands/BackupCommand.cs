using System.CommandLine;

namespace Parley.Server.Commands;

static class BackupCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data directory of a server, running or not.", Required = true };
        var name = new Option<string>("--name") { Description = "Of the backup's directory below PARLEY__BACKUPDIRECTORY; a second backup into it copies only what is new.", DefaultValueFactory = _ => "latest" };
        var command = new Command("backup", "Copy the log as it stands now and verify the copy. Secrets beside the log are not copied.") { data, name };
        command.SetAction(async (arguments, stopping) =>
        {
            var answer = await Backend.BackUpAsync(arguments.GetRequiredValue(data), arguments.GetRequiredValue(name), stopping);
            Console.WriteLine($"backed up to {answer.Directory}: positions {answer.First} to {answer.Position}, of {answer.At:u}; {answer.FilesCopied} files copied ({answer.BytesCopied} bytes), {answer.FilesKept} were there");
            return 0;
        });
        return command;
    }
}
