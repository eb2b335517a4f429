using Parley.Core.Commands;
using Parley.Core.Records;
using Parley.Core.Sessions;
using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Core.Sequencing;

/// <summary>Carries out the commands of one batch after the other on the state: decides, appends, applies, and plans what is let out once the batch is committed.</summary>
/// <param name="lastTime">Of the newest record; every record's time is later than the one before.</param>
sealed class Execution(CoreOptions options, SessionTable sessions, Dispatcher dispatcher, CoreMetrics metrics, TimeProvider time, long lastTime)
{
    readonly Decider _decider = new(options, sessions);
    readonly Announcer _announcer = new(dispatcher, sessions);
    readonly Decision _decision = new();
    readonly PendingMarks _marks = new();
    readonly TaggedWriter _bodies = new();
    readonly List<int> _bodyEnds = [];
    long _lastTime = lastTime;

    /// <returns>False when the batch has no room left: the next one will.</returns>
    public bool TryCarryOut(State state, Submission submission, Batch? batch, Refusal withoutBatch)
    {
        var (app, now) = (submission.Command.App, Now());
        _decision.Clear();
        _decider.Decide(state, submission, now, _decision);
        var isWriting = _decision.Records.Count > 0 || _decision.Marks.Count > 0;
        if (isWriting && batch is null) _decision.Refuse(withoutBatch);
        else if (isWriting && !HasRoom(batch!))
        {
            if (batch!.Count > 0 || _marks.Count > 0) return false;
            _decision.Refuse(Refusal.TooLarge);
        }

        metrics.Decided(_decision.Refusal);
        submission.Decided(new Outcome(_decision.Refusal, Time: now));
        dispatcher.Plan(submission);
        if (_decision.Refusal != Refusal.None) return true;

        if (_decision.FirstAnswer is { } first) submission.Decided(first);
        for (var i = 0; i < _decision.Records.Count; i++)
        {
            var (record, feeds) = _decision.Records[i];
            var start = i == 0 ? 0 : _bodyEnds[i - 1];
            var outcome = Append(state, batch!, app, record, feeds, _bodies.Written[start.._bodyEnds[i]], now + i, submission.Command.Trace);
            if (i == 0) submission.Decided(outcome);
        }

        foreach (var mark in _decision.Marks) _marks.Add(app, mark);
        var announcer = _announcer.For(app, 0, now, submission.Command.Trace);
        if (_decision.Transient is { } transient) announcer.Tell(transient);
        foreach (var (user, group, notice) in _decision.Told)
        {
            if (group == default) announcer.Tell(() => notice, 0, [user]);
            else announcer.Tell(() => notice, 0, group);
        }

        if (submission.Session is { } session) Adjust(state, session, submission.Command);
        return true;
    }

    /// <summary>Appends the records that the marks of this batch's commands become. Ends the batch.</summary>
    public void AppendMarks(State state, Batch batch)
    {
        foreach (var (app, record, feeds) in _marks.Records())
        {
            _bodies.Clear();
            record.Write(_bodies);
            Append(state, batch, app, record, feeds, _bodies.Written, Now(), trace: "");
        }

        _marks.Clear();
    }

    /// <summary>Encodes what was decided and asks whether it fits, together with the record that the marks will become.</summary>
    bool HasRoom(Batch batch)
    {
        _bodies.Clear();
        _bodyEnds.Clear();
        var feedCount = 0;
        foreach (var (record, feeds) in _decision.Records)
        {
            record.Write(_bodies);
            _bodyEnds.Add(_bodies.Length);
            feedCount += feeds.Length;
        }

        var marks = _marks.Count + _decision.Marks.Count;
        return batch.HasRoomFor(_decision.Records.Count + _marks.Apps.Count + 1 + (marks / PendingMarks.MaxPerRecord), feedCount + marks,
            _bodies.Length + (marks * PendingMarks.MaxMarkBytes));
    }

    Outcome Append(State state, Batch batch, long app, Record record, FeedId[] feeds, ReadOnlySpan<byte> body, long at, string trace)
    {
        Span<Filing> filings = stackalloc Filing[feeds.Length];
        var position = batch.Add(record.Type, app, at, feeds, body, filings);
        _lastTime = at;
        state.Apply(record, app, position, at, filings);
        record.Announce(state.App(app), new Applied(position, at, filings), _announcer.For(app, position, at, trace));
        return new Outcome(Refusal.None, position, record is MessageSent ? filings[0].Sequence : 0, at);
    }

    void Adjust(State state, Session session, Command command)
    {
        var app = state.App(session.App);
        var users = app.Users;
        switch (command)
        {
            case OpenSession:
                sessions.Add(session, app.Members.GroupsOf(session.User));
                _announcer.TellPresence(app, session.User);
                break;
            case CloseSession:
                if (sessions.Remove(session, app.Members.GroupsOf(session.User))) _announcer.TellPresence(app, session.User);
                break;
            // A session that was closed or kicked meanwhile must not be entered as a watcher again.
            case AdjustSession adjust when sessions.Contains(session):
                session.IsBackground = adjust.IsBackground ?? session.IsBackground;
                foreach (var id in adjust.Watch) if (users.TryFind(id, out var user)) sessions.Watch(session, user);
                foreach (var id in adjust.Unwatch) if (users.TryFind(id, out var user)) sessions.Unwatch(session, user);
                break;
        }
    }

    long Now() => Math.Max((time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond, _lastTime + 1);
}
