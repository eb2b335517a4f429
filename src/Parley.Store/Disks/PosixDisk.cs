using System.Globalization;
using System.Text;

namespace Parley.Store.Disks;

/// <summary>A directory of the real file system. Directory and files are for their owner only.</summary>
public sealed class PosixDisk : IDisk
{
    const string LockName = "lock";

    readonly string _directory;

    /// <summary>Creates the directory when absent.</summary>
    public PosixDisk(string directory)
    {
        _directory = Path.GetFullPath(directory);
        if (Directory.Exists(_directory)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(_directory);
        else Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public IDiskFile Open(string name)
        => DiskFailures.Named(name, () => new PosixFile(name, Create(name, FileShare.ReadWrite | FileShare.Delete)));

    public IReadOnlyList<string> List() => [.. Directory.EnumerateFiles(_directory).Select(path => Path.GetFileName(path))];

    public void Delete(string name) => File.Delete(PathOf(name));

    public void Rename(string from, string to)
    {
        var folder = Path.GetDirectoryName(PathOf(to))!;
        DiskFailures.Named(to, () =>
        {
            if (folder != _directory) Directory.CreateDirectory(folder);
            File.Move(PathOf(from), PathOf(to), overwrite: true);
        });
        // Its new name is in another directory than the one that is synced later.
        if (folder != _directory && !OperatingSystem.IsWindows()) PosixCalls.SyncDirectory(folder);
    }

    public void SyncDirectory()
    {
        // Windows has no such call; NTFS journals its directories.
        if (!OperatingSystem.IsWindows()) PosixCalls.SyncDirectory(_directory);
    }

    public IDisposable Lock()
    {
        FileStream held;
        try
        {
            held = Create(LockName, FileShare.None);
        }
        catch (IOException e) when (DiskFailures.IsTaken(e))
        {
            throw new DirectoryInUseException(_directory, Holder());
        }
        // For the message of whoever finds the directory taken; the lock itself is the open file.
        held.SetLength(0);
        held.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        held.Flush();
        return held;
    }

    string Holder()
    {
        if (!OperatingSystem.IsWindows() && PosixCalls.ReadPastLock(PathOf(LockName)) is { Length: > 0 } pid) return $"process {pid}";
        return "another process";
    }

    FileStream Create(string name, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(PathOf(name), options);
    }

    string PathOf(string name) => Path.Combine(_directory, name);
}
