using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Rpc.Protocol;
using Parley.Rpc.Storage.V1;

namespace Parley.Rpc.Tests.Protocol;

/// <summary>What HTTP shows of calls that go wrong, and of those the libraries in <c>test/rpc</c> do not make.</summary>
public sealed class CallTests(RunningRpcFixture fixture) : IClassFixture<RunningRpcFixture>
{
    const string Service = "/parley.storage.v1.Storage/";

    readonly RunningRpc _rpc = fixture.Rpc;

    HttpRequestMessage Request(string method, string type, byte[] body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Service + method) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _rpc.Token);
        foreach (var (name, value) in headers)
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    async Task<(HttpResponseMessage Response, byte[] Body)> SendAsync(HttpRequestMessage request, bool isHttp2 = false)
    {
        if (isHttp2) (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        var response = await (isHttp2 ? _rpc.Http2 : _rpc.Http1).SendAsync(request, Patience.Token);
        return (response, await response.Content.ReadAsByteArrayAsync(Patience.Token));
    }

    async Task<(string Status, string Message)> GrpcAsync(string method, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, "application/grpc", body, headers);
        var (response, _) = await SendAsync(request, isHttp2: true);
        Assert.Equal((HttpStatusCode.OK, "application/grpc"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        // Where nothing is answered the headers say so; else the trailers. Never both.
        var early = response.Headers.TryGetValues("grpc-status", out var values);
        Assert.NotEqual(early, response.TrailingHeaders.Contains("grpc-status"));
        var from = early ? response.Headers : response.TrailingHeaders;
        return (from.GetValues("grpc-status").Single(), from.TryGetValues("grpc-message", out values) ? values.Single() : "");
    }

    async Task<(int Status, string Code)> ConnectAsync(string method, string type, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, type, body, headers);
        var (response, answer) = await SendAsync(request);
        if (response.StatusCode == HttpStatusCode.OK) return (200, "");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var json = JsonDocument.Parse(answer);
        Assert.NotEmpty(json.RootElement.GetProperty("message").GetString()!);
        return ((int)response.StatusCode, json.RootElement.GetProperty("code").GetString()!);
    }

    static byte[] Enveloped(byte[] message, byte flags = 0) => [flags, (byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length, .. message];

    static byte[] Zipped(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal)) gzip.Write(bytes);
        return output.ToArray();
    }

    [Fact]
    public async Task GRPC_says_in_its_status_what_is_wrong()
    {
        var ping = new PingRequest { Value = 7 }.ToByteArray();
        Assert.Equal(("0", ""), await GrpcAsync("Ping", Enveloped(ping)));
        Assert.Equal(("0", ""), await GrpcAsync("Ping", Enveloped([])));
        Assert.Equal("0", (await GrpcAsync("Ping", Enveloped(Zipped(ping), 1), ("grpc-encoding", "gzip"))).Status);
        Assert.Equal("12", (await GrpcAsync("Ping", Enveloped(ping), ("grpc-encoding", "br"))).Status);
        Assert.Equal("12", (await GrpcAsync("Pong", Enveloped(ping))).Status);
        foreach (var body in new[] { [], [0], [0, 0, 0, 0], Enveloped(ping)[..^1], [.. Enveloped(ping), 0], [.. Enveloped(ping), .. Enveloped(ping)], Enveloped([0xff]), Enveloped(ping, 2), Enveloped(ping, 4), Enveloped(Zipped(ping), 1) })
            Assert.Equal("3", (await GrpcAsync("Ping", body)).Status);
        Assert.Equal("3", (await GrpcAsync("Ping", Enveloped(ping, 1), ("grpc-encoding", "gzip"))).Status);
        Assert.Equal("3", (await GrpcAsync("Ping", Enveloped(ping), ("grpc-timeout", "soon"))).Status);
        Assert.Equal("8", (await GrpcAsync("Ping", [0, 0xff, 0xff, 0xff, 0xff])).Status);
    }

    [Fact]
    public async Task A_bomb_is_refused_by_what_it_would_become()
    {
        var bomb = Zipped(new byte[64 << 20]);
        Assert.True(bomb.Length < 100_000);
        Assert.Equal("8", (await GrpcAsync("Ping", Enveloped(bomb, 1), ("grpc-encoding", "gzip"))).Status);
        Assert.Equal((429, "resource_exhausted"), await ConnectAsync("Ping", "application/proto", bomb, ("content-encoding", "gzip")));
    }

    [Fact]
    public async Task Connect_says_in_JSON_what_is_wrong()
    {
        var empty = "{}"u8.ToArray();
        Assert.Equal(200, (await ConnectAsync("Ping", "application/json", empty)).Status);
        Assert.Equal(200, (await ConnectAsync("Ping", "application/json; charset=utf-8", [])).Status);
        Assert.Equal(200, (await ConnectAsync("Ping", "Application/Proto", [])).Status);
        Assert.Equal(200, (await ConnectAsync("Ping", "application/json", Zipped(empty), ("content-encoding", "gzip"))).Status);
        Assert.Equal((400, "invalid_argument"), await ConnectAsync("Ping", "application/json", "{"u8.ToArray()));
        Assert.Equal((400, "invalid_argument"), await ConnectAsync("Ping", "application/proto", [0xff]));
        Assert.Equal((400, "invalid_argument"), await ConnectAsync("Ping", "application/json", empty, ("content-encoding", "gzip")));
        Assert.Equal((400, "invalid_argument"), await ConnectAsync("Ping", "application/json", empty, ("connect-protocol-version", "2")));
        Assert.Equal((400, "invalid_argument"), await ConnectAsync("Ping", "application/json", empty, ("connect-timeout-ms", "x")));
        Assert.Equal((501, "unimplemented"), await ConnectAsync("Ping", "application/json", empty, ("content-encoding", "br")));
        Assert.Equal((501, "unimplemented"), await ConnectAsync("Pong", "application/json", empty));
        // A stream can't be asked for as a single message.
        Assert.Equal((501, "unimplemented"), await ConnectAsync("Follow", "application/json", empty));
        Assert.Equal((404, "not_found"), await ConnectAsync("GetNewCount", "application/json", """{"user":{"id":"nobody at all"}}"""u8.ToArray()));
        Assert.Equal((429, "resource_exhausted"), await ConnectAsync("Ping", "application/proto", new byte[(4 << 20) + 1]));
    }

    [Fact]
    public async Task A_stream_of_Connect_ends_in_JSON()
    {
        using var request = Request("Follow", "application/connect+json", Enveloped("""{"position":"1000000000"}"""u8.ToArray()));
        var (response, body) = await SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, "application/connect+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(2, body[0]);
        using var json = JsonDocument.Parse(body.AsMemory(5));
        Assert.Equal("out_of_range", json.RootElement.GetProperty("error").GetProperty("code").GetString());

        using var unary = Request("Ping", "application/connect+json", Enveloped("{}"u8.ToArray()));
        (_, body) = await SendAsync(unary);
        Assert.Contains("unimplemented", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_ways_of_asking_are_told_what_is_offered()
    {
        using var other = Request("Ping", "text/plain", "x"u8.ToArray());
        var (response, _) = await SendAsync(other);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/grpc", string.Join(',', response.Headers.GetValues("Accept-Post")), StringComparison.Ordinal);
        using var old = Request("Ping", "application/grpc", Enveloped([]));
        Assert.Equal(HttpStatusCode.HttpVersionNotSupported, (await SendAsync(old)).Response.StatusCode);
        using var get = new HttpRequestMessage(HttpMethod.Get, Service + "Ping");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await SendAsync(get)).Response.StatusCode);
    }

    [Fact]
    public async Task Answers_are_compressed_for_who_takes_it()
    {
        var user = await _rpc.NewUserAsync();
        await _rpc.Client.SavePeerMessageAsync(new SavePeerMessageRequest { User = user, Content = new Content { Raw = ByteString.CopyFrom(new byte[30_000]) } });
        var sync = new SyncMessageRequest { User = user }.ToByteArray();
        foreach (var (accepted, isSmall) in new[] { ("gzip", true), ("identity", false), ("br", false) })
        {
            using var request = Request("SyncMessage", "application/proto", sync, ("Accept-Encoding", accepted));
            var (response, body) = await SendAsync(request);
            Assert.Equal((isSmall, isSmall), (body.Length < 1_000, response.Content.Headers.ContentEncoding.Contains("gzip")));
            if (isSmall) body = Unzipped(body);
            Assert.Equal(30_000, SyncMessageResponse.Parser.ParseFrom(body).Messages.Single().Content.Raw.Length);
        }
    }

    [Fact]
    public async Task More_calls_than_allowed_are_refused_at_once()
    {
        await using var rpc = await RunningRpc.StartAsync(options => options.MaxCalls = 1);
        // One whose request never ends holds the only place.
        var body = new Held();
        using var request = Request("Ping", "application/proto", []);
        request.Content = body;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/proto");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", rpc.Token);
        var held = rpc.Http1.SendAsync(request, Patience.Token);
        await CountAsync(rpc, 1);
        Assert.Equal(RpcCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => rpc.Client.PingAsync(new PingRequest()))).Code);

        body.End.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);
        // The answer is out before the place is free.
        await CountAsync(rpc, 0);
        await rpc.Client.PingAsync(new PingRequest());

        static async Task CountAsync(RunningRpc rpc, int calls)
        {
            for (var patience = Patience.Token; rpc.OpenCalls != calls; await Task.Yield()) patience.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task What_is_switched_off_is_not_there()
    {
        await using var rpc = await RunningRpc.StartAsync(options => options.IsEnabled = false);
        Assert.Equal(RpcCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => rpc.Client.PingAsync(new PingRequest()))).Code);
    }

    [Fact]
    public async Task Who_is_not_there_is_unavailable()
    {
        var rpc = await RunningRpc.StartAsync();
        using var http = new HttpClient { BaseAddress = rpc.Http2.BaseAddress };
        await rpc.DisposeAsync();
        Assert.Equal(RpcCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => new Client.StorageClient(http, "x").PingAsync(new PingRequest()))).Code);
    }

    static byte[] Unzipped(byte[] bytes)
    {
        using var output = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        gzip.CopyTo(output);
        return output.ToArray();
    }

    /// <summary>A body that begins and then waits.</summary>
    sealed class Held : HttpContent
    {
        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 8, 7 });
            await stream.FlushAsync();
            await End.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
