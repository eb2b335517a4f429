namespace Parley.Store.Disks;

/// <summary>One directory of files, as the log needs it. Paths are plain file names. Implementations: the real directory, and one that crashes.</summary>
/// <remarks>Thread-safe: a file is read by any thread while others write it, each in a range of its own, through one handle or several. Failures are <see cref="IOException"/>.</remarks>
public interface IDisk
{
    /// <summary>Opens a file for reading and writing, creating it empty when absent. A new name survives a power cut only after <see cref="SyncDirectory"/>.</summary>
    IDiskFile Open(string name);

    IReadOnlyList<string> List();

    void Delete(string name);

    /// <summary>Replaces <paramref name="to"/> atomically. Durable after <see cref="SyncDirectory"/>.</summary>
    /// <param name="to">May be <c>folder/name</c>: the file leaves the directory for a folder in it, made when absent, of which the log takes no more notice.</param>
    void Rename(string from, string to);

    void SyncDirectory();

    /// <summary>Takes the directory for this process until disposed.</summary>
    /// <exception cref="DirectoryInUseException">Another process holds it.</exception>
    IDisposable Lock();
}

public interface IDiskFile : IDisposable
{
    long Length { get; }

    /// <summary>Reads up to the buffer's length; fewer bytes only at the end of the file.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all bytes or throws; extends the file when needed. Nothing is durable before <see cref="SyncAsync"/> completes.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Cuts or extends the file.</summary>
    void SetLength(long length);

    /// <summary>Makes everything written so far survive a power cut (<c>fdatasync</c>). May complete synchronously.</summary>
    ValueTask SyncAsync();
}

/// <summary>The directory is held by another process.</summary>
public sealed class DirectoryInUseException(string directory, string holder)
    : IOException($"The data directory {directory} is in use by {holder}. Stop that process or choose another directory with --data.");

/// <summary>No space is left; thrown instead of a plain <see cref="IOException"/> so that a full disk can be told from a broken one.</summary>
public sealed class DiskFullException(string name, Exception? inner = null)
    : IOException($"No space left to extend {name}.", inner);
