using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Parley.Core;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>gRPC over HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md): how a call ended stands in the trailers, or in the headers when nothing was answered.</summary>
sealed class GrpcExchange(HttpContext http, int maxMessageBytes) : EnvelopedExchange(http, MessageFormat.Proto, maxMessageBytes, "grpc-encoding", "grpc-accept-encoding")
{
    public const string ContentType = "application/grpc";

    public override bool IsForStreams => true;

    public override bool IsForUnary => true;

    protected override string ResponseType => ContentType;

    public override TimeSpan? ReadTimeout() => Deadlines.ReadGrpc(Header("grpc-timeout"));

    public override ValueTask EndAsync(RpcFault? fault, CancellationToken cancellation)
    {
        var response = Http.Response;
        var isAnswered = response.HasStarted || response.ContentType is not null;
        Begin();
        void Add(string name, string value)
        {
            if (isAnswered) response.AppendTrailer(name, value);
            else response.Headers[name] = value;
        }

        Add("grpc-status", ((int)(fault?.Code ?? RpcCode.Ok)).ToString(CultureInfo.InvariantCulture));
        if (fault is null) return ValueTask.CompletedTask;
        Add("grpc-message", PercentEncoded(fault.Message));
        if (fault.Refusal != Refusal.None) Add(RpcFault.RefusalHeader, fault.Refusal.ToString());
        return ValueTask.CompletedTask;
    }

    internal static string PercentEncoded(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%') encoded.Append((char)b);
            else encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return encoded.ToString();
    }
}
