using System.Runtime.InteropServices;

namespace Parley.Client.Storage;

/// <summary>
/// Which SQLite runs: the system's when it is newer than the one in the package (3.35.5, which misses security fixes that distributions carry), else the package's.
/// </summary>
static unsafe class SqliteEngine
{
    const string Bundled = "e_sqlite3";

    static readonly string[] SystemNames =
        OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"] : OperatingSystem.IsWindows() ? ["winsqlite3.dll"] : ["libsqlite3.so.0"];

    static readonly Lazy<bool> Chosen = new(Choose);

    /// <summary>Must come before the first use of SQLite; repeating it does nothing.</summary>
    public static void EnsureChosen() => _ = Chosen.Value;

    static bool Choose()
    {
        var provider = typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly;
        try
        {
            NativeLibrary.SetDllImportResolver(provider, (name, assembly, path) => name == Bundled ? Newest(assembly, path) : IntPtr.Zero);
        }
        // The host has a resolver of its own for this assembly: its choice stands.
        catch (InvalidOperationException) { }
        SQLitePCL.Batteries_V2.Init();
        return true;
    }

    /// <returns>Zero leaves the runtime to look on its own, and to report what it tried.</returns>
    static IntPtr Newest(System.Reflection.Assembly assembly, DllImportSearchPath? path)
    {
        NativeLibrary.TryLoad(Bundled, assembly, path, out var newest);
        var newestVersion = Version(newest);
        foreach (var name in SystemNames)
        {
            if (!NativeLibrary.TryLoad(name, out var candidate)) continue;
            var version = Version(candidate);
            if (version > newestVersion) (newest, newestVersion) = (candidate, version);
        }
        return newest;
    }

    static int Version(IntPtr library) =>
        library != IntPtr.Zero && NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var function)
            ? ((delegate* unmanaged[Cdecl]<int>)function)() : 0;
}
