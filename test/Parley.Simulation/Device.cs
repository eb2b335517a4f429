using System.Text;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Simulation;

/// <summary>A client: does as people do, repeats what it does not know the end of, and tells the model all it tries and sees.</summary>
sealed class Device(UserName user, int platform, Cast cast, Model model, Office office)
{
    /// <summary>Attempts without an answer, over all starts of the server.</summary>
    readonly List<SendAttempt> _unknown = [];
    readonly List<SendAttempt> _sent = [];
    // By the device's own clock, which is the server's; 0 for what does not say when it was made. A repeat says the same as the first.
    readonly Dictionary<SendName, long> _made = [];
    readonly GroupErrands _groups = new(user, cast, model);
    readonly OwnErrands _own = new(user, cast, model);
    readonly MessageErrands _messages = new(user, cast, model);
    readonly List<ListCopy> _lists = [.. ListCopy.Of(user, () => new(model.Numbers[user]))];
    TokenKey? _asked;
    TokenKey? _token;
    Connection? _connection;

    public async Task LiveAsync(Server server, int operations)
    {
        _connection = null;
        if (!await office.RegisterAsync(server, user)) return;
        foreach (var attempt in _unknown.ToArray())
            if (cast.Chance(80)) await SendAsync(server, attempt.Name, attempt.Body);
        for (var i = 0; i < operations; i++)
        {
            switch (cast.Random.Next(100))
            {
                case < 38: await SendNextAsync(server); break;
                case < 44: await MoveMarkAsync(server); break;
                case < 57: await ConnectOrLeaveAsync(server); break;
                case < 69: await LookAsync(server); break;
                case < 81: await _groups.RunAsync(server); break;
                case < 90: await DoOwnAsync(server); break;
                case < 94: await SyncListsAsync(server); break;
                case < 96: await office.RegisterMoreAsync(server, user); break;
                case < 98: await office.RevokeAsync(server, Someone(), cast.NewPlatform()); break;
                default: await ShowDigestAsync(server); break;
            }
        }
    }

    UserNumber Number => new(model.Numbers[user]);

    UserName Someone() => cast.OneOf(cast.Users) is var other && other.App == user.App ? other : user;

    /// <summary>Somebody, or a group.</summary>
    (Recipient To, GroupPlan? Group) NewRecipient()
        => cast.Chance(45) && _groups.Pick() is { } group ? (Recipient.Group(group.Id), group) : (Recipient.User(Someone().Id), null);

    Task SendNextAsync(Server server)
    {
        if (_sent.Count > 0 && cast.Chance(15))
        {
            // Once more, just so; or, now and then, something else under the same name.
            var earlier = cast.OneOf(_sent);
            return SendAsync(server, earlier.Name, cast.Chance(70) ? earlier.Body : cast.NewBody());
        }

        return cast.Chance(4)
            ? SendTransientAsync(server)
            : SendAsync(server, new SendName(user, NewRecipient().To, cast.NewClientId()), cast.NewBody());
    }

    async Task SendAsync(Server server, SendName name, string body)
    {
        var attempt = model.Try(name, body);
        _sent.Add(attempt);
        _unknown.Add(attempt);
        var traits = name.IsWithheld ? MessageTraits.NotToSender : MessageTraits.None;
        var isRepeat = _made.TryGetValue(name, out var made);
        if (!isRepeat) _made[name] = made = cast.Chance(30) ? 0 : server.Scheduler.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var command = new SendMessage(user.App, Actor.Of(Number), MessageOf(name.ClientId, body, traits) with { CreatedAt = made }, name.To, AllowSelf: true);
        if (server.IsForgotten(name)) model.Reached.Add(Tally.LateRepeat);
        Excuse[] excuses = model.IsKept(name) ? [] : Closed(name.To);
        // Deleted while the log was searched for it: if that was an erasure, it is a new message, and nobody can say so yet.
        if (isRepeat) excuses = [.. excuses, Excuse.Any(Refusal.OutcomeUnknown)];
        var pending = new PendingSend(command, attempt, excuses, _connection is { IsOpen: true } open && cast.Chance(50) ? open.Session.Outbox : null);
        if (pending.HasOutbox)
        {
            _connection!.Asked(pending);
            await server.Sequencer.PostAsync(pending, CancellationToken.None);
        }
        else
        {
            Answered(server, pending, await server.SubmitAsync(command));
        }
    }

    /// <summary>What keeps a message from being sent.</summary>
    Excuse[] Closed(Recipient to)
    {
        if (to.Kind == ConversationKind.Group)
        {
            var group = cast.Groups.Find(plan => plan.App == user.App && plan.Id == to.Id)!;
            return [.. _groups.Ended(group), Excuse.When(Refusal.NotAMember, model.Registers.Member(group, user), ""), .. _messages.Muted(group)];
        }

        var receiver = new UserName(user.App, to.Id);
        if (receiver == user) return [];
        Excuse[] unknown = model.IsKnown(receiver) ? [] : [Excuse.Any(Refusal.UnknownUser)];
        return [.. unknown, Excuse.When(Refusal.Blocked, model.Registers.Block(receiver, user), Registers.Yes),
            Excuse.When(Refusal.ReceiverDeclines, model.Registers.Receive(receiver), nameof(ReceiveOption.Refuse))];
    }

