using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Parley.Gateway.WebSockets;

namespace Parley.Gateway;

public static class GatewayServices
{
    /// <summary>Adds the gateway that edges accept connections with. May be called by several edges.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<GatewayOptions>>().Value);
        services.TryAddSingleton<GatewayMetrics>();
        services.TryAddSingleton<WebSocketGateway>();
        return services;
    }
}
