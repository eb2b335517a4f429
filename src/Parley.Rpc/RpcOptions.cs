using System.ComponentModel.DataAnnotations;

namespace Parley.Rpc;

/// <summary>What other servers may ask of this one, and how much at a time.</summary>
public sealed class RpcOptions
{
    public const string Section = "Rpc";

    /// <summary>Whether it is offered at all. Default true: every call needs an administrator's token.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>The app whose administrators' tokens are taken; they may name any app in a call. Default that of the OpenIM edge, which issues them.</summary>
    public long? TokenApp { get; set; }

    /// <summary>Largest message of a call in bytes, after decompression. Default 4 MiB, as gRPC's.</summary>
    [Range(64 << 10, 16 << 20)]
    public int MaxMessageBytes { get; set; } = 4 << 20;

    /// <summary>Messages in one answer. Default 1,000; an answer that is cut says that there are more.</summary>
    [Range(1, 100_000)]
    public int MaxPage { get; set; } = 1_000;

    /// <summary>Bytes of messages in one answer; a single message may be over it. Default 2 MiB: what callers' gRPC takes by default, and room for what is around.</summary>
    [Range(64 << 10, 64 << 20)]
    public int MaxPageBytes { get; set; } = 2 << 20;

    /// <summary>Calls answered at a time, streams apart. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxCalls { get; set; } = 1_000;

    /// <summary>Streams open at a time. Default 64: each holds one answer of records in memory.</summary>
    [Range(1, 10_000)]
    public int MaxStreams { get; set; } = 64;

    /// <summary>Records in one answer of a stream. Default 256.</summary>
    [Range(1, 10_000)]
    public int MaxStreamRecords { get; set; } = 256;

    /// <summary>Bytes of records in one answer of a stream; a single record may be over it. Default 512 KiB.</summary>
    [Range(4 << 10, 16 << 20)]
    public int MaxStreamBytes { get; set; } = 512 << 10;
}
