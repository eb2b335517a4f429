using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Core;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Client;

/// <summary>Puts calls into HTTP/2 requests as gRPC does: one message out, any number in, and how it ended in the trailers.</summary>
sealed class GrpcCaller(HttpClient http, string service, string token)
{
    const string ContentType = "application/grpc";

    /// <summary>Answers as they come; ends when the server says that all went well.</summary>
    public async IAsyncEnumerable<T> CallAsync<T>(string method, IMessage request, MessageParser<T> parser, TimeSpan? timeout, int maxMessageBytes,
        [EnumeratorCancellation] CancellationToken cancellation) where T : IMessage<T>
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (timeout is { } limit) ending.CancelAfter(limit);
        using var message = Compose(method, request, timeout);
        using var response = await Guarded(() => http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ending.Token), cancellation);
        if (response.StatusCode != HttpStatusCode.OK) throw new RpcException(CodeOf(response.StatusCode), $"the server answered HTTP {(int)response.StatusCode}");
        if (response.Content.Headers.ContentType?.MediaType?.StartsWith(ContentType, StringComparison.Ordinal) is not true)
            throw new RpcException(RpcCode.Unknown, "the server does not answer as gRPC");
        if (TryReadStatus(response.Headers, out var early))
        {
            if (early is not null) throw new RpcException(early);
            yield break;
        }

        var encoding = response.Headers.TryGetValues("grpc-encoding", out var named) ? named.First() : "";
        var codec = new EnvelopeCodec(maxMessageBytes);
        var input = PipeReader.Create(await response.Content.ReadAsStreamAsync(ending.Token));
        while (await Guarded(() => ReadAsync(input, codec, parser, encoding, maxMessageBytes, ending.Token), cancellation) is { IsThere: true } next) yield return next.Message!;
        await input.CompleteAsync();
        if (!TryReadStatus(response.TrailingHeaders, out var fault)) throw new RpcException(RpcCode.Unavailable, "the call was cut off");
        if (fault is not null) throw new RpcException(fault);
    }

    HttpRequestMessage Compose(string method, IMessage request, TimeSpan? timeout)
    {
        var body = new ArrayBufferWriter<byte>();
        EnvelopeCodec.WriteHeader(body, 0, request.CalculateSize());
        request.WriteTo(body);
        // Defaults of the client's do not hold for SendAsync. In clear text nothing but knowing beforehand makes it HTTP/2.
        var message = new HttpRequestMessage(HttpMethod.Post, $"/{service}/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body.WrittenMemory),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        message.Headers.Add("grpc-accept-encoding", Compression.Gzip);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (timeout is { } limit) message.Headers.Add("grpc-timeout", Deadlines.WriteGrpc(limit));
        return message;
    }

    static async Task<(bool IsThere, T? Message)> ReadAsync<T>(PipeReader reader, EnvelopeCodec codec, MessageParser<T> parser, string encoding, int maxMessageBytes, CancellationToken cancellation)
        where T : IMessage<T>
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var input = read.Buffer;
            try
            {
                if (codec.TryRead(ref input, out var envelope)) return (true, Open(envelope, parser, encoding, maxMessageBytes));
                if (read.IsCompleted) return input.IsEmpty ? default : throw new RpcException(RpcCode.Unavailable, "the call was cut off inside a message");
            }
            finally
            {
                // What lies behind a whole message was not looked at yet.
                reader.AdvanceTo(input.Start, input.Start.Equals(read.Buffer.Start) ? input.End : input.Start);
            }
        }
    }

    static T Open<T>(in Envelope envelope, MessageParser<T> parser, string encoding, int maxMessageBytes) where T : IMessage<T>
    {
        if ((envelope.Flags & Envelope.Compressed) == 0) return parser.ParseFrom(envelope.Message);
        if (!Compression.Judge(encoding)) throw new RpcException(RpcCode.Internal, "a message is compressed, and the headers do not say how");
        return parser.ParseFrom(new ReadOnlySequence<byte>(Compression.Decompress(envelope.Message.ToArray(), maxMessageBytes)));
    }

    /// <summary>Says in one kind of exception why a call ended, unless it was its caller who ended it.</summary>
    static async Task<T> Guarded<T>(Func<Task<T>> step, CancellationToken caller)
    {
        try
        {
            return await step();
        }
        catch (OperationCanceledException e) when (!caller.IsCancellationRequested)
        {
            throw new RpcException(RpcCode.DeadlineExceeded, "the server did not answer in time", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException and not InvalidProtocolBufferException)
        {
            throw new RpcException(RpcCode.Unavailable, e.Message, e);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RpcException(RpcCode.Internal, "the server's message can't be read", e);
        }
    }

    static bool TryReadStatus(HttpHeaders headers, out RpcFault? fault)
    {
        fault = null;
        if (!headers.TryGetValues("grpc-status", out var statuses)) return false;
        var code = int.TryParse(statuses.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= (int)RpcCode.Unauthenticated ? (RpcCode)number : RpcCode.Unknown;
        if (code == RpcCode.Ok) return true;
        var message = headers.TryGetValues("grpc-message", out var messages) ? Uri.UnescapeDataString(messages.First()) : "";
        var refusal = headers.TryGetValues(RpcFault.RefusalHeader, out var refusals) && Enum.TryParse<Refusal>(refusals.First(), out var named) ? named : Refusal.None;
        fault = new RpcFault(code, message, refusal);
        return true;
    }

    /// <summary>What a server or a proxy that does not speak gRPC means (grpc/doc/http-grpc-status-mapping.md).</summary>
    static RpcCode CodeOf(HttpStatusCode status) => (int)status switch
    {
        400 => RpcCode.Internal,
        401 => RpcCode.Unauthenticated,
        403 => RpcCode.PermissionDenied,
        404 => RpcCode.Unimplemented,
        429 or 502 or 503 or 504 => RpcCode.Unavailable,
        _ => RpcCode.Unknown,
    };
}
