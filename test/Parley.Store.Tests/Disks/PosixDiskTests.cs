using Parley.Store.Disks;

namespace Parley.Store.Tests.Disks;

public sealed class PosixDiskTests : IDisposable
{
    readonly string _directory = Path.Combine(Path.GetTempPath(), $"parley-store-{Guid.NewGuid():n}");

    public void Dispose()
    {
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_log_is_kept_across_restarts()
    {
        var options = Logs.Small;
        for (var round = 0; round < 3; round++)
        {
            await using var log = await Log.OpenAsync(new PosixDisk(_directory), options, TimeProvider.System);
            Assert.Equal((round + 1, round * 50), (log.Epoch, log.CommittedPosition));
            using var stopping = new CancellationTokenSource();
            var upkeep = log.MaintainAsync(stopping.Token);
            for (var i = 0; i < 50; i++) await log.AppendAsync(Logs.Draft(1000, 1, (ulong)(10 + i)));
            Assert.Equal((round + 1) * 50, log.All(feed: 1).Count);
            Assert.Equal(round + 1, log.All(feed: 30).Count);
            await stopping.CancelAsync();
            await upkeep;
            Assert.Empty(log.Check().Problems);
        }
    }

    [Fact]
    public async Task Directory_and_files_are_their_owner_s_only()
    {
        if (OperatingSystem.IsWindows()) return;
        await using (var log = await Log.OpenAsync(new PosixDisk(_directory), Logs.Small, TimeProvider.System)) await log.AppendAsync(Logs.Draft(9, 1));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory));
        foreach (var file in Directory.GetFiles(_directory)) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_held_directory_names_its_holder()
    {
        var disk = new PosixDisk(_directory);
        using (disk.Lock())
        {
            var error = Assert.Throws<DirectoryInUseException>(() => new PosixDisk(_directory).Lock());
            Assert.Contains(_directory, error.Message, StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows()) Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        }
        disk.Lock().Dispose();
    }

    [Fact]
    public void Another_process_s_lock_counts()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/flock")) return;
        var disk = new PosixDisk(_directory);
        disk.Lock().Dispose();
        var start = new System.Diagnostics.ProcessStartInfo("/usr/bin/flock", [Path.Combine(_directory, "lock"), "-c", "echo held; read line"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var other = System.Diagnostics.Process.Start(start)!;
        Assert.Equal("held", other.StandardOutput.ReadLine());
        Assert.Throws<DirectoryInUseException>(disk.Lock);
        other.StandardInput.Close();
        other.WaitForExit();
        disk.Lock().Dispose();
    }

    [Fact]
    public void Files_are_read_written_renamed_and_deleted()
    {
        var disk = new PosixDisk(_directory);
        using (var file = disk.Open("a"))
        {
            file.Write("hello"u8, 3);
            Assert.Equal(8, file.Length);
            var bytes = new byte[10];
            Assert.Equal(6, file.Read(bytes, 2));
            Assert.Equal("\0hello"u8, bytes.AsSpan(0, 6));
            Assert.Equal(0, file.Read(bytes, 8));
            file.SetLength(4);
            Assert.Equal(4, file.Length);
        }
        disk.Open("b").Dispose();
        disk.Rename("a", "b");
        disk.SyncDirectory();
        Assert.Equal(["b"], disk.List());
        disk.Delete("b");
        Assert.Empty(disk.List());
    }

    [Fact]
    public async Task The_system_s_refusals_are_seen()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var full = new PosixDisk("/dev").Open("full");
        var error = Assert.Throws<DiskFullException>(() => full.Write("x"u8, 0));
        Assert.Contains("full", error.Message, StringComparison.Ordinal);
        // A device without storage can't be synced.
        var sync = await Assert.ThrowsAsync<IOException>(() => full.SyncAsync().AsTask());
        Assert.Contains("fdatasync of full", sync.Message, StringComparison.Ordinal);
        Assert.Contains("errno 22", sync.Message, StringComparison.Ordinal);
    }
}
