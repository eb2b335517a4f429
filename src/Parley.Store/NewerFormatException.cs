namespace Parley.Store;

/// <summary>The directory was written by a later release.</summary>
public sealed class NewerFormatException(string file, int version, int known)
    : IOException($"{file} has format version {version}; this release reads up to {known}. Nothing was changed; start a later release on this directory.");
