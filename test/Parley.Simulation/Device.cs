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
                case < 50: await SendNextAsync(server); break;
                case < 60: await MoveMarkAsync(server); break;
                case < 75: await ConnectOrLeaveAsync(server); break;
                case < 90: await LookAsync(server); break;
                case < 93: await office.RegisterMoreAsync(server, user); break;
                case < 95: await office.RevokeAsync(server, Someone(), cast.NewPlatform()); break;
                default: await ShowDigestAsync(server); break;
            }
        }
    }

    UserNumber Number => new(model.Numbers[user]);

    UserName Someone() => cast.OneOf(cast.Users) is var other && other.App == user.App ? other : user;

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
            : SendAsync(server, new SendName(user, Someone().Id, cast.NewClientId()), cast.NewBody());
    }

    async Task SendAsync(Server server, SendName name, string body)
    {
        var attempt = model.Try(name, body);
        _sent.Add(attempt);
        _unknown.Add(attempt);
        var traits = name.IsWithheld ? MessageTraits.NotToSender : MessageTraits.None;
        var command = new SendMessage(user.App, Actor.Of(Number), MessageOf(name.ClientId, body, traits), name.ReceiverId, AllowSelf: true);
        var isReceiverKnown = model.IsKnown(new UserName(user.App, name.ReceiverId));
        var pending = new PendingSend(command, attempt, isReceiverKnown, _connection is { IsOpen: true } open && cast.Chance(50) ? open.Session.Outbox : null);
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

    void Answered(Server server, PendingSend pending, Outcome outcome)
    {
        server.Judge(pending.Command, outcome, pending.IsReceiverKnown ? Refusal.MessageIdReused : Refusal.UnknownUser, Refusal.MessageIdReused);
        model.Answered(pending.Attempt, outcome);
        if (outcome.Refusal is Refusal.OutcomeUnknown) return;
        if (outcome.IsAccepted || outcome.Refusal == Refusal.MessageIdReused)
            _unknown.RemoveAll(attempt => attempt.Name == pending.Attempt.Name && attempt.Body == pending.Attempt.Body);
        else _unknown.Remove(pending.Attempt);
    }

    async Task SendTransientAsync(Server server)
    {
        var command = new SendMessage(user.App, Actor.Of(Number), MessageOf("transient", cast.NewBody(), MessageTraits.Transient), Someone().Id, AllowSelf: true);
        server.Judge(command, await server.SubmitAsync(command), Refusal.UnknownUser);
    }

    Message MessageOf(string clientId, string body, MessageTraits traits)
        => new(Number, clientId, ContentKind.Text, Encoding.UTF8.GetBytes(body), CreatedAt: 1, platform) { Traits = traits };

    async Task MoveMarkAsync(Server server)
    {
        var peer = Someone();
        if (!model.IsKnown(peer)) return;
        var kind = cast.Chance(70) ? MarkKind.Read : MarkKind.Minimum;
        var name = new MarkName(user, peer.Id, kind);
        var last = model.LastOf(PairName.Of(user.App, user.Id, peer.Id));
        var sequence = 1 + cast.Random.NextInt64(last + 3);
        var facts = model.MarkOf(name);
        facts.Ceiling = Math.Max(facts.Ceiling, sequence);
        var command = new MoveMark(user.App, Actor.Of(Number), Number, ConversationKey.Peer(Number, new UserNumber(model.Numbers[peer])), kind, sequence);
        if (!server.Judge(command, await server.SubmitAsync(command), last == 0 ? Refusal.UnknownConversation : Refusal.None)) return;
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

    /// <summary>Looks at a conversation and reads a page of it.</summary>
    async Task LookAsync(Server server)
    {
        var peer = Someone();
        if (!model.IsKnown(peer)) return;
        var floor = model.FloorOf(user, peer.Id);
        var key = ConversationKey.Peer(Number, new UserNumber(model.Numbers[peer]));
        var (isThere, view) = await server.Sequencer.QueryAsync((state, _) => (state.App(user.App).Conversations.TryView(key, Number, out var found), found));
        model.Check(isThere || floor.Last == 0, 4, () => $"{user} and {peer} have no conversation; it was shown up to {floor.Last}");
        if (!isThere) return;

        model.ShowView(user, peer.Id, view, floor);
        var from = 1 + cast.Random.NextInt64(view.Last);
        var (to, count) = (from + cast.Random.Next(20), 1 + cast.Random.Next(12));
        var page = server.Messages.Read(user.App, view, from, to, count);
        var first = Math.Max(from, view.Minimum);
        var due = Math.Clamp(Math.Min(to, view.Last) - first + 1, 0, count);
        model.Check(page.Count == due, 2, () => $"{user} read {page.Count} of {from}..{to} with {view}");
        foreach (var message in page)
        {
            model.Check(message.Sequence == first++, 2, () => $"{user} read {message} where {first - 1} should be");
            var isOwn = message.Message.Sender == Number;
            var name = new SendName(isOwn ? user : peer, isOwn ? peer.Id : user.Id, message.Message.ClientId);
            model.Show(new ShownMessage(name, Encoding.UTF8.GetString(message.Message.Body.Span), message.Position, message.Sequence, message.Time));
        }
    }

    async Task ShowDigestAsync(Server server)
    {
        var (position, digest) = await server.Sequencer.QueryAsync((state, _) => (state.Position, StateDigest.Of(state)));
        model.ShowDigest(position, digest);
    }
}
