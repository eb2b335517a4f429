using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Store;
using Parley.Store.Snapshots;

namespace Parley.Core.Snapshots;

/// <summary>Makes a state out of a log: from the newest snapshot that can be read; the records behind it are to be applied.</summary>
static class Replay
{
    /// <summary>Records at the end that are looked through for the last message of each app.</summary>
    const int LookAheadRecords = 1_024;
    const int LookAheadBytes = 1 << 20;

    /// <summary>The state of the newest snapshot that can be read, an empty one without, made ready to be brought to a position.</summary>
    /// <param name="to">At most the committed position.</param>
    public static State Begin(Log log, DedupeOptions dedupe, long to)
    {
        var state = Newest(log, dedupe, to);
        // Messages older than the window of one that is still to come are forgotten by then.
        var from = Math.Max(state.Position + 1, to - LookAheadRecords + 1);
        foreach (var stored in log.ReadFrom(from, (int)(to - from + 1), LookAheadBytes))
            if (stored.Type == RecordTypes.MessageSent && Record.Read(stored.Type, stored.Body) is MessageSent { Message.Kind: not ContentKind.Event }) state.Expect(stored.App, stored.Time);
        return state;
    }

    static State Newest(Log log, DedupeOptions dedupe, long to)
    {
        var before = to + 1;
        while (log.OpenSnapshot(before) is { } snapshot)
        {
            using (snapshot)
            {
                // It can't be gone on from.
                if (snapshot.Position < log.FirstPosition - 1) break;
                try
                {
                    return Read(snapshot, dedupe);
                }
                catch (Exception e) when (e is CorruptSnapshotException or UnreadableStateException)
                {
                    // Nothing is lost by it: the older one, or none, only takes longer.
                    before = snapshot.Position;
                }
            }
        }

        if (log.FirstPosition > 1)
            throw new CorruptLogException("beginning", 0, $"positions 1 to {log.FirstPosition - 1} were dropped, and no snapshot up to position {to} that can be read holds what they said; put one of a backup in this directory", 0);
        return new State(dedupe);
    }

    static State Read(SnapshotReader snapshot, DedupeOptions dedupe)
    {
        var state = State.Read(snapshot.Body, dedupe);
        if ((state.Position, state.Time) != (snapshot.Position, snapshot.Time))
            throw new UnreadableStateException($"it is of position {state.Position} in a snapshot of {snapshot.Position}");
        return state;
    }
}
