using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>The only place where rules live: who may do what, and what becomes of it. Changes nothing and never waits.</summary>
sealed class Decider(CoreOptions options, SessionTable sessions)
{
    const int MaxClientIdBytes = 64;
    const int MaxOriginBytes = 4 << 10;

    /// <param name="now">µs; the time the command's first record would get.</param>
    public void Decide(State state, Submission submission, long now, Decision decision)
    {
        var app = state.App(submission.Command.App);
        switch (submission.Command)
        {
            case SendMessage send: Decide(app, send, now, decision); break;
            case MoveMark move: Decide(app, move, decision); break;
            case OpenSession open: Decide(app, open, now, decision); break;
            case CloseSession: break;
            case AdjustSession adjust: Decide(adjust, submission.Session!, decision); break;
            case IssueToken issue: Decide(app, issue, now, decision); break;
            case RevokeTokens revoke: Decide(app, revoke, decision); break;
            case RegisterUsers register: Decide(app, register, decision); break;
            default: decision.Refuse(Refusal.NotAllowed); break;
        }
    }

    void Decide(AppState app, SendMessage send, long now, Decision decision)
    {
        var message = send.Message;
        if (!app.Users.Contains(message.Sender)) decision.Refuse(Refusal.UnknownUser);
        else if (!send.Actor.MayActFor(message.Sender)) decision.Refuse(Refusal.NotAllowed);
        else if (!app.Users.TryFind(send.ReceiverId, out var receiver)) decision.Refuse(Refusal.UnknownUser);
        else if (receiver == message.Sender && !send.AllowSelf) decision.Refuse(Refusal.ToSelf);
        else if (message.Body.IsEmpty) decision.Refuse(Refusal.EmptyMessage);
        else if (message.ClientId.Length == 0 || Encoding.UTF8.GetByteCount(message.ClientId) > MaxClientIdBytes) decision.Refuse(Refusal.InvalidId);
        else if (message.Size > options.MaxMessageBytes || message.Origin.Length > MaxOriginBytes) decision.Refuse(Refusal.TooLarge);
        else Send(app, send, receiver, now, decision);
    }

    static void Send(AppState app, SendMessage send, UserNumber receiver, long now, Decision decision)
    {
        var message = send.Message;
        var conversation = ConversationKey.Peer(message.Sender, receiver);
        if (message.Traits.HasFlag(MessageTraits.Transient))
        {
            decision.Transient = new MessageDelivery(message, conversation, 0, 0, now, app.Users.IdOf(message.Sender), app.Users.IdOf(receiver), send.Trace);
            return;
        }

        if (app.Remembered.TryFind(MessageName.Of(message, conversation), now, out var first))
        {
            if (first.Fingerprint != RememberedMessages.FingerprintOf(message)) decision.Refuse(Refusal.MessageIdReused);
            else decision.Repeat(new Outcome(Refusal.None, first.Position, first.Sequence, first.Time));
            return;
        }

        var record = new MessageSent(message);
        if (receiver == message.Sender) decision.Append(record, conversation.Feed, FeedIds.Inbox(receiver));
        else decision.Append(record, conversation.Feed, FeedIds.Inbox(message.Sender), FeedIds.Inbox(receiver));
    }

    static void Decide(AppState app, MoveMark move, Decision decision)
    {
        if (!move.Actor.MayActFor(move.User)) decision.Refuse(Refusal.NotAllowed);
        else if (!app.Users.Contains(move.User)) decision.Refuse(Refusal.UnknownUser);
        else if (!app.Conversations.TryView(move.Conversation, move.User, out var view)) decision.Refuse(Refusal.UnknownConversation);
        else
        {
            var (current, largest) = move.Kind == MarkKind.Read ? (view.Read, view.Last) : (view.Minimum, view.Last + 1);
            var sequence = Math.Min(move.Sequence, largest);
            if (sequence > current) decision.Marks.Add(new MovedMark(move.User, move.Conversation, move.Kind, sequence));
        }
    }

