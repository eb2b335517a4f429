using Parley.Core.Commands;
using Parley.Core.Sessions;

namespace Parley.Core.Sequencing;

/// <summary>
/// Keeps what is to be told until its batch is committed, and then tells it in committed order. Answers and deliveries of one batch reach an outbox before its owner
/// is woken, so they leave in one flush.
/// </summary>
sealed class Dispatcher(CoreMetrics metrics)
{
    readonly List<Entry> _planned = [];
    readonly HashSet<Outbox> _touched = [];

    public void Plan(Submission submission) => _planned.Add(new Entry(submission, null, [], []));

    /// <summary>Recipients are fixed now; both arrays are kept and never changed.</summary>
    public void Plan(Delivery delivery, Session[] some, Session[] others)
    {
        if (some.Length + others.Length > 0) _planned.Add(new Entry(null, delivery, some, others));
    }

    /// <summary>The batch is committed: everything planned may be shown.</summary>
    public void Dispatch()
    {
        foreach (var entry in _planned)
        {
            if (entry.Submission is { ReplyTo: { } outbox } submission)
            {
                submission.Release();
                _touched.Add(outbox);
            }
            else if (entry.Delivery is { } delivery)
            {
                Deliver(delivery, entry.Some);
                Deliver(delivery, entry.Others);
            }
        }

        // Whoever awaits a task goes on at once: by then what they caused is in the outboxes. The owners of those are woken after it, for a client that called expects its
        // answer before it is told of what it did.
        foreach (var entry in _planned)
            if (entry.Submission is { ReplyTo: null } awaited) awaited.Release();
        foreach (var outbox in _touched) outbox.Wake();
        _planned.Clear();
        _touched.Clear();
    }

    /// <summary>The batch's fate is unknown: nothing computed on it may be shown, and those who wait hear just that.</summary>
    public void Abandon()
    {
        foreach (var entry in _planned)
        {
            entry.Submission?.Decided(new Outcome(Refusal.OutcomeUnknown));
            if (entry.Delivery is not KickedDelivery) continue;
            // These left the table when the record was applied; without a record they are merely cut off and may come back.
            foreach (var session in entry.Some) session.Outbox.Close();
        }

        _planned.RemoveAll(entry => entry.Submission is null);
        Dispatch();
    }

    void Deliver(Delivery delivery, Session[] recipients)
    {
        foreach (var session in recipients)
        {
            if (session.Outbox.TryAddQuietly(delivery)) metrics.Delivered();
            else if (session.Outbox.HasOverflowed) metrics.Overflowed();
            _touched.Add(session.Outbox);
        }
    }

    readonly record struct Entry(Submission? Submission, Delivery? Delivery, Session[] Some, Session[] Others);
}
