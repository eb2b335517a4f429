using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Sequencing;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Snapshots;

/// <summary>What became of one snapshot.</summary>
/// <param name="Position">Of the last record in it.</param>
/// <param name="Bytes">Of the state in it; 0 when it failed.</param>
/// <param name="Failure">Null when it was written. Older snapshots stay, and the next try comes with the next full segment.</param>
public readonly record struct SnapshotOutcome(long Position, long Bytes, TimeSpan Elapsed, IOException? Failure);

/// <summary>
/// Writes snapshots beside the sequencer, without ever touching its state: it folds a second one up to the end of the newest full segment, writes that and lets it go. So no commit waits for a
/// snapshot; the price is the memory of the state a second time meanwhile.
/// </summary>
public sealed class Snapshotter(Log log, LogOptions logOptions, CoreOptions options, TimeProvider time)
{
    const int RecordsAtATime = 512;

    long _asked;

    /// <summary>Asks for a snapshot that holds this position, as soon as its segment is full: what was erased leaves older ones only by their going.</summary>
    public void Ask(long position) => Volatile.Write(ref _asked, position);

    /// <summary>Writes one whenever <see cref="LogOptions.SnapshotEverySegments"/> were filled since the last, until stopped. Reads and computes for long: on a scheduler of its own.</summary>
    /// <param name="tell">Told of each, written or failed; must not throw.</param>
    public async Task RunAsync(Action<SnapshotOutcome> tell, CancellationToken stopping)
    {
        try
        {
            for (var tried = 0L; ;)
            {
                var position = log.SealedPosition;
                if (position > tried && !log.IsReadOnly && (log.SealedPast(log.SnapshotPosition) >= logOptions.SnapshotEverySegments || IsAsked(position)))
                {
                    tell(await MakeAsync(position, stopping));
                    tried = position;
                }

                await log.WaitSealedPastAsync(position, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is the expected end. What was being written is gone, older ones are there.
        }
    }

    /// <summary>Once the sequencer has stopped: writes the state it ended with, so that the next start has nothing to replay.</summary>
    /// <returns>Null when nothing happened since the last snapshot, or nothing may be written any more.</returns>
    public async Task<SnapshotOutcome?> WriteLastAsync(Sequencer sequencer, CancellationToken cancellation)
    {
        var state = sequencer.StateAtRest;
        if (state.Position != log.CommittedPosition || state.Position == log.SnapshotPosition || log.IsReadOnly) return null;
        var started = time.GetTimestamp();
        try
        {
            return new SnapshotOutcome(state.Position, await WriteAsync(state, cancellation), time.GetElapsedTime(started), null);
        }
        catch (IOException e)
        {
            return new SnapshotOutcome(state.Position, 0, time.GetElapsedTime(started), e);
        }
    }

    async Task<SnapshotOutcome> MakeAsync(long position, CancellationToken stopping)
    {
        var started = time.GetTimestamp();
        try
        {
            var state = Replay.Begin(log, options.Dedupe, position);
            using (var scan = log.Scan(state.Position + 1, position))
            {
                while (scan.TryNext())
                {
                    state.Apply(scan);
                    if (scan.Position % RecordsAtATime != 0) continue;
                    stopping.ThrowIfCancellationRequested();
                    await Task.Yield();
                }
            }

            return new SnapshotOutcome(position, await WriteAsync(state, stopping), time.GetElapsedTime(started), null);
        }
        catch (IOException e)
        {
            return new SnapshotOutcome(position, 0, time.GetElapsedTime(started), e);
        }
    }

    bool IsAsked(long position) => Volatile.Read(ref _asked) is var asked && asked > log.SnapshotPosition && asked <= position;

    async Task<long> WriteAsync(State state, CancellationToken cancellation)
    {
        var previous = log.SnapshotPosition;
        using var snapshot = log.BeginSnapshot(state.Position);
        var bytes = state.Write(snapshot.Body, cancellation);
        await snapshot.CompleteAsync(cancellation);
        // The first one that was made since something was erased; the older ones may still hold the ids of what is gone.
        if (state.Apps.Any(app => IsErasedBetween(new FeedKey(app, FeedIds.Erasures), previous, state.Position))) log.DropSnapshotsBefore(state.Position);
        return bytes;
    }

    /// <summary>Whether somebody erased something. What is cut because of its age is none of that: its ids are of a time that no snapshot remembers for long, and two snapshots are needed to drop segments.</summary>
    bool IsErasedBetween(FeedKey erasures, long after, long upTo)
    {
        var (first, last) = (log.Head(erasures).FirstReadable, log.Head(erasures).Last);
        while (last >= first)
        {
            var page = log.ReadFeed(erasures, Math.Max(first, last - RecordsAtATime + 1), last, RecordsAtATime, int.MaxValue);
            if (page.Any(stored => stored.Position > after && stored.Position <= upTo && Record.Read(stored.Type, stored.Body) is not ConversationCut { IsTold: false })) return true;
            if (page.Count == 0 || page[0].Position <= after) return false;
            last -= RecordsAtATime;
        }

        return false;
    }
}
