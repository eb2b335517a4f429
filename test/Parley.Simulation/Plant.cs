using System.Buffers.Binary;
using Parley.Core;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Sequencing;
using Parley.Core.Snapshots;
using Parley.Store;

namespace Parley.Simulation;

/// <summary>Bugs planted to prove that the simulation finds their kind.</summary>
enum Plant
{
    None,

    /// <summary>The disk says "synced" and has done nothing: acks leave before what they say is durable.</summary>
    AckBeforeSync,

    /// <summary>Recovery keeps the first part of a batch that was not acked.</summary>
    BatchHalfApplied,

    /// <summary>Messages are remembered for no time at all.</summary>
    RepeatNumberedTwice,

    /// <summary>What is older than memory's window is not looked for.</summary>
    DedupeForgottenAfterWindow,

    /// <summary>A start remembers none but the newest message.</summary>
    DedupeForgottenOnRestart,

    /// <summary>A start forgets which messages were recalled.</summary>
    RecallsForgottenOnRestart,

    /// <summary>A start applies the last record by which members came in twice.</summary>
    MembershipAppliedTwice,

    /// <summary>A snapshot holds none but the newest of the remembered messages.</summary>
    SnapshotForgetsDedupe,

    /// <summary>A start goes on with the second record after its snapshot.</summary>
    RecordSkippedAfterSnapshot,

    /// <summary>A snapshot is made of the writer's own state, which may be ahead of what is committed.</summary>
    SnapshotAheadOfCommit,
}

/// <summary>Opens the sequencer as a server with the bug would.</summary>
static class Planted
{
    public static Sequencer Open(Plant plant, Log log, CoreOptions options, TimeProvider time)
    {
        if (plant is Plant.SnapshotForgetsDedupe or Plant.RecordSkippedAfterSnapshot) return OpenWrongly(plant, log, options, time);
        var remembered = options.Dedupe.MaxMessages;
        if (plant == Plant.DedupeForgottenOnRestart) options.Dedupe.MaxMessages = 1;
        var sequencer = Sequencer.Open(log, options, time, SilentMetrics.Core);
        options.Dedupe.MaxMessages = remembered;
        if (plant is Plant.RecallsForgottenOnRestart or Plant.MembershipAppliedTwice) sequencer.QueryAsync((state, _) => Spoil(plant, state, log)).AsTask().GetAwaiter().GetResult();
        return sequencer;
    }

    /// <summary>Again and again writes the state as it is at a moment, under the position that is committed by then.</summary>
    public static async Task SnapshotAheadAsync(Log log, Sequencer sequencer, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await log.WaitPastAsync(log.CommittedPosition, stopping);
                var (seen, bytes) = (0L, Array.Empty<byte>());
                // Computed at once, whatever is committed.
                _ = sequencer.QueryAsync((state, _) => (seen, bytes) = (state.Position, StateDigest.Written(state))).AsTask();
                if (seen <= log.CommittedPosition || log.CommittedPosition == 0 || log.IsReadOnly) continue;
                using var snapshot = log.BeginSnapshot(log.CommittedPosition);
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), log.CommittedPosition);
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), log.LastTime);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), Checksum.Of(Checksum.Add(Checksum.Start, bytes.AsSpan(0, 28))));
                snapshot.Body.Write(bytes);
                await snapshot.CompleteAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (IOException)
        {
            // A failing disk ends it too.
        }
    }

    static Sequencer OpenWrongly(Plant plant, Log log, CoreOptions options, TimeProvider time)
    {
        var remembered = options.Dedupe.MaxMessages;
        if (plant == Plant.SnapshotForgetsDedupe) options.Dedupe.MaxMessages = 1;
        var state = Replay.Begin(log, options.Dedupe, log.CommittedPosition);
        options.Dedupe.MaxMessages = remembered;
        var snapshot = state.Position;
        if (plant == Plant.RecordSkippedAfterSnapshot && snapshot > 0 && log.ReadFrom(snapshot + 1, 1, int.MaxValue) is [var skipped])
            state.Apply(null, skipped.App, skipped.Position, skipped.Time, []);
        using var scan = log.Scan(state.Position + 1, log.CommittedPosition);
        while (scan.TryNext()) state.Apply(scan);
        return Sequencer.Open(log, state, snapshot, options, time, SilentMetrics.Core);
    }

    static bool Spoil(Plant plant, State state, Log log)
    {
        if (plant == Plant.RecallsForgottenOnRestart)
        {
            foreach (var number in state.Apps) ForgetRecalls(state.App(number));
            return true;
        }

        var entered = log.ReadFrom(1, int.MaxValue, int.MaxValue).LastOrDefault(stored => stored.Type == RecordTypes.MembersEntered);
        if (entered is not null) Core.Records.Record.Read(entered.Type, entered.Body)!.Apply(state.App(entered.App), new Applied(entered.Position, entered.Time, entered.Filings));
        return true;
    }

    static void ForgetRecalls(AppState app)
    {
        var conversations = app.Users.Page(0, app.Users.Count).SelectMany(user => app.Conversations.Of(user)).Select(view => view.Key).Distinct().ToArray();
        foreach (var key in conversations)
            foreach (var operation in app.Conversations.OperationsIn(key, 1, long.MaxValue))
                if (operation.Fate == MessageFate.Recalled) app.Operations.Set(key, new MessageOperation(operation.Sequence, MessageFate.None, 0));
    }
}
