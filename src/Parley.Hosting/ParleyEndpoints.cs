using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Core.Sequencing;
using Parley.Edges.OpenIM;
using Parley.Hosting.Api;
using Parley.Hosting.Metrics;
using Parley.Rpc;

namespace Parley.Hosting;

/// <summary>Puts Parley's endpoints into a pipeline.</summary>
public static class ParleyEndpoints
{
    /// <summary>Maps OpenIM's WebSocket and REST, the storage RPC, Parley's own API, <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>. Opens the log.</summary>
    /// <exception cref="IOException">The data directory is in use, damaged or not writable; the message says which and what to do.</exception>
    public static IEndpointRouteBuilder MapParley(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var (node, sequencer, scrape) = (services.GetRequiredService<ParleyNode>(), services.GetRequiredService<Sequencer>(), services.GetRequiredService<Scrape>());

        endpoints.MapGet("/healthz", () => Results.Text("ok\n"));
        endpoints.MapGet("/readyz", () => node.IsRunning && !sequencer.IsReadOnly && !sequencer.IsSuspended
            ? Results.Text("ready\n")
            : Results.Text(sequencer.IsReadOnly ? "read-only: a write or sync failed; restart to recover\n" : sequencer.IsSuspended ? "waiting for a replica\n" : "not running\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        endpoints.MapGet("/metrics", (HttpContext context) => scrape.WriteAsync(context.Response));
        endpoints.MapUsers();
        endpoints.MapBackups();
        endpoints.MapErasures();
        endpoints.MapParleyRpc();
        return endpoints.MapOpenIM();
    }
}
