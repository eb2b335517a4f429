using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Parley.Core;
using Parley.Core.Lists;
using Parley.Core.Notices;
using Parley.Edges.OpenIM.Connections;
using Parley.Edges.OpenIM.Rest;
using Parley.Edges.OpenIM.Sync;
using Parley.Edges.OpenIM.Translation;
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
        services.AddSingleton(provider => new NoticeTranslation(provider.GetRequiredService<ListVersions>().Id, provider.GetRequiredService<OpenIMOptions>().AdminUserId));
        services.AddSingleton<Pushes>().AddSingleton<SocketQueries>().AddSingleton<SocketEndpoint>();
        services.AddSingleton<RestServer>().AddSingleton<RestUsers>().AddSingleton<ListVersions>().AddSingleton<WrongSecrets>();
        services.AddSingleton<AuthRoutes>().AddSingleton<UserRoutes>().AddSingleton<MessageRoutes>().AddSingleton<SendRoutes>().AddSingleton<OperationRoutes>().AddSingleton<ConversationRoutes>()
            .AddSingleton<JsSdkRoutes>();
        services.AddSingleton<AccountRoutes>().AddSingleton<PresenceRoutes>().AddSingleton<UserValueRoutes>();
        services.AddSingleton<ContactRoutes>().AddSingleton<FriendListRoutes>().AddSingleton<FriendRequestRoutes>().AddSingleton<BlockListRoutes>();
        services.TryAddSingleton<ListReader>();
        services.TryAddSingleton<NoticeReader>();
        services.AddSingleton<RestGroups>();
        services.AddSingleton<GroupRoutes>().AddSingleton<MemberRoutes>().AddSingleton<GroupApplicationRoutes>().AddSingleton<GroupListRoutes>();
        return services;
    }
}
