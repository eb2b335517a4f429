using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>One call as its protocol puts it into an HTTP request and response: one message in, messages out, and how it ended.</summary>
abstract class Exchange(HttpContext http, MessageFormat format, int maxMessageBytes)
{
    public HttpContext Http { get; } = http;

    protected MessageFormat Format { get; } = format;

    protected int MaxMessageBytes { get; } = maxMessageBytes;

    /// <summary>Whether streams can be answered so; of the others, single messages.</summary>
    public abstract bool IsForStreams { get; }

    public abstract bool IsForUnary { get; }

    /// <summary>How long the caller waits; null when it does not say.</summary>
    /// <exception cref="RpcException">It says something unreadable.</exception>
    public abstract TimeSpan? ReadTimeout();

    /// <summary>Reads the one message of the request.</summary>
    /// <exception cref="RpcException">There is none, more than one, a longer one than allowed, or not one of its type.</exception>
    public abstract ValueTask<IMessage> ReadAsync(MessageType type, CancellationToken cancellation);

    /// <summary>Completes when the message is in the hands of the transport: a caller that reads slowly holds up who writes.</summary>
    public abstract ValueTask WriteAsync(IMessage message, CancellationToken cancellation);

    /// <param name="fault">Null when all went well.</param>
    public abstract ValueTask EndAsync(RpcFault? fault, CancellationToken cancellation);

    /// <summary>The exchange that a content type asks for; null for one that is not offered.</summary>
    public static Exchange? Open(HttpContext http, int maxMessageBytes)
    {
        var type = (http.Request.ContentType ?? "").Split(';', 2)[0].Trim().ToLowerInvariant();
        return type switch
        {
            GrpcExchange.ContentType or GrpcExchange.ContentType + "+proto" => new GrpcExchange(http, maxMessageBytes),
            "application/proto" => new ConnectUnaryExchange(http, MessageFormat.Proto, maxMessageBytes),
            "application/json" => new ConnectUnaryExchange(http, MessageFormat.Json, maxMessageBytes),
            "application/connect+proto" => new ConnectStreamExchange(http, MessageFormat.Proto, maxMessageBytes),
            "application/connect+json" => new ConnectStreamExchange(http, MessageFormat.Json, maxMessageBytes),
            _ => null,
        };
    }

    public const string ContentTypes = "application/grpc, application/grpc+proto, application/proto, application/json, application/connect+proto, application/connect+json";

    protected string Header(string name) => Http.Request.Headers[name].ToString();
}

/// <summary>Messages in envelopes, as gRPC's are and those of Connect's streams.</summary>
abstract class EnvelopedExchange(HttpContext http, MessageFormat format, int maxMessageBytes, string encodingHeader, string acceptHeader)
    : Exchange(http, format, maxMessageBytes)
{
    readonly EnvelopeCodec _codec = new(maxMessageBytes);

    protected abstract string ResponseType { get; }

    public override async ValueTask<IMessage> ReadAsync(MessageType type, CancellationToken cancellation)
    {
        var mayBeCompressed = Compression.Judge(Header(encodingHeader));
        var body = Http.Request.BodyReader;
        IMessage? message = null;
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var input = read.Buffer;
            try
            {
                if (message is null && _codec.TryRead(ref input, out var envelope)) message = Open(envelope, type, mayBeCompressed);
                if (message is not null && !input.IsEmpty) throw new RpcException(RpcCode.InvalidArgument, "the request has more than one message");
                if (!read.IsCompleted) continue;
                return message ?? throw new RpcException(RpcCode.InvalidArgument, input.IsEmpty ? "the request has no message" : "the request ends inside a message");
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
        Begin();
        var isCompressed = bytes.Length >= Compression.MinBytes && Compression.Accepts(Header(acceptHeader));
        await WriteAsync(isCompressed ? Envelope.Compressed : (byte)0, isCompressed ? Compression.Compress(bytes.Span) : bytes, cancellation);
    }

    protected async ValueTask WriteAsync(byte flags, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var output = Http.Response.BodyWriter;
        EnvelopeCodec.WriteHeader(output, flags, bytes.Length);
        output.Write(bytes.Span);
        await output.FlushAsync(cancellation);
    }

    /// <summary>Sets the headers, once.</summary>
    protected void Begin()
    {
        var response = Http.Response;
        if (response.HasStarted || response.ContentType is not null) return;
        response.ContentType = ResponseType;
        if (Compression.Accepts(Header(acceptHeader))) response.Headers[encodingHeader] = Compression.Gzip;
        response.Headers[acceptHeader] = Compression.Gzip;
    }

    IMessage Open(in Envelope envelope, MessageType type, bool mayBeCompressed)
    {
        if ((envelope.Flags & Envelope.EndOfStream) != 0) throw new RpcException(RpcCode.InvalidArgument, "a request has no end message");
        if ((envelope.Flags & Envelope.Compressed) == 0) return Format.Read(type, envelope.Message);
        if (!mayBeCompressed) throw new RpcException(RpcCode.InvalidArgument, "a message is compressed, and the headers do not say how");
        return Format.Read(type, new ReadOnlySequence<byte>(Compression.Decompress(envelope.Message.ToArray(), MaxMessageBytes)));
    }
}
