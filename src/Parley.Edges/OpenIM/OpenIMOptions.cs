using System.ComponentModel.DataAnnotations;

namespace Parley.Edges.OpenIM;

/// <summary>What the OpenIM edge may do and how much of it.</summary>
public sealed class OpenIMOptions
{
    public const string Section = "OpenIM";

    /// <summary>The name administrators ask for their token under. Default <c>imAdmin</c>, as OpenIM's.</summary>
    [Required, StringLength(64, MinimumLength = 1)]
    public string AdminUserId { get; set; } = "imAdmin";

    /// <summary>What an administrator shows for a token. The host makes one when it is empty; while it is, nobody gets one.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The app that all users of this edge belong to. Default 0.</summary>
    public long App { get; set; }

    /// <summary>Default 90 days, as OpenIM's.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Largest request after decompression, in bytes. Default 256 KiB: five times the largest frame.</summary>
    [Range(1_024, 16 << 20)]
    public int MaxDecompressedBytes { get; set; } = 256 << 10;

    /// <summary>Messages one connection may have sent without having taken the answer. Default 256; then its socket is not read.</summary>
    [Range(1, 65_536)]
    public int MaxRequestsInFlight { get; set; } = 256;

    /// <summary>Conversations one request may ask for. Default 1,000; SDKs ask for about a hundred.</summary>
    [Range(1, 100_000)]
    public int MaxRangesPerRequest { get; set; } = 1_000;

    /// <summary>Messages in one answer. Default 1,000; an answer that is cut says that it is not the end.</summary>
    [Range(1, 100_000)]
    public int MaxAnswerMessages { get; set; } = 1_000;

    /// <summary>Bytes of messages in one answer. Default 700 KiB: SDKs take frames of 1 MiB, and JSON makes four bytes of three.</summary>
    [Range(64 << 10, 64 << 20)]
    public int MaxAnswerBytes { get; set; } = 700 << 10;

    /// <summary>Conversations of a user in one list, those begun last. Default 10,000: what fits an SDK's frame.</summary>
    [Range(1, 1_000_000)]
    public int MaxConversations { get; set; } = 10_000;

    /// <summary>
    /// How long after the change a device is told that its user's block list changed. Default 1 s: the wasm SDK that made the change reads the list after its call and again when told,
    /// and fails its call when it does both at once. Zero: at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan BlockListNoticeDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Ids in one REST request. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxIdsPerRequest { get; set; } = 1_000;

    /// <summary>Largest body of a REST request in bytes. Default 1 MiB.</summary>
    [Range(1_024, 64 << 20)]
    public int MaxRestBodyBytes { get; set; } = 1 << 20;

    /// <summary>Wrong secrets one address may show per minute before it is refused unheard. Default 10.</summary>
    [Range(1, 1_000_000)]
    public int MaxWrongSecretsPerMinute { get; set; } = 10;
}