    void Answered(Server server, PendingSend pending, Outcome outcome)
    {
        var isRepeat = model.Sends[pending.Attempt.Name].Attempts.Exists(attempt => attempt != pending.Attempt && attempt.Fate != Fate.Refused);
        model.Answered(pending.Attempt, outcome);
        server.Judge(pending.Command, outcome, [.. pending.Excuses, Excuse.Any(Refusal.MessageIdReused)], isRepeat);
        if (outcome.Refusal is Refusal.OutcomeUnknown) return;
        if (outcome.IsAccepted || outcome.Refusal == Refusal.MessageIdReused)
            _unknown.RemoveAll(attempt => attempt.Name == pending.Attempt.Name && attempt.Body == pending.Attempt.Body);
        else _unknown.Remove(pending.Attempt);
    }

    async Task SendTransientAsync(Server server)
    {
        var to = NewRecipient().To;
        var command = new SendMessage(user.App, Actor.Of(Number), MessageOf("transient", cast.NewBody(), MessageTraits.Transient), to, AllowSelf: true);
        var excuses = Closed(to);
        server.Judge(command, await server.SubmitAsync(command), excuses);
    }

    Message MessageOf(string clientId, string body, MessageTraits traits)
        => new(Number, clientId, ContentKind.Text, Encoding.UTF8.GetBytes(body), CreatedAt: 1, platform)
        {
            Traits = traits,
            Mentions = cast.Chance(85) ? [] : cast.Chance(30) ? [Message.Everyone] : [cast.OneOf(cast.RegularsOf(user.App)).Id],
        };

    async Task MoveMarkAsync(Server server)
    {
        var to = NewRecipient().To;
        if (await FindAsync(server, to) is not { } key) return;
        var kind = cast.Chance(70) ? MarkKind.Read : MarkKind.Minimum;
        var name = new MarkName(user, to, kind);
        var last = model.LastOf(user, to);
        var sequence = 1 + cast.Random.NextInt64(last + 3);
        var facts = model.MarkOf(name);
        facts.Ceiling = Math.Max(facts.Ceiling, sequence);
        var command = new MoveMark(user.App, Actor.Of(Number), Number, key, kind, sequence);
        if (!server.Judge(command, await server.SubmitAsync(command), last == 0 ? [Excuse.Any(Refusal.UnknownConversation)] : [])) return;
        facts.Floor = Math.Max(facts.Floor, Math.Min(sequence, kind == MarkKind.Read ? last : last + 1));
    }

    async Task ConnectOrLeaveAsync(Server server)
    {
        if (_connection is { } present)
        {
            _connection = null;
            await present.LeaveAsync(server, Number);
            return;
        }

        if (_token is null)
        {
            _asked ??= cast.NewTokenKey();
            var issued = await office.IssueAsync(server, user, platform, _asked.Value);
            if (issued == Refusal.None) _token = _asked;
            if (issued != Refusal.OutcomeUnknown) _asked = null;
        }

        if (_token is not { } token) return;
        var connection = new Connection(user, Number, platform, token, cast, model, server, Answered);
        var refusal = await connection.OpenAsync();
        if (refusal == Refusal.None) _connection = connection;
        else if (refusal is Refusal.KickedToken or Refusal.UnknownToken) _token = null;
    }

    Task LookAsync(Server server)
    {
        var (to, group) = NewRecipient();
        return group is null && !model.IsKnown(new UserName(user.App, to.Id)) ? Task.CompletedTask : _messages.RunAsync(server, to, group);
    }

    async Task DoOwnAsync(Server server)
    {
        // Among few, so that they answer each other.
        var other = cast.OneOf(cast.RegularsOf(user.App));
        if (!model.IsKnown(other)) other = user;
        await _own.RunAsync(server, other, await FindAsync(server, Recipient.User(other.Id)));
    }

    async Task SyncListsAsync(Server server)
    {
        if (_lists.Count < 6 && _groups.Pick() is { } group) _lists.Add(ListCopy.Of(group));
        foreach (var list in _lists) await list.SyncAsync(server, model);
    }

    /// <returns>Null when there is no such user or group.</returns>
    async Task<ConversationKey?> FindAsync(Server server, Recipient to)
    {
        if (to.Kind == ConversationKind.Peer) return model.Numbers.TryGetValue(new UserName(user.App, to.Id), out var peer) ? ConversationKey.Peer(Number, new UserNumber(peer)) : null;
        return await server.Sequencer.QueryAsync((state, _) => state.App(user.App).Groups.TryFind(to.Id, out var group) ? ConversationKey.Of(group) : (ConversationKey?)null);
    }

    async Task ShowDigestAsync(Server server)
    {
        var (position, digest) = await server.Sequencer.QueryAsync((state, _) => (state.Position, StateDigest.Of(state)));
        model.ShowDigest(position, digest);
    }
}
