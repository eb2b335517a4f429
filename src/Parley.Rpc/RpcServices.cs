using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Parley.Core.Storage;
using Parley.Rpc.Replication;
using Parley.Rpc.Server;
using Parley.Rpc.Storage;
using Parley.Store;

namespace Parley.Rpc;

public static class RpcServices
{
    /// <summary>Adds what <see cref="RpcEndpoints.MapParleyRpc"/> maps. The host provides the log, the sequencer, the message reader and the options.</summary>
    public static IServiceCollection AddParleyRpc(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<RpcOptions>>().Value);
        services.TryAddSingleton<StorageReader>();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ReplicationOptions>>().Value);
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<LogOptions>>().Value);
        return services.AddSingleton<RpcMetrics>().AddSingleton<Callers>().AddSingleton<RpcServer>().AddSingleton<StorageService>().AddSingleton<ReplicationService>();
    }
}
