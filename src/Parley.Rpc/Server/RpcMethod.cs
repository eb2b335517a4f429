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
/// <param name="ScopeOf">What a request is about, for the caller's token; null when it needs no app.</param>
/// <param name="Stream">Pulled: the next message is made when the one before is on its way.</param>
sealed record RpcMethod(
    string Name,
    MessageType Request,
    Func<IMessage, CallScope?> ScopeOf,
    Func<IMessage, CancellationToken, ValueTask<RpcAnswer>>? Unary,
    Func<IMessage, CancellationToken, IAsyncEnumerable<IMessage>>? Stream)
{
    /// <summary>Says why a caller may not, first without the scope and then with it; null for the usual: administrators may.</summary>
    public Func<HttpRequest, CallScope?, ValueTask<RpcFault?>>? Judge { get; init; }

    /// <param name="appOf">Null for a method that is about no app.</param>
    public static RpcMethod Of<T>(string name, Func<T, long>? appOf, Func<T, CancellationToken, ValueTask<RpcAnswer>> answer) where T : IMessage<T>, new()
        => new(name, TypeOf<T>(), request => appOf is null ? null : CallScope.Of(appOf((T)request)), (request, cancellation) => answer((T)request, cancellation), null);

    public static RpcMethod OfWholeLog<T>(string name, Func<T, CancellationToken, IAsyncEnumerable<IMessage>> answer) where T : IMessage<T>, new()
        => new(name, TypeOf<T>(), _ => CallScope.WholeLog, null, (request, cancellation) => answer((T)request, cancellation));

    static MessageType TypeOf<T>() where T : IMessage<T>, new() => new(new MessageParser<T>(() => new T()), new T().Descriptor);
}
