using System.ComponentModel.DataAnnotations;

namespace Parley.Server;

/// <summary>Where the server listens for HTTP and WebSocket.</summary>
sealed class HttpOptions
{
    public const string Section = "Parley:Http";

    /// <summary>Default 10002, OpenIM's; 0 takes a free port.</summary>
    [Range(0, 65_535)]
    public int Port { get; set; } = 10_002;

    /// <summary>
    /// A further port on the same address that speaks HTTP/2 and nothing else: gRPC in clear text needs one. 0 takes a free port. Default none; with a certificate
    /// the first port serves gRPC too.
    /// </summary>
    [Range(0, 65_535)]
    public int? Http2Port { get; set; }

    /// <summary>An IP address of this machine, or <c>*</c> for all of them. Default 127.0.0.1: nothing is reachable from outside before someone says so.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>PEM file with the certificate chain; with it the port speaks TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file with the certificate's private key.</summary>
    public string? CertificateKey { get; set; }
}
