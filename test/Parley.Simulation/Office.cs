using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Tokens;

namespace Parley.Simulation;

/// <summary>The back end that registers users and gives out tokens.</summary>
sealed class Office(Cast cast, Model model)
{
    const long Never = long.MaxValue;

    /// <summary>Sees to it that a user is registered, together with those who come with them.</summary>
    public async Task<bool> RegisterAsync(Server server, UserName user)
    {
        if (await FindAsync(server, user)) return true;
        await SubmitAsync(server, cast.Registrations.Single(registration => registration.App == user.App && registration.Ids.Contains(user.Id)), also: null);
        return await FindAsync(server, user);
    }

    /// <summary>Registers new users; now and then again some that may exist, or together with one that does.</summary>
    public Task RegisterMoreAsync(Server server, UserName by) => cast.Random.Next(4) switch
    {
        0 => SubmitAsync(server, cast.OneOf(cast.Registrations), also: null),
        1 => SubmitAsync(server, cast.NewRegistration(by.App, 1 + cast.Random.Next(2)), also: by),
        _ => SubmitAsync(server, cast.NewRegistration(by.App, 1 + cast.Random.Next(4)), also: null),
    };

    async Task SubmitAsync(Server server, Registration registration, UserName? also)
    {
        var wasKept = registration.IsKept;
        foreach (var id in registration.Ids) model.Registrations[new UserName(registration.App, id)] = registration;
        if (also is null) registration.Possible++;
        var users = registration.Ids.Append(also?.Id).OfType<string>().Select(id => new NewUser(id, Registration.NicknameOf(id))).ToArray();
        var command = new RegisterUsers(registration.App, Actor.Operator, users);
        var outcome = await server.SubmitAsync(command);
        server.Judge(command, outcome, [Excuse.Any(Refusal.UserExists)]);
        model.Check(!outcome.IsAccepted || (!wasKept && also is null), 1, () => $"{command} was accepted, and some of them existed");
        if (outcome.Refusal == Refusal.UserExists && also is null)
        {
            model.Check(registration.Possible > 1, 1, () => $"{string.Join(' ', registration.Ids)} were said to exist before they were registered");
            registration.IsKept = true;
        }

        if (outcome.IsAccepted) registration.IsKept = true;
        else if (outcome.Refusal != Refusal.OutcomeUnknown && also is null) registration.Possible--;
    }

    async Task<bool> FindAsync(Server server, UserName user)
    {
        var wasKept = model.Registrations.TryGetValue(user, out var registration) && registration.IsKept;
        var (isThere, number) = await server.Sequencer.QueryAsync((state, _) => (state.App(user.App).Users.TryFind(user.Id, out var found), found));
        model.Check(isThere || !wasKept, 1, () => $"{user} was registered and is gone");
        if (isThere) model.ShowUser(user, number.Value);
        return isThere;
    }

    /// <param name="key">The same again after an unknown outcome.</param>
    public async Task<Refusal> IssueAsync(Server server, UserName user, int platform, TokenKey key)
    {
        if (!model.Tokens.TryGetValue(key, out var facts))
            model.Tokens[key] = facts = new TokenFacts(user, platform) { MayBeKicked = model.Threats.GetValueOrDefault(user) > 0 };
        facts.Possible++;
        var mayBeForgotten = model.MayBeForgotten(facts, server.Options.MaxTokensPerPlatform);
        var command = new IssueToken(user.App, Actor.Operator, user.Id, platform, key, Never);
        var outcome = await server.SubmitAsync(command);
        server.Judge(command, outcome);
        if (outcome.IsAccepted) facts.IsKept = true;
        else if (outcome.Refusal != Refusal.OutcomeUnknown) facts.Possible--;
        // One that others have pushed out meanwhile is issued anew, whatever had become of it.
        if (outcome.IsAccepted && mayBeForgotten) facts.IsKicked = false;
        return outcome.Refusal;
    }

    public async Task RevokeAsync(Server server, UserName user, int platform)
    {
        if (!model.IsKnown(user)) return;
        var meant = model.Tokens.Values.Where(token => token.User == user && token.Platform == platform && token.IsKept).ToArray();
        model.Threaten(user, token => token.Platform == platform);
        var command = new RevokeTokens(user.App, Actor.Administrator, user.Id, platform);
        var outcome = await server.SubmitAsync(command);
        model.Threats[user]--;
        if (!server.Judge(command, outcome)) return;
        foreach (var token in meant) token.IsKicked = true;
    }
}
