using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parley.Server.Tests;

/// <summary>What configuration makes of the connections to and from a server process.</summary>
public sealed class TransportTests
{
    [Fact]
    public async Task With_a_certificate_the_port_speaks_TLS_and_nothing_else()
    {
        using var scratch = new Scratch();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=parley.test", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(scratch["cert.pem"], certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(scratch["key.pem"], key.ExportPkcs8PrivateKeyPem());

        using var server = await ServerProcess.ServeAsync(scratch["data"], 0, ("PARLEY__HTTP__CERTIFICATE", scratch["cert.pem"]), ("PARLEY__HTTP__CERTIFICATEKEY", scratch["key.pem"]));
        Assert.StartsWith("https://", server.Address, StringComparison.Ordinal);
        using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == certificate.Thumbprint };
        using var http = new HttpClient(trusting);
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri(server.Address + "/healthz")));
        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetStringAsync(new Uri(server.Address.Replace("https", "http", StringComparison.Ordinal) + "/healthz")));
    }

    [Fact]
    public async Task Metrics_go_to_the_collector_that_the_standard_variable_names()
    {
        using var scratch = new Scratch();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        var exports = Channel.CreateBounded<string>(100);
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/metrics", async (HttpRequest request) =>
        {
            using var body = new StreamReader(request.Body, Encoding.Latin1);
            exports.Writer.TryWrite(await body.ReadToEndAsync());
        });
        await collector.StartAsync();

        using var server = await ServerProcess.ServeAsync(scratch["data"], 0, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.First()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "200"));
        using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await exports.Reader.ReadAsync(patience.Token)).Contains("parley.core.commands", StringComparison.Ordinal))
        {
        }
    }
}
