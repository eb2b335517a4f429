using System.ComponentModel.DataAnnotations;

namespace Parley.Gateway;

/// <summary>Bounds of every connection, whatever protocol it speaks.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Largest message accepted from a client, in bytes on the wire. Default 51,200, as OpenIM's; a larger one closes the connection (1009).</summary>
    [Range(1_024, 16 << 20)]
    public int MaxFrameBytes { get; set; } = 51_200;

    /// <summary>Silence, pongs included, after which a connection is dropped. Default 90 s: three missed pings.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Silence after which the server pings. Default 27 s: clients and proxies give up at 30.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(27);

    /// <summary>Connections at a time; further ones are answered 503. Default 100,000: about 1.3 GB.</summary>
    [Range(1, 10_000_000)]
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>Time a client may take to accept what is written to it. Default 10 s; then the connection is dropped.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between asking a client to close and dropping the connection; what it still sends meanwhile is not read by anyone. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time that connections get at shutdown to finish what is under way. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
