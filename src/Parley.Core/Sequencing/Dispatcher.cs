using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Sequencing;

/// <summary>
/// Fixes who is to be told when a record is applied, and tells them, in committed order, once its batch is committed. Answers and deliveries of one batch reach an
/// outbox before its owner is woken, so they leave in one flush.
/// </summary>
sealed class Dispatcher(SessionTable sessions, CoreMetrics metrics)
{
    readonly List<Entry> _planned = [];
    readonly HashSet<Outbox> _touched = [];

    public void Plan(Submission submission) => _planned.Add(new Entry(submission, null, [], []));

    /// <summary>Plans what follows from an applied record.</summary>
    /// <param name="trace">Of the command that made it.</param>
    public void Plan(State state, Record record, long app, long position, long time, ReadOnlySpan<Filing> filings, string trace)
    {
        if (record is MessageSent sent)
        {
            var users = state.App(app).Users;
            var conversation = new ConversationKey(filings[0].Feed);
            var receiver = conversation.PeerOf(sent.Message.Sender);
            Plan(app, new MessageDelivery(sent.Message, conversation, filings[0].Sequence, position, time, users.IdOf(sent.Message.Sender), users.IdOf(receiver), trace));
        }
        else if (record is TokensRevoked { Forgotten: false } revoked)
        {
            foreach (var key in revoked.Keys)
                if (state.App(app).Tokens.TryFind(key, out var token)) Kick(state, app, token.User, key);
        }
    }

    public void Plan(long app, MessageDelivery delivery)
    {
        var receiver = delivery.Conversation.PeerOf(delivery.Message.Sender);
        var own = delivery.Message.Traits.HasFlag(Messages.MessageTraits.NotToSender) ? [] : sessions.Of(app, delivery.Message.Sender);
        var others = receiver == delivery.Message.Sender ? [] : sessions.Of(app, receiver);
        if (own.Length + others.Length > 0) _planned.Add(new Entry(null, delivery, own, others));
    }

    public void PlanPresence(State state, long app, UserNumber user)
    {
        var watchers = sessions.WatchersOf(app, user);
        if (watchers.Count == 0) return;
        var presence = new PresenceDelivery(user, state.App(app).Users.IdOf(user), sessions.PlatformsOf(app, user));
        _planned.Add(new Entry(null, presence, [.. watchers], []));
    }

    /// <summary>The batch is committed: everything planned may be shown.</summary>
    public void Dispatch()
    {
        foreach (var entry in _planned)
        {
            if (entry.Submission is { } submission)
            {
                submission.Release();
                if (submission.ReplyTo is { } outbox) _touched.Add(outbox);
                continue;
            }

            Deliver(entry.Delivery!, entry.Own);
            Deliver(entry.Delivery!, entry.Others);
        }

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
            foreach (var session in entry.Own) session.Outbox.Close();
        }

        _planned.RemoveAll(entry => entry.Submission is null);
        Dispatch();
    }

    void Kick(State state, long app, UserNumber user, Tokens.TokenKey key)
    {
        var kicked = sessions.Of(app, user).Where(session => session.Token == key).ToArray();
        if (kicked.Length == 0) return;
        foreach (var session in kicked) sessions.Remove(session);
        _planned.Add(new Entry(null, new KickedDelivery(), kicked, []));
        PlanPresence(state, app, user);
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

    readonly record struct Entry(Submission? Submission, Delivery? Delivery, Session[] Own, Session[] Others);
}
