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
        await SubmitAsync(server, cast.Groups.Single(group => group.App == user.App && group.Ids.Contains(user.Id)), also: null);
        return await FindAsync(server, user);
    }

    /// <summary>Registers new users; now and then again some that may exist, or together with one that does.</summary>
    public Task RegisterMoreAsync(Server server, UserName by) => cast.Random.Next(4) switch
    {
        0 => SubmitAsync(server, cast.OneOf(cast.Groups), also: null),
        1 => SubmitAsync(server, cast.NewGroup(by.App, 1 + cast.Random.Next(2)), also: by),
        _ => SubmitAsync(server, cast.NewGroup(by.App, 1 + cast.Random.Next(4)), also: null),
    };

    async Task SubmitAsync(Server server, Group group, UserName? also)
    {
        var wasKept = group.IsKept;
        foreach (var id in group.Ids) model.Groups[new UserName(group.App, id)] = group;
        if (also is null) group.Possible++;
        var users = group.Ids.Append(also?.Id).OfType<string>().Select(id => new NewUser(id, Group.NicknameOf(id))).ToArray();
        var command = new RegisterUsers(group.App, Actor.Operator, users);
        var outcome = await server.SubmitAsync(command);
        server.Judge(command, outcome, Refusal.UserExists);
        model.Check(!outcome.IsAccepted || (!wasKept && also is null), 1, () => $"{command} was accepted, and some of them existed");
        if (outcome.Refusal == Refusal.UserExists && also is null)
        {
            model.Check(group.Possible > 1, 1, () => $"{string.Join(' ', group.Ids)} were said to exist before they were registered");
            group.IsKept = true;
        }

        if (outcome.IsAccepted) group.IsKept = true;
        else if (outcome.Refusal != Refusal.OutcomeUnknown && also is null) group.Possible--;
    }

    async Task<bool> FindAsync(Server server, UserName user)
    {
        var wasKept = model.Groups.TryGetValue(user, out var group) && group.IsKept;
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
        var command = new IssueToken(user.App, Actor.Operator, user.Id, platform, key, Never);
        var outcome = await server.SubmitAsync(command);
        server.Judge(command, outcome);
        if (outcome.IsAccepted) facts.IsKept = true;
        else if (outcome.Refusal != Refusal.OutcomeUnknown) facts.Possible--;
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
