using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Rpc.Replication;
using Parley.Rpc.Server;
using Parley.Rpc.Storage;

namespace Parley.Rpc;

public static class RpcEndpoints
{
    /// <summary>
    /// Maps <c>parley.storage.v1.Storage</c> and <c>parley.replication.v1.Replication</c> unless <see cref="RpcOptions.IsEnabled"/> says otherwise. Connect works on any listener; gRPC needs one that speaks HTTP/2: with TLS
    /// that is every one, in clear text one that speaks nothing else.
    /// </summary>
    public static IEndpointRouteBuilder MapParleyRpc(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        if (!services.GetRequiredService<RpcOptions>().IsEnabled) return endpoints;
        var server = services.GetRequiredService<RpcServer>();
        Map(endpoints, server, StorageService.Name, services.GetRequiredService<StorageService>().Methods);
        Map(endpoints, server, ReplicationService.Name, services.GetRequiredService<ReplicationService>().Methods);
        return endpoints;
    }

    static void Map(IEndpointRouteBuilder endpoints, RpcServer server, string service, IEnumerable<RpcMethod> methods)
    {
        foreach (var method in methods) endpoints.MapPost($"/{service}/{method.Name}", (HttpContext http) => server.ServeAsync(http, method));
        endpoints.MapPost($"/{service}/{{method}}", (HttpContext http) => server.ServeAsync(http, null));
    }
}
