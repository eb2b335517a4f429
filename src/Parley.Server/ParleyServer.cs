using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Parley.Hosting;

namespace Parley.Server;

/// <summary>The web application that <c>serve</c> and <c>demo</c> run.</summary>
static class ParleyServer
{
    /// <summary>The running server's address, for commands on the same machine; in the data directory.</summary>
    public const string AddressFile = "address";

    /// <param name="dataDirectory">Null: as configured.</param>
    public static WebApplication Build(string? dataDirectory, IDictionary<string, string?>? overrides = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        if (dataDirectory is not null) builder.Configuration[$"{ParleyOptions.Section}:{nameof(ParleyOptions.DataDirectory)}"] = dataDirectory;
        if (overrides is not null) builder.Configuration.AddInMemoryCollection(overrides);

        builder.Logging.ClearProviders().AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        // Standard output carries the one line that scripts wait for.
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        builder.Services.AddOptions<HttpOptions>().BindConfiguration(HttpOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddParley();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            var http = kestrel.ApplicationServices.GetRequiredService<IOptions<HttpOptions>>().Value;
            void Secure(ListenOptions listen)
            {
                if (http.Certificate is null) return;
                listen.UseHttps(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(http.Certificate, http.CertificateKey));
            }

            void Listen(int port, Action<ListenOptions> configure)
            {
                if (http.Address == "*") kestrel.ListenAnyIP(port, configure);
                else if (IPAddress.TryParse(http.Address, out var address)) kestrel.Listen(address, port, configure);
                else throw new InvalidDataException($"Parley:Http:Address (PARLEY__HTTP__ADDRESS) is {http.Address}; allowed is an IP address of this machine, or *.");
            }

            Listen(http.Port, Secure);
            if (http.Http2Port is { } port)
                Listen(port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    Secure(listen);
                });
        });

        var application = builder.Build();
        application.MapParley();
        Announce(application);
        return application;
    }

    static void Announce(WebApplication application)
    {
        var data = application.Services.GetRequiredService<IOptions<ParleyOptions>>().Value.DataDirectory;
        var path = Path.Combine(data, AddressFile);
        MeterProvider? exporter = null;
        application.Lifetime.ApplicationStarted.Register(() =>
        {
            exporter = Export(application.Configuration);
            // In the order they were asked for.
            string[] addresses = [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
            OwnerOnly.WriteFile(path, addresses[0] + "\n");
            Console.WriteLine($"parley ready: {addresses[0]} data {Path.GetFullPath(data)}{(addresses.Length > 1 ? $" http2 {addresses[1]}" : "")}");
        });
        application.Lifetime.ApplicationStopped.Register(() =>
        {
            exporter?.Dispose();
            File.Delete(path);
        });
    }

    /// <summary>OTLP, when the standard variable OTEL_EXPORTER_OTLP_ENDPOINT (or the same key in a configuration file) names a collector.</summary>
    static MeterProvider? Export(IConfiguration configuration) => configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }
        ? Sdk.CreateMeterProviderBuilder().AddMeter("Parley.*", "System.Runtime", "Microsoft.AspNetCore.*").AddOtlpExporter().Build()
        : null;
}
