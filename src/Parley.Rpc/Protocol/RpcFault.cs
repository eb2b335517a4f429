using Parley.Core;

namespace Parley.Rpc.Protocol;

/// <summary>Why a call was not answered.</summary>
/// <param name="Message">For the caller's developer.</param>
/// <param name="Refusal">The rule of Parley's that said no, if it was one.</param>
public sealed record RpcFault(RpcCode Code, string Message, Refusal Refusal = Refusal.None)
{
    /// <summary>Metadata that carries the name of <see cref="Refusal"/>.</summary>
    public const string RefusalHeader = "parley-refusal";

    public static RpcFault Of(Refusal refusal) => refusal switch
    {
        // Repeating it with the same client message id finds out; gRPC would repeat UNAVAILABLE by itself, and without such an id that may be twice.
        Refusal.OutcomeUnknown => new(RpcCode.Unknown, "the log failed while the call was under way: it may have been kept or not", refusal),
        Refusal.ReadOnly => new(RpcCode.Unavailable, "the store takes no writes until the server is restarted", refusal),
        Refusal.Stopping => new(RpcCode.Unavailable, "the server is stopping", refusal),
        Refusal.StoreFull => new(RpcCode.ResourceExhausted, "the disk is full", refusal),
        Refusal.RateLimited => new(RpcCode.ResourceExhausted, "too many calls", refusal),
        Refusal.NotAllowed => new(RpcCode.PermissionDenied, "for administrators", refusal),
        Refusal.UnknownUser => new(RpcCode.NotFound, "there is no such user", refusal),
        Refusal.UnknownGroup => new(RpcCode.NotFound, "there is no such group", refusal),
        Refusal.InvalidId => new(RpcCode.InvalidArgument, "client_message_id is longer than 64 bytes", refusal),
        Refusal.EmptyMessage => new(RpcCode.InvalidArgument, "content.raw is empty", refusal),
        Refusal.TooLarge => new(RpcCode.InvalidArgument, "the message, or the message for so many, is larger than the server takes", refusal),
        Refusal.TooMany => new(RpcCode.InvalidArgument, "more than the server takes at once", refusal),
        Refusal.MessageIdReused => new(RpcCode.AlreadyExists, "client_message_id was used for another message", refusal),
        Refusal.UnknownToken => new(RpcCode.Unauthenticated, "the token is not known", refusal),
        Refusal.ExpiredToken => new(RpcCode.Unauthenticated, "the token has expired", refusal),
        Refusal.KickedToken => new(RpcCode.Unauthenticated, "the token was revoked", refusal),
        Refusal.GroupDismissed => new(RpcCode.FailedPrecondition, "the group was dismissed", refusal),
        Refusal.NotAMember => new(RpcCode.FailedPrecondition, "the user was never a member of the group", refusal),
        _ => new(RpcCode.FailedPrecondition, "refused", refusal),
    };
}

/// <summary>A call ended without its answer.</summary>
public sealed class RpcException(RpcFault fault, Exception? inner = null) : Exception($"{fault.Code}: {fault.Message}", inner)
{
    public RpcException(RpcCode code, string message, Exception? inner = null) : this(new RpcFault(code, message), inner)
    {
    }

    public RpcFault Fault { get; } = fault;

    public RpcCode Code => Fault.Code;
}
