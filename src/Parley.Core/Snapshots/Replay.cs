using Parley.Store;
using Parley.Store.Snapshots;

namespace Parley.Core.Snapshots;

/// <summary>Makes a state out of a log: from the newest snapshot that can be read, and the records behind it.</summary>
static class Replay
{
    const int PageRecords = 4_096;
    const int PageBytes = 4 << 20;

    /// <summary>The state of the newest snapshot at or before a position that can be read; an empty one without.</summary>
    public static State Begin(Log log, DedupeOptions dedupe, long to = long.MaxValue)
    {
        var before = to == long.MaxValue ? to : to + 1;
        while (log.OpenSnapshot(before) is { } snapshot)
        {
            using (snapshot)
            {
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

        return new State(dedupe);
    }

    /// <summary>Applies the next page of committed records.</summary>
    /// <returns>False when the state stands at <paramref name="to"/> already, or at the end of what is committed.</returns>
    public static bool Advance(State state, Log log, long to = long.MaxValue)
    {
        var count = (int)Math.Min(PageRecords, to - state.Position);
        if (log.ReadFrom(state.Position + 1, count, PageBytes) is not { Count: > 0 } page) return false;
        foreach (var stored in page) state.Apply(stored);
        return true;
    }

    static State Read(SnapshotReader snapshot, DedupeOptions dedupe)
    {
        var state = State.Read(snapshot.Body, dedupe);
        if ((state.Position, state.Time) != (snapshot.Position, snapshot.Time))
            throw new UnreadableStateException($"it is of position {state.Position} in a snapshot of {snapshot.Position}");
        return state;
    }
}
