namespace Parley.Store.Erasing;

/// <summary>What a record's body becomes; see <see cref="Log.OverwriteAsync"/>.</summary>
/// <param name="Position">Of a committed record.</param>
/// <param name="Body">As long as the one it replaces. Its last four bytes are the store's, whatever is given: they keep the checksum true.</param>
public readonly record struct Replacement(long Position, ReadOnlyMemory<byte> Body)
{
    /// <summary>A shorter body can't be overwritten: of four bytes, only the old ones have the old checksum.</summary>
    public const int MinBodyBytes = 5;

    /// <summary>Bodies of one call together, unless there is only one.</summary>
    public const int MaxBytesTogether = 4 << 20;

    /// <summary>Replacements of one call.</summary>
    public const int MaxCount = 16 << 10;
}
