using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>What became of a call: its answer, or why there is none.</summary>
readonly record struct RpcAnswer(IMessage? Message, RpcFault? Fault)
{
    public static RpcAnswer Of(IMessage message) => new(message, null);

    public static RpcAnswer Of(Core.Refusal refusal) => new(null, RpcFault.Of(refusal));

    public static RpcAnswer Invalid(string message) => new(null, new RpcFault(RpcCode.InvalidArgument, message));
}

/// <summary>A method as every protocol calls it. Exactly one of <paramref name="Unary"/> and <paramref name="Stream"/> is there.</summary>
/// <param name="Stream">Pulled: the next message is made when the one before is on its way.</param>
sealed record RpcMethod(
    string Name,
    MessageType Request,
    Func<IMessage, CancellationToken, ValueTask<RpcAnswer>>? Unary,
    Func<IMessage, CancellationToken, IAsyncEnumerable<IMessage>>? Stream)
{
    /// <summary>Says why a caller may not; null for the service's usual: administrators may.</summary>
    public Func<HttpRequest, ValueTask<RpcFault?>>? Judge { get; init; }

    public static RpcMethod Of<T>(string name, Func<T, CancellationToken, ValueTask<RpcAnswer>> answer) where T : IMessage<T>, new()
        => new(name, TypeOf<T>(), (request, cancellation) => answer((T)request, cancellation), null);

    public static RpcMethod Streaming<T>(string name, Func<T, CancellationToken, IAsyncEnumerable<IMessage>> answer) where T : IMessage<T>, new()
        => new(name, TypeOf<T>(), null, (request, cancellation) => answer((T)request, cancellation));

    static MessageType TypeOf<T>() where T : IMessage<T>, new() => new(new MessageParser<T>(() => new T()), new T().Descriptor);
}
