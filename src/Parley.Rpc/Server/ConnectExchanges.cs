using System.Buffers;
using System.Text.Json;
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

/// <summary>Connect's JSON around faults.</summary>
static class ConnectErrors
{
    public static void JudgeVersion(string version)
    {
        if (version is not ("" or "1")) throw new RpcException(RpcCode.InvalidArgument, "connect-protocol-version is not 1");
    }

    /// <summary><c>{"code","message"}</c>.</summary>
    public static byte[] Write(RpcFault fault) => Write(json => WriteError(json, fault));

    /// <summary><c>{"error":{…},"metadata":{…}}</c>; empty when all went well.</summary>
    public static byte[] WriteEnd(RpcFault? fault) => Write(json =>
    {
        json.WriteStartObject();
        if (fault is not null)
        {
            json.WritePropertyName("error");
            WriteError(json, fault);
            if (fault.Refusal != Refusal.None)
            {
                json.WriteStartObject("metadata");
                json.WriteStartArray(RpcFault.RefusalHeader);
                json.WriteStringValue(fault.Refusal.ToString());
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    });

    static void WriteError(Utf8JsonWriter json, RpcFault fault)
    {
        json.WriteStartObject();
        json.WriteString("code", ConnectCodes.NameOf(fault.Code));
        json.WriteString("message", fault.Message);
        json.WriteEndObject();
    }

    static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        write(json);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
