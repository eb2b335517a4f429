using System.Runtime.InteropServices;

namespace Parley.Store.Disks;

/// <summary>Tells a full disk from a broken one.</summary>
static class DiskFailures
{
    const int NoSpace = 28;

    // Quotas have another number on BSD and macOS.
    static readonly int QuotaExceeded = OperatingSystem.IsLinux() ? 122 : 69;

    /// <summary>The runtime puts the errno into the exception's HResult; on Windows the facility is above the code.</summary>
    public static bool IsFull(IOException error) => OperatingSystem.IsWindows()
        ? (error.HResult & 0xFFFF) is 0x70 or 0x27
        : IsFull(error.HResult);

    public static bool IsFull(int errno) => errno == NoSpace || errno == QuotaExceeded;

    /// <summary>Another process has the file locked (EWOULDBLOCK; on Windows a sharing or lock violation).</summary>
    public static bool IsTaken(IOException error) => OperatingSystem.IsWindows()
        ? (error.HResult & 0xFFFF) is 0x20 or 0x21
        : error.HResult == (OperatingSystem.IsLinux() ? 11 : 35);

    /// <summary>Not for the hot path: the action is a closure.</summary>
    public static void Named(string name, Action action) => Named(name, () =>
    {
        action();
        return true;
    });

    public static T Named<T>(string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (IOException e) when (IsFull(e))
        {
            throw new DiskFullException(name, e);
        }
        catch (UnauthorizedAccessException e)
        {
            // Callers handle IOException; a file one may not open is one of the ways a disk fails.
            throw new IOException($"{name}: {e.Message}", e);
        }
    }

    public static IOException FromErrno(string call, string name, int errno)
    {
        var error = new IOException($"{call} of {name} failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}).", errno);
        return IsFull(errno) ? new DiskFullException(name, error) : error;
    }
}
