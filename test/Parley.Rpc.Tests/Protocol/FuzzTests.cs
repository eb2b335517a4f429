using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Parley.Rpc.Protocol;
using Parley.Rpc.Server;
using Parley.Rpc.Storage;
using Parley.Rpc.Storage.V1;

namespace Parley.Rpc.Tests.Protocol;

/// <summary>Thousands of requests that are nearly right, without a socket between: each ends as its protocol says, and none as a failure of the server's.</summary>
public sealed class FuzzTests(RunningRpcFixture fixture) : IClassFixture<RunningRpcFixture>
{
    readonly RunningRpc _rpc = fixture.Rpc;

    static readonly string[] Types = ["application/grpc", "application/proto", "application/json", "application/connect+proto", "application/connect+json"];

    public static TheoryData<string> ContentTypes => [.. Types];

    [Theory, MemberData(nameof(ContentTypes))]
    public async Task Any_bytes_end_in_a_proper_answer(string type)
    {
        var rounds = Environment.GetEnvironmentVariable("PARLEY_FUZZ_ROUNDS") is { Length: > 0 } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : 4_000;
        var (server, methods) = (_rpc.Services.GetRequiredService<RpcServer>(), _rpc.Services.GetRequiredService<StorageService>().Methods);
        var (user, owner) = (await _rpc.NewUserAsync(), await _rpc.NewUserAsync());
        var requests = Requests(user, await _rpc.NewGroupAsync(owner));
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var answered = 0;
        for (var round = 0; round < rounds; round++)
        {
            var request = requests[random.Next(requests.Length)];
            var method = methods.Single(method => method.Request.Descriptor == request.Descriptor);
            var body = BodyOf(type, request, random);
            var http = NewContext(type, body, random, isLeft: method.Stream is not null);
            try
            {
                await server.ServeAsync(http, method).WaitAsync(Patience.Limit, Patience.Token);
                if (http.RequestAborted.IsCancellationRequested) continue;
                answered += Judge(type, http) == RpcCode.Ok ? 1 : 0;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {method.Name} {type} {string.Join(", ", http.Request.Headers.Where(header => header.Key != "Authorization"))} {Convert.ToHexString(body)}", e);
            }
        }

        // Not only noise. Streams are left when they begin.
        if (!type.Contains("connect", StringComparison.Ordinal)) Assert.True(answered > rounds / 50, $"seed {seed}: {answered} of {rounds} were answered");
    }

    static IMessage[] Requests(Name user, Name group)
    {
        var content = new Content { Cmd = 4, DeviceId = 7, Raw = ByteString.CopyFromUtf8("hello") };
        return
        [
            new SavePeerMessageRequest { User = user, Content = content, ClientMessageId = "c1" },
            new SavePeerGroupMessageRequest { Members = { user, new Name { Number = 1 } }, Content = content },
            new SaveGroupMessageRequest { Group = group, Content = content },
            new GetNewCountRequest { User = user, LastId = 5 },
            new GetLatestMessageRequest { User = user, Limit = 3 },
            new SyncMessageRequest { User = user, LastId = 2, Limit = 3 },
            new SyncGroupMessageRequest { Group = group, User = user, JoinedUs = 5 },
            new PingRequest { Value = 3 },
            new FollowRequest { Position = 2 },
        ];
    }

    static byte[] BodyOf(string type, IMessage request, Random random)
    {
        var message = type.EndsWith("json", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request)) : request.ToByteArray();
        if (random.Next(2) == 0) message = Mutated(message, random);
        if (random.Next(4) == 0) message = Compression.Compress(message).ToArray();
        if (random.Next(8) == 0) message = Mutated(message, random);
        if (type is "application/proto" or "application/json") return message;
        byte[] body = [(byte)(random.Next(4) == 0 ? random.Next(4) : 0), 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message];
        return random.Next(3) == 0 ? Mutated(body, random) : body;
    }

    /// <param name="isLeft">A stream would never end: its caller leaves with the first answer.</param>
    DefaultHttpContext NewContext(string type, byte[] body, Random random, bool isLeft)
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseTrailersFeature>(new Trailers());
        (http.Request.Method, http.Request.Protocol, http.Request.ContentType) = ("POST", "HTTP/2", type);
        http.Request.Headers.Authorization = $"Bearer {_rpc.Token}";
        string[] headers = ["grpc-encoding", "content-encoding", "connect-content-encoding", "accept-encoding", "grpc-accept-encoding", "connect-accept-encoding", "grpc-timeout", "connect-timeout-ms", "connect-protocol-version"];
        string[] values = ["gzip", "gzip", "identity", "", "br", "1", "10000m", "60000", "1;q", "\u00fc"];
        while (random.Next(2) == 0) http.Request.Headers[headers[random.Next(headers.Length)]] = values[random.Next(values.Length)];
        http.Request.Body = new MemoryStream(body);
        var leaving = new CancellationTokenSource();
        http.Response.Body = isLeft ? new Left(leaving) : new MemoryStream();
        http.RequestAborted = leaving.Token;
        return http;
    }

    static RpcCode Judge(string type, DefaultHttpContext http)
    {
        var response = http.Response;
        var body = ((MemoryStream)response.Body).ToArray();
        if (type == "application/grpc")
        {
            var trailers = http.Features.Get<IHttpResponseTrailersFeature>()!.Trailers;
            var status = (trailers.TryGetValue("grpc-status", out var late) ? late : response.Headers["grpc-status"]).ToString();
            return Proper((RpcCode)int.Parse(status, CultureInfo.InvariantCulture));
        }

        if (response.StatusCode == 200 && !type.Contains("connect", StringComparison.Ordinal)) return RpcCode.Ok;
        if (response.StatusCode == 200) body = body[EnvelopeCodec.HeaderBytes..];
        using var json = JsonDocument.Parse(body);
        var error = json.RootElement.TryGetProperty("error", out var inside) ? inside : json.RootElement;
        return Proper(Enum.GetValues<RpcCode>().Single(code => ConnectCodes.NameOf(code) == error.GetProperty("code").GetString()));
    }

    static RpcCode Proper(RpcCode code) => code is RpcCode.Internal or RpcCode.Unknown or RpcCode.DataLoss ? throw new InvalidOperationException($"it ended as {code}") : code;

    static byte[] Mutated(byte[] bytes, Random random)
    {
        byte[] mutated = bytes.Length == 0 ? [0] : [.. bytes];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(mutated.Length);
            mutated = random.Next(5) switch
            {
                0 => [.. mutated.AsSpan(0, at)],
                1 => [.. mutated.AsSpan(0, at), (byte)random.Next(256), .. mutated.AsSpan(at)],
                2 => [.. mutated.AsSpan(0, at), .. mutated.AsSpan(at + 1)],
                _ => [.. mutated.AsSpan(0, at), (byte)random.Next(256), .. mutated.AsSpan(at + 1)],
            };
            if (mutated.Length == 0) mutated = [0];
        }

        return mutated;
    }

    sealed class Trailers : IHttpResponseTrailersFeature
    {
        IHeaderDictionary IHttpResponseTrailersFeature.Trailers { get; set; } = new HeaderDictionary();
    }

    /// <summary>A response whose reader goes when something comes.</summary>
    sealed class Left(CancellationTokenSource leaving) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            // How a stream ended is no message of it; nor is a fault in JSON.
            if (buffer.Span[0] is 0 or Envelope.Compressed) leaving.Cancel();
            return ValueTask.CompletedTask;
        }
    }
}
