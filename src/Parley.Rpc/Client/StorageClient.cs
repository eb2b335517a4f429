using System.Runtime.CompilerServices;
using Parley.Rpc.Protocol;
using Parley.Rpc.Storage.V1;

namespace Parley.Rpc.Client;

/// <summary>
/// Calls another server's storage over gRPC. Safe from any thread; calls share the connections of the <see cref="HttpClient"/>, which stays the caller's.
/// </summary>
/// <remarks>Every method throws <see cref="RpcException"/> when the call ended without its answer, and <see cref="OperationCanceledException"/> when the caller gave up.</remarks>
/// <param name="http">Its base address names a listener that speaks HTTP/2: <c>https</c>, or <c>http</c> where nothing else is spoken.</param>
/// <param name="token">An administrator's.</param>
public sealed class StorageClient(HttpClient http, string token)
{
    const string Service = "parley.storage.v1.Storage";

    readonly GrpcCaller _caller = new(http, Service, token);

    /// <summary>How long a call may take, streams excepted; the server is told and gives up too. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest message taken from the server, in bytes. Default 64 MiB: the most that the server's options allow for a page.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 20;

    public Task<SavePeerMessageResponse> SavePeerMessageAsync(SavePeerMessageRequest request, CancellationToken cancellation = default)
        => CallAsync("SavePeerMessage", request, SavePeerMessageResponse.Parser, cancellation);

    public Task<SavePeerGroupMessageResponse> SavePeerGroupMessageAsync(SavePeerGroupMessageRequest request, CancellationToken cancellation = default)
        => CallAsync("SavePeerGroupMessage", request, SavePeerGroupMessageResponse.Parser, cancellation);

    public Task<SaveGroupMessageResponse> SaveGroupMessageAsync(SaveGroupMessageRequest request, CancellationToken cancellation = default)
        => CallAsync("SaveGroupMessage", request, SaveGroupMessageResponse.Parser, cancellation);

    public Task<GetNewCountResponse> GetNewCountAsync(GetNewCountRequest request, CancellationToken cancellation = default)
        => CallAsync("GetNewCount", request, GetNewCountResponse.Parser, cancellation);

    public Task<GetLatestMessageResponse> GetLatestMessageAsync(GetLatestMessageRequest request, CancellationToken cancellation = default)
        => CallAsync("GetLatestMessage", request, GetLatestMessageResponse.Parser, cancellation);

    public Task<SyncMessageResponse> SyncMessageAsync(SyncMessageRequest request, CancellationToken cancellation = default)
        => CallAsync("SyncMessage", request, SyncMessageResponse.Parser, cancellation);

    public Task<SyncGroupMessageResponse> SyncGroupMessageAsync(SyncGroupMessageRequest request, CancellationToken cancellation = default)
        => CallAsync("SyncGroupMessage", request, SyncGroupMessageResponse.Parser, cancellation);

    public Task<PingResponse> PingAsync(PingRequest request, CancellationToken cancellation = default) => CallAsync("Ping", request, PingResponse.Parser, cancellation);

    /// <summary>Records from a position on, for as long as the caller enumerates. Not enumerating holds up nobody but this stream.</summary>
    public async IAsyncEnumerable<FollowResponse> FollowAsync(FollowRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var message in _caller.CallAsync("Follow", request, FollowResponse.Parser, null, MaxMessageBytes, cancellation)) yield return message;
    }

    async Task<T> CallAsync<T>(string method, Google.Protobuf.IMessage request, Google.Protobuf.MessageParser<T> parser, CancellationToken cancellation)
        where T : class, Google.Protobuf.IMessage<T>
    {
        T? answer = null;
        await foreach (var message in _caller.CallAsync(method, request, parser, Timeout, MaxMessageBytes, cancellation))
        {
            if (answer is not null) throw new RpcException(RpcCode.Internal, "the server answered twice");
            answer = message;
        }

        return answer ?? throw new RpcException(RpcCode.Internal, "the server ended the call without an answer");
    }
}
