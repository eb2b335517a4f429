using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Sequencing;
using Parley.Core.Storage;
using Parley.Store;
using Parley.Store.Disks;
using Parley.Store.Erasing;
using Parley.Store.Feeds;

namespace Parley.Core.Erasing;

/// <summary>What a round of the eraser did.</summary>
/// <param name="Erasures">Commands carried out to the end.</param>
/// <param name="Records">Overwritten by it: messages, their edits, and records with texts of users.</param>
/// <param name="Failure">Null when everything that was asked for is erased. What is left is tried again.</param>
public readonly record struct ErasureOutcome(int Erasures, int Records, Exception? Failure)
{
    /// <summary>Whether nobody asked for any of them: messages had come of age.</summary>
    public bool IsOfAge { get; init; }
}

/// <summary>
/// Takes out of the log what <see cref="MessagesErased"/>, <see cref="ConversationCut"/> and <see cref="UserErased"/> say: overwrites messages, their edits and a user's texts with what may stay of them. Follows each app's feed of erasures, behind the writer and never in its way;
/// where it is lies in a file, and what it does twice does no harm.
/// </summary>
/// <param name="disk">Where that file lies; not the log's own directory.</param>
public sealed class Eraser(Log log, Sequencer sequencer, IDisk disk, TimeProvider time)
{
    /// <summary>Between rounds: one erasure is no hurry, and many are one round.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    const int ErasuresAtATime = 64;
    const int RecordsAtATime = 512;
    const int BytesAtATime = 1 << 20;

    readonly EraserCursor _cursor = new(disk, log.LogId);
    readonly Redaction _redaction = new();
    TaskCompletionSource _round = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long _done;

    /// <summary>Erases whatever is asked for until stopped. Reads and syncs: on a scheduler that may block.</summary>
    /// <param name="tell">Told of each round that did something; must not throw.</param>
    public async Task RunAsync(Action<ErasureOutcome> tell, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var position = sequencer.CommittedPosition;
                var outcome = await EraseAsync(stopping);
                if (outcome.Failure is null && !log.IsReadOnly) Done(position);
                if (outcome.Erasures > 0 || outcome.Failure is not null) tell(outcome);
                await Task.Delay(outcome.Failure is null ? Pause : PauseAfterFailure, time, stopping);
                if (outcome.Failure is null) await sequencer.WaitPastAsync(position, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is the expected end; the next start goes on.
        }
    }

    /// <summary>All that was asked for up to here is erased.</summary>
    public long Position => Volatile.Read(ref _done);

    /// <summary>Completes once all that was asked for up to a position is erased. Only while <see cref="RunAsync"/> runs, and as long as nothing fails.</summary>
    public async Task WaitAsync(long position, CancellationToken cancellation)
    {
        while (true)
        {
            var round = Volatile.Read(ref _round).Task;
            if (Volatile.Read(ref _done) >= position) return;
            await round.WaitAsync(cancellation);
        }
    }

