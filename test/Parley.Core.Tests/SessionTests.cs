using Parley.Core.Commands;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

public sealed class SessionTests
{
    [Theory]
    [InlineData(LoginPolicy.All, 1, 1, false)]
    [InlineData(LoginPolicy.OnePerPlatform, 1, 1, true)]
    [InlineData(LoginPolicy.OnePerPlatform, 1, 2, false)]
    [InlineData(LoginPolicy.OnePerClass, 1, 2, true)]
    [InlineData(LoginPolicy.OnePerClass, 3, 7, true)]
    [InlineData(LoginPolicy.OnePerClass, 8, 9, true)]
    [InlineData(LoginPolicy.OnePerClass, 1, 3, false)]
    [InlineData(LoginPolicy.OnePerClass, 5, 6, false)]
    [InlineData(LoginPolicy.ComputersAndOneOther, 3, 4, false)]
    [InlineData(LoginPolicy.ComputersAndOneOther, 3, 1, false)]
    [InlineData(LoginPolicy.ComputersAndOneOther, 1, 3, false)]
    [InlineData(LoginPolicy.ComputersAndOneOther, 1, 5, true)]
    public async Task A_login_policy_says_who_has_to_leave(LoginPolicy policy, int arriving, int present, bool leaves)
    {
        await using var core = await StartAsync(new CoreOptions { LoginPolicy = policy });
        var (old, _) = await core.ConnectAsync("alice", present);
        var (fresh, outcome) = await core.ConnectAsync("alice", arriving);
        Assert.True(outcome.IsAccepted);
        Assert.Equal(leaves, TakeAll(old).Any(item => item is KickedDelivery));
        Assert.Empty(TakeAll(fresh));
        Assert.Equal(leaves ? Refusal.KickedToken : Refusal.None, (await core.ConnectAsync("alice", present, old.Token)).Outcome.Refusal);
    }

    [Fact]
    public async Task A_second_connection_with_the_same_token_kicks_nobody()
    {
        await using var core = await StartAsync();
        var (first, _) = await core.ConnectAsync("alice");
        await core.ConnectAsync("alice", token: first.Token);
        Assert.Empty(TakeAll(first));
        Assert.Equal(2, await core.Sequencer.QueryAsync((_, sessions) => sessions.Count));
    }

    [Fact]
    public async Task A_kicked_session_gets_nothing_any_more()
    {
        await using var core = await StartAsync();
        var (old, _) = await core.ConnectAsync("alice");
        await core.ConnectAsync("alice");
        await core.SendAsync(Bob, "alice");
        Assert.IsType<KickedDelivery>(Assert.Single(TakeAll(old)));
    }

    [Fact]
    public async Task Tokens_are_judged_at_every_login()
    {
        await using var core = await StartAsync();
        var expired = await core.IssueAsync("alice", 5, DateTimeOffset.UtcNow.AddSeconds(-1));
        Assert.Equal(Refusal.ExpiredToken, (await core.ConnectAsync("alice", 5, expired)).Outcome.Refusal);
        Assert.Equal(Refusal.UnknownToken, (await core.ConnectAsync("alice", 5, new TokenKey(5))).Outcome.Refusal);
        var live = await core.IssueAsync("alice", 5);
        Assert.Equal(Refusal.NotAllowed, (await core.ConnectAsync("alice", 1, live)).Outcome.Refusal);
        Assert.Equal(Refusal.NotAllowed, (await core.ConnectAsync("bob", 5, live)).Outcome.Refusal);
        Assert.True((await core.ConnectAsync("alice", 5, live)).Outcome.IsAccepted);

        await core.Sequencer.SubmitAsync(new RevokeTokens(0, Actor.Administrator, "alice", 5));
        Assert.Equal(Refusal.KickedToken, (await core.ConnectAsync("alice", 5, live)).Outcome.Refusal);
    }

    [Fact]
    public async Task An_administrator_s_token_is_for_the_apps_it_lists()
    {
        await using var core = await StartAsync();
        Assert.Equal(Refusal.NotAllowed, await IssueAsync(core, "alice", NewKey(), [7]));
        Assert.Equal(Refusal.TooMany, await IssueAsync(core, null, NewKey(), [.. Enumerable.Range(0, IssueToken.MaxApps + 1).Select(app => (long)app)]));

        var (narrow, wide) = (NewKey(), NewKey());
        Assert.Equal((Refusal.None, Refusal.None), (await IssueAsync(core, null, narrow, [0, 7]), await IssueAsync(core, null, wide, [])));
        var alice = await core.IssueAsync("alice", 5);
        Assert.Equal((true, true, false), await NamedAsync(narrow));
        Assert.Equal((true, true, true), await NamedAsync(wide));
        Assert.Equal((true, false, false), await NamedAsync(alice));

        Task<(bool, bool, bool)> NamedAsync(TokenKey key) => core.Sequencer.QueryAsync((state, _) =>
        {
            var tokens = state.App(0).Tokens;
            Assert.True(tokens.TryFind(key, out var token));
            return (tokens.MayName(token, 0, own: 0), tokens.MayName(token, 7, own: 0), tokens.MayName(token, 8, own: 0));
        }).AsTask();
    }

