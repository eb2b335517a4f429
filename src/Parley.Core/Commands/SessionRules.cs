using Parley.Core.Records;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Who gets in, and who has to leave.</summary>
sealed class SessionRules(CoreOptions options, SessionTable sessions)
{
    public void Decide(AppState app, OpenSession open, long now, Decision decision)
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

    public void Decide(AdjustSession adjust, Session session, Decision decision)
    {
        if (adjust.Actor != Actor.Of(session.User)) decision.Refuse(Refusal.NotAllowed);
        else if ((session.Watched?.Count ?? 0) + adjust.Watch.Count > options.MaxWatchedUsers) decision.Refuse(Refusal.TooMany);
    }

    public void Decide(AppState app, IssueToken issue, long now, Decision decision)
    {
        var user = UserNumber.Administration;
        if (issue.UserId is null ? issue.Actor.Kind != ActorKind.Operator : !issue.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (issue.UserId is not null && !app.Users.TryFindActive(issue.UserId, out user)) decision.Refuse(Refusal.UnknownUser);
        else if (!Platforms.IsKnown(issue.Platform) || issue.UserId is null != (issue.Platform == Platforms.Administration)) decision.Refuse(Refusal.NotAllowed);
        else if (issue.Apps.Count > 0 && issue.UserId is not null) decision.Refuse(Refusal.NotAllowed);
        else if (issue.Apps.Count > IssueToken.MaxApps) decision.Refuse(Refusal.TooMany);
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
            decision.Append(new TokenIssued(issue.Key, user, issue.Platform, issue.ExpiresAt) { Apps = issue.Apps });
        }
    }

    public static void Decide(AppState app, RevokeTokens revoke, Decision decision)
    {
        if (!revoke.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (!app.Users.TryFindActive(revoke.UserId, out var user)) decision.Refuse(Refusal.UnknownUser);
        else
        {
            var live = app.Tokens.Of(user).Where(t => t.Platform == revoke.Platform && t.State == TokenState.Live).Select(t => t.Key).ToArray();
            if (live.Length > 0) decision.Append(new TokensRevoked(live, Forgotten: false));
        }
    }
}
