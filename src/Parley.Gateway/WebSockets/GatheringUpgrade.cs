using Microsoft.AspNetCore.Http.Features;

namespace Parley.Gateway.WebSockets;

/// <summary>Stands in for the server's upgrade features, so that the WebSocket is built over a <see cref="ClientStream"/>: HTTP/1.1 upgrade and HTTP/2 extended CONNECT.</summary>
sealed class GatheringUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, TimeProvider time)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    /// <summary>Null until the request was upgraded.</summary>
    public ClientStream? Stream { get; private set; }

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest ?? false;

    public bool IsExtendedConnect => connect?.IsExtendedConnect ?? false;

    public string? Protocol => connect?.Protocol;

    public async Task<Stream> UpgradeAsync() => Stream = new ClientStream(await upgrade!.UpgradeAsync(), time);

    public async ValueTask<Stream> AcceptAsync() => Stream = new ClientStream(await connect!.AcceptAsync(), time);
}
