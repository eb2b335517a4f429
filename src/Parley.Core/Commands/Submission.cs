using Parley.Core.Messages;
using Parley.Core.Sessions;

namespace Parley.Core.Commands;

/// <summary>What became of a command.</summary>
/// <param name="Position">Of the record it made, or first made when this was a repeat; 0 when it made none.</param>
/// <param name="Sequence">Of the message in its conversation; 0 otherwise.</param>
/// <param name="Time">Record time, µs; for a command without record the time it was decided.</param>
public readonly record struct Outcome(Refusal Refusal, long Position = 0, long Sequence = 0, long Time = 0)
{
    public bool IsAccepted => Refusal == Refusal.None;
}

/// <summary>
/// A command on its way through the sequencer. Once the position it was decided on is committed, it is put into the outbox that asked (in its place between the
/// deliveries of the same batch, so that acks and pushes leave together), or its task completes. Edges derive from it to carry what their answer needs.
/// </summary>
public class Submission(Command command, Session? session = null, Outbox? replyTo = null) : Outgoing
{
    readonly TaskCompletionSource<Outcome>? _completion = replyTo is null ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;

    public Command Command { get; } = command;

    /// <summary>The session that session commands act on.</summary>
    public Session? Session { get; } = session;

    /// <summary>Valid once completed.</summary>
    public Outcome Outcome { get; private set; }

    public override int Size => 256;

    /// <summary>What the log has of the message, beyond memory.</summary>
    internal PastMessage? Past { get; set; }

    internal Outbox? ReplyTo { get; } = replyTo;

    /// <summary>Completes when the outcome may be shown. Only for submissions without outbox.</summary>
    internal Task<Outcome> Completion => _completion!.Task;

    internal void Decided(Outcome outcome) => Outcome = outcome;

    /// <summary>Makes the outcome visible. An outbox is not woken: the caller wakes each once.</summary>
    internal void Release()
    {
        if (ReplyTo is null) _completion!.TrySetResult(Outcome);
        else ReplyTo.TryAddQuietly(this);
    }
}
