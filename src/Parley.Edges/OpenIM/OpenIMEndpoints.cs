using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Edges.OpenIM.Connections;
using Parley.Edges.OpenIM.Rest;

namespace Parley.Edges.OpenIM;

public static class OpenIMEndpoints
{
    /// <summary>Paths that belong to OpenIM's REST API; what is not offered below them is answered in its own form.</summary>
    static readonly string[] Areas = ["auth", "user", "friend", "group", "conversation", "msg", "jssdk", "third", "object", "statistics", "config"];

    /// <summary>Maps OpenIM's WebSocket on <c>/</c> and its REST API.</summary>
    public static IEndpointRouteBuilder MapOpenIM(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var socket = services.GetRequiredService<SocketEndpoint>();
        // CONNECT is how a WebSocket begins over HTTP/2.
        endpoints.MapMethods("/", [HttpMethods.Get, HttpMethods.Connect], socket.ServeAsync);

        var routes = new RestRoutes(endpoints, services.GetRequiredService<RestServer>(), services.GetRequiredService<RestUsers>());
        services.GetRequiredService<AuthRoutes>().Map(routes);
        services.GetRequiredService<UserRoutes>().Map(routes);
        services.GetRequiredService<AccountRoutes>().Map(routes);
        services.GetRequiredService<PresenceRoutes>().Map(routes);
        services.GetRequiredService<UserValueRoutes>().Map(routes);
        services.GetRequiredService<MessageRoutes>().Map(routes);
        services.GetRequiredService<SendRoutes>().Map(routes);
        services.GetRequiredService<OperationRoutes>().Map(routes);
        services.GetRequiredService<ConversationRoutes>().Map(routes);
        services.GetRequiredService<ContactRoutes>().Map(routes);
        services.GetRequiredService<FriendListRoutes>().Map(routes);
        services.GetRequiredService<FriendRequestRoutes>().Map(routes);
        services.GetRequiredService<BlockListRoutes>().Map(routes);
        services.GetRequiredService<JsSdkRoutes>().Map(routes);
        services.GetRequiredService<GroupRoutes>().Map(routes);
        services.GetRequiredService<MemberRoutes>().Map(routes);
        services.GetRequiredService<GroupApplicationRoutes>().Map(routes);
        services.GetRequiredService<GroupListRoutes>().Map(routes);
        foreach (var area in Areas) routes.MapRest(area);
        return endpoints;
    }
}