    void Done(long position)
    {
        Volatile.Write(ref _done, position);
        Interlocked.Exchange(ref _round, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Erases all that is asked for now.</summary>
    public async Task<ErasureOutcome> EraseAsync(CancellationToken cancellation)
    {
        var (erasures, records, isOfAge) = (0, 0, true);
        try
        {
            if (log.IsReadOnly) return default;
            foreach (var app in await sequencer.QueryAsync((state, _) => state.Apps.ToArray()))
            {
                var feed = new FeedKey(app, FeedIds.Erasures);
                while (log.Head(feed).Last > _cursor[app])
                {
                    var page = log.ReadFeed(feed, _cursor[app] + 1, long.MaxValue, ErasuresAtATime, BytesAtATime);
                    var done = 0;
                    foreach (var stored in page)
                    {
                        // Without the replicas it may still be undone.
                        if (stored.Position > sequencer.CommittedPosition) break;
                        var erasure = Record.Read(stored.Type, stored.Body);
                        isOfAge &= erasure is ConversationCut { IsTold: false };
                        if (erasure is MessagesErased erased) records += await EraseAsync(stored, erased, cancellation);
                        else if (erasure is ConversationCut cut) records += await EraseAsync(stored, cut, cancellation);
                        else if (erasure is UserErased forgotten) records += await new UserEraser(log, sequencer, app, forgotten).EraseAsync(stored.Position, cancellation);
                        _cursor[app] = SequenceOf(stored, feed);
                        done++;
                    }

                    if (done > 0) await _cursor.SaveAsync();
                    erasures += done;
                    if (done < page.Count || done == 0) break;
                }
            }

            return new ErasureOutcome(erasures, records, null) { IsOfAge = isOfAge && erasures > 0 };
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return new ErasureOutcome(erasures, records, e) { IsOfAge = isOfAge && erasures > 0 };
        }
    }

    /// <returns>Records overwritten.</returns>
    async Task<int> EraseAsync(LogRecord erasure, MessagesErased erased, CancellationToken cancellation)
    {
        var conversation = new FeedKey(erasure.App, erased.Conversation.Feed);
        var count = await OverwriteAsync(conversation, RunsOf(erased.Sequences), _ => true, cancellation);

        // No message is edited before it was sent, nor after it was erased.
        var notices = new FeedKey(erasure.App, FeedIds.Notices(erased.Conversation));
        var from = FirstAfter(notices, conversation, erased.Sequences[0]);
        var sequences = erased.Sequences.ToHashSet();
        return count + await OverwriteAsync(notices, [(from, SequenceOf(erasure, notices) - 1)], record => record is MessageEdited edited && sequences.Contains(edited.Sequence), cancellation);
    }

    /// <summary>The same with all messages of a stretch. Mostly none of them was touched, and so none has an edit.</summary>
    async Task<int> EraseAsync(LogRecord erasure, ConversationCut cut, CancellationToken cancellation)
    {
        var conversation = new FeedKey(erasure.App, cut.Conversation.Feed);
        var count = await OverwriteAsync(conversation, [(cut.From, cut.UpTo)], _ => true, cancellation);
        if (cut.FirstTouched == 0) return count;
        var notices = new FeedKey(erasure.App, FeedIds.Notices(cut.Conversation));
        var (from, to) = (FirstAfter(notices, conversation, cut.FirstTouched), new FeedSearch(log, notices, log.Head(notices)).FirstAfter(erasure.Position) - 1);
        return count + await OverwriteAsync(notices, [(from, to)], record => record is MessageEdited edited && edited.Sequence <= cut.UpTo, cancellation);
    }

    /// <summary>The first notice behind a message, which may be dropped by now.</summary>
    long FirstAfter(FeedKey notices, FeedKey conversation, long sequence)
    {
        var head = log.Head(notices);
        return log.ReadFeed(conversation, sequence, sequence, 1, int.MaxValue) is [var message] ? new FeedSearch(log, notices, head).FirstAfter(message.Position) : head.FirstReadable;
    }

    /// <summary>Overwrites what is due of some stretches of a feed.</summary>
    async Task<int> OverwriteAsync(FeedKey feed, IEnumerable<(long From, long To)> stretches, Func<Record, bool> isMeant, CancellationToken cancellation)
    {
        var (count, bytes, replacements) = (0, 0, new List<Replacement>());
        foreach (var (from, to) in stretches)
            for (var next = from; next <= to;)
            {
                cancellation.ThrowIfCancellationRequested();
                var page = log.ReadFeed(feed, next, to, RecordsAtATime, BytesAtATime);
                if (page.Count == 0) break;
                foreach (var stored in page)
                {
                    if (!Redaction.IsDue(stored, out var record) || !isMeant(record!)) continue;
                    replacements.Add(_redaction.Of(stored, record!));
                    bytes += stored.Body.Length;
                }

                next = SequenceOf(page[^1], feed) + 1;
                if (replacements.Count >= RecordsAtATime || bytes >= BytesAtATime) await FlushAsync();
            }

        if (replacements.Count > 0) await FlushAsync();
        return count;

        async ValueTask FlushAsync()
        {
            await log.OverwriteAsync(replacements, cancellation);
            count += replacements.Count;
            bytes = 0;
            replacements.Clear();
        }
    }

    static IEnumerable<(long From, long To)> RunsOf(IReadOnlyList<long> sequences)
    {
        for (var i = 0; i < sequences.Count; i++)
        {
            var first = i;
            while (i + 1 < sequences.Count && sequences[i + 1] == sequences[i] + 1) i++;
            yield return (sequences[first], sequences[i]);
        }
    }

    static long SequenceOf(LogRecord stored, FeedKey feed) => new Applied(stored.Position, stored.Time, stored.Filings).SequenceIn(feed.Feed);
}
