namespace Parley.Hosting;

/// <summary>Files and directories that nobody but their owner may read.</summary>
public static class OwnerOnly
{
    /// <summary>Replaces a file of the data directory so that no reader sees half of it and nobody else may read it.</summary>
    public static void WriteFile(string path, string text)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(temporary, options)) file.Write(text);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Makes the directory unless it exists.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
