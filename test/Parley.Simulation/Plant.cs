using Parley.Core;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Sequencing;
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

    /// <summary>A start remembers none but the newest message.</summary>
    DedupeForgottenOnRestart,

    /// <summary>A start forgets which messages were recalled.</summary>
    RecallsForgottenOnRestart,

    /// <summary>A start applies the last record by which members came in twice.</summary>
    MembershipAppliedTwice,
}

/// <summary>Opens the sequencer as a server with the bug would.</summary>
static class Planted
{
    public static Sequencer Open(Plant plant, Log log, CoreOptions options, TimeProvider time)
    {
        var remembered = options.Dedupe.MaxMessages;
        if (plant == Plant.DedupeForgottenOnRestart) options.Dedupe.MaxMessages = 1;
        var sequencer = Sequencer.Open(log, options, time, SilentMetrics.Core);
        options.Dedupe.MaxMessages = remembered;
        if (plant is Plant.RecallsForgottenOnRestart or Plant.MembershipAppliedTwice) sequencer.QueryAsync((state, _) => Spoil(plant, state, log)).AsTask().GetAwaiter().GetResult();
        return sequencer;
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
