using System.ComponentModel.DataAnnotations;

namespace Parley.Rpc.Replication;

/// <summary>What replicas may ask of this server.</summary>
public sealed class ReplicationOptions
{
    public const string Section = "Replication";

    /// <summary>What a replica shows. The host makes one when it is empty; while it is, nobody copies anything.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Bytes of batches in one answer, before compression; at least one batch is sent. Default 1 MiB.</summary>
    [Range(64 << 10, 32 << 20)]
    public int MaxChunkBytes { get; set; } = 1 << 20;
}
