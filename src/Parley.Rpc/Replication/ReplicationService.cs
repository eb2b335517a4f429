using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Parley.Core.Sequencing;
using Parley.Rpc.Protocol;
using Parley.Rpc.Replication.V1;
using Parley.Rpc.Server;
using Parley.Store;

namespace Parley.Rpc.Replication;

/// <summary>The leader's side of <c>parley.replication.v1.Replication</c>. It reads segments at the replica's pace and keeps nothing for it, so a slow or absent one costs nothing.</summary>
sealed class ReplicationService(Log log, LogOptions logOptions, Sequencer sequencer, ReplicationOptions options)
{
    public const string Name = "parley.replication.v1.Replication";
    const int MaxNameLength = 64;
    const string Scheme = "Bearer ";

    static readonly RpcFault WrongSecret = new(RpcCode.Unauthenticated, "the replication secret is missing or wrong");

    public IReadOnlyList<RpcMethod> Methods =>
    [
        RpcMethod.Of<DescribeRequest>("Describe", null, (_, _) => ValueTask.FromResult(RpcAnswer.Of(new DescribeResponse { Log = (ulong)log.LogId, Position = log.CommittedPosition, FirstPosition = log.FirstPosition }))) with { Judge = JudgeAsync },
        RpcMethod.OfWholeLog<CopyRequest>("Copy", CopyAsync) with { Judge = JudgeAsync },
        RpcMethod.Of<AcknowledgeRequest>("Acknowledge", null, (request, _) => ValueTask.FromResult(Acknowledge(request))) with { Judge = JudgeAsync },
    ];

    /// <summary>Not a token: those are found in the state, which may be waiting for this very replica.</summary>
    ValueTask<RpcFault?> JudgeAsync(HttpRequest request, CallScope? scope)
    {
        var header = request.Headers.Authorization.ToString();
        var shown = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..] : "";
        var isRight = options.Secret.Length > 0 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(options.Secret)));
        return ValueTask.FromResult(isRight ? null : WrongSecret);
    }

    async IAsyncEnumerable<IMessage> CopyAsync(CopyRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (request.Name.Length is 0 or > MaxNameLength) throw new RpcException(RpcCode.InvalidArgument, $"name is empty or longer than {MaxNameLength}");
        if (Disagreement(request) is { } problem) throw new RpcException(RpcCode.FailedPrecondition, problem);

        using var attachment = sequencer.Replicas.Attach(request.Name, request.Position) ?? throw new RpcException(RpcCode.ResourceExhausted, "the leader knows of too many replicas");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, attachment.Ended);
        yield return new CopyResponse { Attachment = attachment.Id, LeaderPosition = log.CommittedPosition };

        var buffer = new byte[Math.Max(options.MaxChunkBytes, logOptions.MaxBatchBytes)];
        for (var position = request.Position; ;)
        {
            if (!await WaitAsync(position, ending.Token) && attachment.Ended.IsCancellationRequested) throw new RpcException(RpcCode.Aborted, $"another connection of {request.Name} took over");
            cancellation.ThrowIfCancellationRequested();
            var count = log.ReadBatches(position + 1, buffer, out position);
            yield return new CopyResponse { LeaderPosition = log.CommittedPosition, Batches = ByteString.CopyFrom(buffer, 0, count) };
        }
    }

    /// <returns>False when it was cancelled.</returns>
    async ValueTask<bool> WaitAsync(long position, CancellationToken cancellation)
    {
        try
        {
            await log.WaitPastAsync(position, cancellation);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    string? Disagreement(CopyRequest request)
    {
        if (request.Position < 0) return "the replica has a position below zero";
        if (request.Log != (ulong)log.LogId) return $"the replica holds log {request.Log:x16}, and this is {log.LogId:x16}";
        if (request.Position + 1 < log.FirstPosition) return $"the replica has position {request.Position}, and this log begins at {log.FirstPosition}: what lies between was dropped; begin the replica with a restored backup";
        if (request.Position > log.CommittedPosition) return $"the replica has position {request.Position}, and this log ends at {log.CommittedPosition}: they have diverged";
        // What follows a position names its epoch, so the replica finds out by itself; only at the very end nothing follows.
        return request.Position > 0 && request.Position == log.CommittedPosition && request.Epoch != log.LastEpoch
            ? $"position {request.Position} is of epoch {request.Epoch} at the replica and of {log.LastEpoch} here: they have diverged"
            : null;
    }

    RpcAnswer Acknowledge(AcknowledgeRequest request) => sequencer.Replicas.Acknowledge(request.Attachment, request.Position)
        ? RpcAnswer.Of(new AcknowledgeResponse())
        : new RpcAnswer(null, new RpcFault(RpcCode.Aborted, "this connection is not attached any more"));
}
