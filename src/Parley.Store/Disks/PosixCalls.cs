using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Parley.Store.Disks;

/// <summary>System calls of which the runtime's own wrappers hide the error, or which it lacks.</summary>
static partial class PosixCalls
{
    const int ReadOnlyFlag = 0;

    /// <summary>Never repeated after a failure, EINTR included: what the failed call dropped, a second one would not find.</summary>
    public static void SyncData(SafeFileHandle file, string name)
    {
        if (FDataSync(file) != 0) throw DiskFailures.FromErrno("fdatasync", name, Marshal.GetLastPInvokeError());
    }

    public static void SyncDirectory(string path)
    {
        using var directory = OpenFile(path, ReadOnlyFlag);
        if (directory.IsInvalid) throw DiskFailures.FromErrno("open", path, Marshal.GetLastPInvokeError());
        if (FSync(directory) != 0) throw DiskFailures.FromErrno("fsync", path, Marshal.GetLastPInvokeError());
    }

    /// <summary>Reads a small file that another process has locked: every open of the runtime's would ask for the lock.</summary>
    public static string ReadPastLock(string path)
    {
        using var file = OpenFile(path, ReadOnlyFlag);
        if (file.IsInvalid) return "";
        Span<byte> text = stackalloc byte[20];
        return Encoding.ASCII.GetString(text[..RandomAccess.Read(file, text, 0)]);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFile(string path, int flags);
}
