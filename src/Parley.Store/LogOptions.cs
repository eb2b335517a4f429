using System.ComponentModel.DataAnnotations;

namespace Parley.Store;

/// <summary>When an append counts as kept.</summary>
public enum Durability
{
    /// <summary>After its batch is synced: survives kill -9 and power loss.</summary>
    Commit,

    /// <summary>After the write; synced at least every <see cref="LogOptions.SyncInterval"/>. A power cut may lose that much.</summary>
    Interval,

    /// <summary>After the write; synced when the operating system likes. Survives kill -9 only.</summary>
    System,
}

/// <summary>Bounds of the log. Defaults suit one server on one disk.</summary>
public sealed class LogOptions
{
    public const string Section = "Store";

    public Durability Durability { get; set; } = Durability.Commit;

    /// <summary>With <see cref="Durability.Interval"/>: longest time between two syncs. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Size of a segment file in bytes. Default 128 MiB.</summary>
    [Range(16 << 10, 1 << 30)]
    public int SegmentBytes { get; set; } = 128 << 20;

    /// <summary>Space is zero-filled and synced ahead in steps of this many bytes. Default 4 MiB.</summary>
    [Range(4 << 10, 64 << 20)]
    public int PrepareBytes { get; set; } = 4 << 20;

    /// <summary>Largest batch in bytes, headers included; also bounds the largest record. Default 1 MiB.</summary>
    [Range(4 << 10, 16 << 20)]
    public int MaxBatchBytes { get; set; } = 1 << 20;

    /// <summary>A snapshot of the state is made when so many segments were filled since the last. Default 2: a start replays at most about 256 MiB more than the current segment.</summary>
    [Range(1, 1_000)]
    public int SnapshotEverySegments { get; set; } = 2;
}

/// <summary>The log stopped writing after a failed write or sync; only a restart recovers.</summary>
public sealed class LogReadOnlyException(string reason, Exception? inner = null)
    : IOException($"The log is read-only: {reason}. What was acknowledged is safe; restart to recover, and run 'parley check' if it happens again.", inner);