    static async Task<Refusal> IssueAsync(RunningCore core, string? user, TokenKey key, IReadOnlyList<long> apps)
        => (await core.Sequencer.SubmitAsync(new IssueToken(0, Actor.Operator, user, user is null ? Platforms.Administration : 5, key, long.MaxValue) { Apps = apps })).Refusal;

    static TokenKey NewKey() => TokenKey.TryFrom(TokenKey.NewToken(), out var key) ? key : default;

    [Fact]
    public async Task Of_too_many_tokens_the_oldest_is_forgotten()
    {
        await using var core = await StartAsync(new CoreOptions { MaxTokensPerPlatform = 3 });
        var tokens = new List<TokenKey>();
        for (var i = 0; i < 5; i++) tokens.Add(await core.IssueAsync("alice", 5));
        await core.IssueAsync("alice", 1);
        var known = await core.Sequencer.QueryAsync((state, _) => tokens.Select(token => state.App(0).Tokens.TryFind(token, out TokenView _)).ToArray());
        Assert.Equal([false, false, true, true, true], known);
        Assert.Equal(4, await core.Sequencer.QueryAsync((state, _) => state.App(0).Tokens.Count));
    }

    [Fact]
    public async Task Sessions_of_a_user_are_bounded()
    {
        await using var core = await StartAsync(new CoreOptions { MaxSessionsPerUser = 2, LoginPolicy = LoginPolicy.All });
        await core.ConnectAsync("alice");
        await core.ConnectAsync("alice");
        Assert.Equal(Refusal.TooMany, (await core.ConnectAsync("alice")).Outcome.Refusal);
        Assert.True((await core.ConnectAsync("bob")).Outcome.IsAccepted);
    }

    [Fact]
    public async Task Watchers_hear_of_coming_and_going()
    {
        await using var core = await StartAsync();
        var (watcher, _) = await core.ConnectAsync("bob");
        await core.Sequencer.SubmitAsync(new AdjustSession(0, Actor.Of(Bob), null, ["alice", "nobody"], []), watcher);
        var (phone, _) = await core.ConnectAsync("alice", 1);
        await core.ConnectAsync("alice", 5);
        await core.Sequencer.SubmitAsync(new CloseSession(0, Actor.Of(Alice)), phone);
        Assert.Equal(["1", "1,5", "5"], TakeAll(watcher).Cast<PresenceDelivery>().Select(presence => string.Join(',', presence.Platforms)));

        await core.Sequencer.SubmitAsync(new AdjustSession(0, Actor.Of(Bob), null, [], ["alice"]), watcher);
        await core.ConnectAsync("alice", 2);
        Assert.Empty(TakeAll(watcher));
    }

    [Fact]
    public async Task What_one_session_may_watch_is_bounded()
    {
        await using var core = await StartAsync(new CoreOptions { MaxWatchedUsers = 1 });
        var (watcher, _) = await core.ConnectAsync("bob");
        Assert.Equal(Refusal.TooMany, (await core.Sequencer.SubmitAsync(new AdjustSession(0, Actor.Of(Bob), null, ["alice", "carol"], []), watcher)).Refusal);
        Assert.True((await core.Sequencer.SubmitAsync(new AdjustSession(0, Actor.Of(Bob), null, ["alice"], []), watcher)).IsAccepted);
        Assert.Equal(Refusal.TooMany, (await core.Sequencer.SubmitAsync(new AdjustSession(0, Actor.Of(Bob), null, ["carol"], []), watcher)).Refusal);
    }

    [Fact]
    public async Task A_slow_session_costs_the_others_nothing()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxOutboxItems = 16 });
        var (slow, _) = await core.ConnectAsync("bob", 1);
        var (quick, _) = await core.ConnectAsync("bob", 5);
        for (var i = 0; i < 20; i++)
        {
            await core.SendAsync(Alice, "bob");
            Assert.Single(TakeAll(quick));
        }

        Assert.True(slow.Outbox is { IsClosed: true, HasOverflowed: true });
    }
}
