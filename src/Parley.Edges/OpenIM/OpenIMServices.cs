using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Parley.Core;
using Parley.Edges.OpenIM.Connections;
using Parley.Edges.OpenIM.Rest;
using Parley.Edges.OpenIM.Sync;
using Parley.Gateway;

namespace Parley.Edges.OpenIM;

public static class OpenIMServices
{
    /// <summary>Adds what <see cref="OpenIMEndpoints.MapOpenIM"/> maps. The host provides the log, the sequencer, the message reader and the options.</summary>
    public static IServiceCollection AddOpenIM(this IServiceCollection services)
    {
        services.AddGateway();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<CoreOptions>>().Value);
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<OpenIMOptions>>().Value);
        services.AddSingleton<UserConversations>().AddSingleton<SequenceQueries>().AddSingleton<HistoryPages>().AddSingleton<HistoryQueries>();
        services.AddSingleton<SocketQueries>().AddSingleton<SocketEndpoint>();
        services.AddSingleton<RestServer>().AddSingleton<RestUsers>().AddSingleton<ListVersions>().AddSingleton<WrongSecrets>();
        services.AddSingleton<AuthRoutes>().AddSingleton<UserRoutes>().AddSingleton<MessageRoutes>().AddSingleton<ConversationRoutes>()
            .AddSingleton<ContactRoutes>().AddSingleton<JsSdkRoutes>();
        return services;
    }
}
