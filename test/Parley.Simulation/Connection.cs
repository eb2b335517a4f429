using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Simulation;

/// <summary>A send whose answer may come through the session's outbox, between the deliveries.</summary>
sealed class PendingSend(SendMessage command, SendAttempt attempt, Excuse[] excuses, Outbox? outbox) : Submission(command, null, outbox)
{
    public SendAttempt Attempt { get; } = attempt;
    public Excuse[] Excuses { get; } = excuses;
    public bool HasOutbox { get; } = outbox is not null;
}

/// <summary>One session of a device, and whoever takes from its outbox.</summary>
sealed class Connection(UserName user, UserNumber number, int platform, TokenKey token, Cast cast, Model model, Server server,
    Action<Server, PendingSend, Outcome> answered)
{
    readonly SessionFacts _facts = new(user);
    readonly HashSet<PendingSend> _asked = [];
    // Some are small and some slow, so that they overflow.
    readonly int _pause = cast.Chance(20) ? 30 : 0;
    long _told;
    bool _isLeft;
    bool _isKicked;

    public Session Session { get; } = new(user.App, number, platform, "", token, new Outbox(cast.Chance(20) ? 3 : 1_000, 1 << 20));

    public bool IsOpen => !Session.Outbox.IsClosed && !_facts.IsCutOff;

    public void Asked(PendingSend pending) => _asked.Add(pending);

    public async Task<Refusal> OpenAsync()
    {
        var mine = model.Tokens[token];
        var command = new OpenSession(user.App, Actor.Of(number), token, platform);
        model.Sessions.Add(_facts);
        server.Connections.Add(this);
        model.Threaten(user, other => other != mine && other.Platform == platform);
        var reading = TakeAsync();
        var mayBeForgotten = model.MayBeForgotten(mine, server.Options.MaxTokensPerPlatform);
        var wasKicked = mine.IsKicked;
        var outcome = await server.SubmitAsync(command, Session);
        model.Threats[user]--;
        server.Judge(command, outcome, [.. mine.MayBeKicked ? [Excuse.Any(Refusal.KickedToken)] : Array.Empty<Excuse>(), .. mayBeForgotten ? [Excuse.Any(Refusal.UnknownToken)] : Array.Empty<Excuse>()]);
        if (outcome.Refusal == Refusal.KickedToken) mine.IsKicked = true;
        if (outcome.IsAccepted)
        {
            model.Check(!wasKicked, 1, () => $"{user} opened a session with a revoked token");
            _facts.OpenedAt = outcome.Time;
            return Refusal.None;
        }

        _isLeft = _facts.IsCutOff = true;
        Session.Outbox.Close();
        await reading;
        return outcome.Refusal;
    }

    public async Task LeaveAsync(Server from, UserNumber by)
    {
        var outcome = await from.SubmitAsync(new CloseSession(user.App, Actor.Of(by)), Session);
        from.Judge(new CloseSession(user.App, Actor.Of(by)), outcome);
        if (outcome.IsAccepted) _facts.ClosedAt = outcome.Time;
        else _facts.IsCutOff = true;
        while (Session.Outbox.TryTake(out var item)) Take(item!);
        // Nobody was told what the log failed to take, and the next start may find it there.
        _facts.IsCutOff |= Session.Outbox.IsClosed || from.Sequencer.IsReadOnly;
        if (outcome.IsAccepted) AssertAnswered();
        _isLeft = true;
        Session.Outbox.Close();
    }

    /// <summary>When all is quiet or the session was closed, whoever asked has an answer.</summary>
    public void AssertAnswered()
    {
        if (Session.Outbox.IsClosed) return;
        model.Check(_asked.Count == 0, 0, () => $"{_asked.Count} sends of {user} got no answer");
    }

    async Task TakeAsync()
    {
        while (!Session.Outbox.IsClosed)
        {
            await Session.Outbox.WaitAsync();
            for (var i = 0; i < _pause; i++) await server.Scheduler.YieldAsync();
            while (Session.Outbox.TryTake(out var item)) Take(item!);
        }

        if (_isLeft) return;
        // Not closed by its owner.
        _facts.IsCutOff = true;
        if (Session.Outbox.HasOverflowed) model.Reached.Add(Tally.Overflow);
        else model.Check(server.MayFailToWrite, 0, () => $"a session of {user} was closed without a reason");
    }

    void Take(Outgoing item)
    {
        switch (item)
        {
            case PendingSend pending:
                _asked.Remove(pending);
                server.Scheduler.Note(pending.Outcome.GetHashCode());
                server.Journal?.Add($"{server.Scheduler.Steps,7} {user} got the answer {pending.Outcome} to {pending.Attempt.Name}");
                answered(server, pending, pending.Outcome);
                if (pending.Outcome.IsAccepted && !_isKicked) _facts.Answers.Add((_facts.Delivered.Count, pending.Outcome.Position));
                break;
            case MessageDelivery { Position: > 0 } delivery:
                server.Scheduler.Note(delivery.Position);
                server.Journal?.Add($"{server.Scheduler.Steps,7} {user} was told {delivery.Position}");
                Told(delivery.Position);
                var shown = ShownMessages.Of(user.App, delivery);
                model.Show(shown, user);
                _facts.Delivered.Add(shown);
                break;
            case NoticeDelivery { Position: > 0 } notice:
                Told(notice.Position);
                if (notice.Sequence > 0) _facts.Notices.Add((notice.Position, notice.Sequence));
                break;
            case KickedDelivery:
                model.Check(model.Tokens[token].MayBeKicked, 1, () => $"{user} was kicked without a reason");
                model.Tokens[token].IsKicked = true;
                _facts.IsCutOff = _isKicked = true;
                model.Reached.Add(Tally.Kick);
                break;
        }
    }

    /// <summary>What is delivered comes in the order of the log.</summary>
    void Told(long position)
    {
        model.Check(!_isKicked, 6, () => $"{user} was kicked and told {position} after it");
        model.Check(position >= _told, 6, () => $"{user} was told {position} after {_told}");
        _told = position;
    }
}
