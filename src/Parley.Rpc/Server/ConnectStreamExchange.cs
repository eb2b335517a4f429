using Microsoft.AspNetCore.Http;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>Connect's streams: always HTTP 200, and how the call ended in a last envelope of JSON.</summary>
sealed class ConnectStreamExchange(HttpContext http, MessageFormat format, int maxMessageBytes)
    : EnvelopedExchange(http, format, maxMessageBytes, "connect-content-encoding", "connect-accept-encoding")
{
    public override bool IsForStreams => true;

    public override bool IsForUnary => false;

    protected override string ResponseType => $"application/connect+{Format.Name}";

    public override TimeSpan? ReadTimeout()
    {
        ConnectErrors.JudgeVersion(Header("connect-protocol-version"));
        return Deadlines.ReadConnect(Header("connect-timeout-ms"));
    }

    public override ValueTask EndAsync(RpcFault? fault, CancellationToken cancellation)
    {
        Begin();
        return WriteAsync(Envelope.EndOfStream, ConnectErrors.WriteEnd(fault), cancellation);
    }
}