    void Decide(AppState app, OpenSession open, long now, Decision decision)
    {
        if (!app.Tokens.TryFind(open.Token, out var token)) decision.Refuse(Refusal.UnknownToken);
        else if (token.State == TokenState.Kicked) decision.Refuse(Refusal.KickedToken);
        else if (token.ExpiresAt <= now) decision.Refuse(Refusal.ExpiredToken);
        else if (token.User == UserNumber.Administration || open.Actor != Actor.Of(token.User) || open.Platform != token.Platform) decision.Refuse(Refusal.NotAllowed);
        else
        {
            var present = sessions.Of(open.App, token.User);
            var leaving = present.Where(s => s.Token != open.Token && Platforms.Excludes(options.LoginPolicy, open.Platform, s.Platform))
                .Select(s => s.Token).Distinct().ToArray();
            if (present.Length - leaving.Length >= options.MaxSessionsPerUser) decision.Refuse(Refusal.TooMany);
            else if (leaving.Length > 0) decision.Append(new TokensRevoked(leaving, Forgotten: false));
        }
    }

    void Decide(AdjustSession adjust, Session session, Decision decision)
    {
        if (adjust.Actor != Actor.Of(session.User)) decision.Refuse(Refusal.NotAllowed);
        else if ((session.Watched?.Count ?? 0) + adjust.Watch.Count > options.MaxWatchedUsers) decision.Refuse(Refusal.TooMany);
    }

    void Decide(AppState app, IssueToken issue, long now, Decision decision)
    {
        var user = UserNumber.Administration;
        if (issue.UserId is null ? issue.Actor.Kind != ActorKind.Operator : !issue.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (issue.UserId is not null && !app.Users.TryFind(issue.UserId, out user)) decision.Refuse(Refusal.UnknownUser);
        else if (!Platforms.IsKnown(issue.Platform) || issue.UserId is null != (issue.Platform == Platforms.Administration)) decision.Refuse(Refusal.NotAllowed);
        else if (app.Tokens.TryFind(issue.Key, out var present))
        {
            // A repeat after an unknown outcome is answered as done; nobody else can have drawn the same 128 bits.
            if (present.User != user || present.Platform != issue.Platform) decision.Refuse(Refusal.NotAllowed);
        }
        else
        {
            var tokens = app.Tokens.Of(user).ToArray();
            var surplus = tokens.Where(t => t.ExpiresAt > now && t.Platform == issue.Platform).Skip(options.MaxTokensPerPlatform - 1);
            var forgotten = tokens.Where(t => t.ExpiresAt <= now).Concat(surplus).Select(t => t.Key).ToArray();
            if (forgotten.Length > 0) decision.Append(new TokensRevoked(forgotten, Forgotten: true));
            decision.Append(new TokenIssued(issue.Key, user, issue.Platform, issue.ExpiresAt));
        }
    }

    static void Decide(AppState app, RevokeTokens revoke, Decision decision)
    {
        if (!revoke.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (!app.Users.TryFind(revoke.UserId, out var user)) decision.Refuse(Refusal.UnknownUser);
        else
        {
            var live = app.Tokens.Of(user).Where(t => t.Platform == revoke.Platform && t.State == TokenState.Live).Select(t => t.Key).ToArray();
            if (live.Length > 0) decision.Append(new TokensRevoked(live, Forgotten: false));
        }
    }

    void Decide(AppState app, RegisterUsers register, Decision decision)
    {
        if (!register.Actor.MayManage)
        {
            decision.Refuse(Refusal.NotAllowed);
            return;
        }

        if (register.Users.Count > options.MaxUsersPerCommand || (uint)(app.Users.Count + register.Users.Count) >= UserNumber.Limit)
        {
            decision.Refuse(Refusal.TooMany);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool IsTaken(string id) => seen.Contains(id) || app.Users.TryFind(id, out _);
        foreach (var user in register.Users)
        {
            var refusal = UserIds.Judge(user.Id);
            if (refusal == Refusal.None && IsTaken(user.Id)) refusal = Refusal.UserExists;
            if (refusal == Refusal.None && UserIds.WouldBeAmbiguous(user.Id, IsTaken)) refusal = Refusal.AmbiguousId;
            if (refusal == Refusal.None && (IsTooLong(user.Nickname) || IsTooLong(user.FaceUrl) || IsTooLong(user.Extra))) refusal = Refusal.TooLarge;
            if (refusal != Refusal.None)
            {
                decision.Refuse(refusal);
                return;
            }

            seen.Add(user.Id);
            var number = new UserNumber(app.Users.NextNumber + (uint)decision.Records.Count);
            decision.Append(new UserRegistered(number, user.Id, user.Nickname, user.FaceUrl, user.Extra, user.PasswordHash));
        }
    }

    bool IsTooLong(string text) => Encoding.UTF8.GetByteCount(text) > options.MaxProfileTextBytes;
}
