using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Parley.Core;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>Connect (connectrpc.com/docs/protocol), one message each way: the bodies are the messages, and a fault is JSON under an HTTP status.</summary>
sealed class ConnectUnaryExchange(HttpContext http, MessageFormat format, int maxMessageBytes) : Exchange(http, format, maxMessageBytes)
{
    public override bool IsForStreams => false;

    public override bool IsForUnary => true;

    public override TimeSpan? ReadTimeout()
    {
        ConnectErrors.JudgeVersion(Header("connect-protocol-version"));
        return Deadlines.ReadConnect(Header("connect-timeout-ms"));
    }

    public override async ValueTask<IMessage> ReadAsync(MessageType type, CancellationToken cancellation)
    {
        var isCompressed = Compression.Judge(Header("content-encoding"));
        if (Http.Request.ContentLength > MaxMessageBytes) throw EnvelopeCodec.TooLarge(Http.Request.ContentLength.Value, MaxMessageBytes);
        var body = Http.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var input = read.Buffer;
            try
            {
                if (input.Length > MaxMessageBytes) throw EnvelopeCodec.TooLarge(input.Length, MaxMessageBytes);
                if (!read.IsCompleted) continue;
                return Format.Read(type, isCompressed ? new ReadOnlySequence<byte>(Compression.Decompress(input.ToArray(), MaxMessageBytes)) : input);
            }
            finally
            {
                body.AdvanceTo(input.Start, input.End);
            }
        }
    }

    public override async ValueTask WriteAsync(IMessage message, CancellationToken cancellation)
    {
        var bytes = Format.Write(message);
        var response = Http.Response;
        response.ContentType = $"application/{Format.Name}";
        response.Headers.AcceptEncoding = Compression.Gzip;
        if (bytes.Length >= Compression.MinBytes && Compression.Accepts(Header("accept-encoding")))
        {
            bytes = Compression.Compress(bytes.Span);
            response.Headers.ContentEncoding = Compression.Gzip;
        }

        response.ContentLength = bytes.Length;
        await response.BodyWriter.WriteAsync(bytes, cancellation);
    }

    public override async ValueTask EndAsync(RpcFault? fault, CancellationToken cancellation)
    {
        var response = Http.Response;
        // Behind a whole message nothing can be said any more; nor is there anything: it was the answer.
        if (fault is null || response.HasStarted) return;
        response.Clear();
        response.StatusCode = ConnectCodes.StatusOf(fault.Code);
        response.ContentType = "application/json";
        if (fault.Refusal != Refusal.None) response.Headers[RpcFault.RefusalHeader] = fault.Refusal.ToString();
        var body = ConnectErrors.Write(fault);
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, cancellation);
    }
}
