using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
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
            void Secure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listen)
            {
                if (http.Certificate is null) return;
                listen.UseHttps(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(http.Certificate, http.CertificateKey));
            }

            if (http.Address == "*") kestrel.ListenAnyIP(http.Port, Secure);
            else if (IPAddress.TryParse(http.Address, out var address)) kestrel.Listen(address, http.Port, Secure);
            else throw new InvalidDataException($"Parley:Http:Address (PARLEY__HTTP__ADDRESS) is {http.Address}; allowed is an IP address of this machine, or *.");
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
            var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            OwnerOnly.WriteFile(path, address + "\n");
            Console.WriteLine($"parley ready: {address} data {Path.GetFullPath(data)}");
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
