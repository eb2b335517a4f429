using Parley.Store.Checks;

namespace Parley.Store.Backups;

/// <summary>What a backup or a restore left in its target.</summary>
/// <param name="Position">The target holds every record up to this one.</param>
/// <param name="Time">Time of that record, µs since the Unix epoch.</param>
/// <param name="FilesCopied">Written; a segment that has grown is written whole, so that no crash leaves half of it.</param>
/// <param name="FilesKept">Found there already, equal.</param>
/// <param name="Check">Every byte of the target was read and verified after writing.</param>
public sealed record BackupReport(long Position, long Time, int FilesCopied, int FilesKept, long BytesCopied, LogReport Check);

/// <summary>What was written to the target, or was there, does not verify.</summary>
public sealed class BackupFailedException(string what) : IOException(what);
