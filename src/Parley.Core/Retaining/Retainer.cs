using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Sequencing;
using Parley.Core.Storage;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core.Retaining;

/// <summary>What a round of the retainer did.</summary>
/// <param name="Cuts">Conversations whose oldest messages are gone from now on.</param>
/// <param name="Segments">Dropped from the log.</param>
/// <param name="Failure">Null when all went well. What is left is done in the next round.</param>
public readonly record struct RetentionOutcome(int Cuts, int Segments, Exception? Failure);

/// <summary>
/// Lets messages go that are older than the rules of <see cref="RetentionOptions"/> allow: cuts their conversations, which lets <see cref="Eraser"/> overwrite them, and where nothing is kept for ever drops
/// whole segments of the log. Behind the writer and never in its way.
/// </summary>
public sealed class Retainer(Log log, Sequencer sequencer, Eraser eraser, CoreOptions options, CoreMetrics metrics, TimeProvider time)
{
    const int ConversationsAtATime = 256;

    readonly RetentionOptions _options = options.Retention;

    /// <summary>A round each <see cref="RetentionOptions.Interval"/> until stopped; none without rules. Reads and syncs: on a scheduler that may block.</summary>
    /// <param name="tell">Told of each round that did something or failed; must not throw.</param>
    public async Task RunAsync(Action<RetentionOutcome> tell, CancellationToken stopping)
    {
        try
        {
            if (_options.Rules.Count == 0) await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping);
            while (true)
            {
                var outcome = await RetainAsync(stopping);
                if (outcome != default) tell(outcome);
                await Task.Delay(_options.Interval, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is the expected end; the next start goes on.
        }
    }

    /// <summary>One round.</summary>
    public async Task<RetentionOutcome> RetainAsync(CancellationToken cancellation)
    {
        var (cuts, segments) = (0, 0);
        try
        {
            if (log.IsReadOnly) return default;
            var now = (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
            var apps = await sequencer.QueryAsync((state, _) => state.Apps.ToArray());
            var isComplete = true;
            foreach (var app in apps)
            {
                var (count, isDone) = await CutAsync(app, now, _options.MaxCutsPerRound - cuts, cancellation);
                cuts += count;
                isComplete &= isDone;
            }

            // Whatever is older than everything may get has been cut by now, wherever it was said.
            if (isComplete && _options.LongestOf(apps) is { } longest) segments = await DropAsync(now - Microseconds(longest), cancellation);
            return new RetentionOutcome(cuts, segments, null);
        }
        catch (IOException e)
        {
            return new RetentionOutcome(cuts, segments, e);
        }
        finally
        {
            metrics.Retained(cuts, segments);
        }
    }

    /// <returns>How many conversations were cut, and whether all were that are to be.</returns>
    async ValueTask<(int Cuts, bool IsDone)> CutAsync(long app, long now, int atMost, CancellationToken cancellation)
    {
        var cuts = 0;
        for (var start = 0; ; start += ConversationsAtATime)
        {
            if (await sequencer.QueryAsync((state, _) => state.App(app).Conversations.Uncut(start, ConversationsAtATime)) is not { } page) return (cuts, true);
            foreach (var (key, last, floor) in page)
            {
                cancellation.ThrowIfCancellationRequested();
                var kind = key.Kind == ConversationKind.Group ? RetainedKind.Group : RetainedKind.Peer;
                if (_options.AgeOf(app, kind) is not { } age) continue;
                var before = now - Microseconds(age);
                if (LastBefore(new FeedKey(app, key.Feed), before, floor) is var upTo && upTo <= floor) continue;
                if (cuts == atMost) return (cuts, false);
                var cut = new CutConversation(app, Actor.Operator, key, Math.Min(upTo, last)) { SentBefore = before };
                if (!(await sequencer.SubmitAsync(cut, cancellation: cancellation)).IsAccepted) return (cuts, false);
                cuts++;
            }

            await Task.Yield();
        }
    }

    /// <summary>The last sequence of a conversation that was sent before a time; at most <paramref name="floor"/> when none was beyond that.</summary>
    long LastBefore(FeedKey feed, long before, long floor)
    {
        var head = log.Head(feed);
        var first = Math.Max(head.FirstReadable, floor + 1);
        // Mostly there is nothing to do, and one read says so.
        if (log.ReadFeed(feed, first, first, 1, int.MaxValue) is [var oldest] && oldest.Time >= before) return first - 1;
        return new FeedSearch(log, feed, head).FirstSince(before) - 1;
    }

    /// <summary>Drops what was written before a time, as far as nobody needs it any more.</summary>
    async ValueTask<int> DropAsync(long before, CancellationToken cancellation)
    {
        var position = log.SegmentSince(before);
        // The eraser has to find the erasures in it, and replicas to copy it.
        position = Math.Min(position, Math.Min(eraser.Position, sequencer.Replicas.KeptPosition) + 1);
        return await log.DropBeforeAsync(position, cancellation);
    }

    static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
