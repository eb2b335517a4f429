using Parley.Core.Conversations;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>What texts of conversations mean, from the side of who says them.</summary>
public sealed class ConversationIdTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task A_pair_is_read_by_the_two_and_nobody_else()
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync("alice"), await _edge.NewUserAsync("bob"), await _edge.NewUserAsync("carol"));
        Assert.Equal(bob, await PeerAsync(alice, $"si_{alice}_{bob}"));
        Assert.Equal(alice, await PeerAsync(bob, $"si_{alice}_{bob}"));
        Assert.Equal(alice, await PeerAsync(alice, $"si_{alice}_{alice}"));
        foreach (var text in new[] { $"si_{bob}_{alice}", $"sn_{alice}_{bob}", $"n_{alice}_{bob}", $"sg_{alice}_{bob}", $"si_{alice}", $"si_{alice}_", $"si__{alice}", $"si_{alice}_nobody", "si_", "", $"si_{alice}_{bob}_" })
            Assert.Null(await PeerAsync(alice, text));
        Assert.Null(await PeerAsync(carol, $"si_{alice}_{bob}"));
    }

    [Fact]
    public async Task Ids_that_hold_the_separator_are_told_apart_by_who_reads()
    {
        var unique = Guid.NewGuid().ToString("N");
        var (a, b, c, d) = ($"{unique}", $"{unique}_x", "x_zz" + unique, "zz" + unique);
        await _edge.RegisterAsync(a, b, c, d);
        // "si_U_x_zzU" is a and c as well as b and d.
        Assert.Equal($"si_{a}_{c}", $"si_{b}_{d}");
        Assert.Equal(c, await PeerAsync(a, $"si_{a}_{c}"));
        Assert.Equal(d, await PeerAsync(b, $"si_{a}_{c}"));
        Assert.Equal(a, await PeerAsync(c, $"si_{a}_{c}"));
        Assert.Equal(b, await PeerAsync(d, $"si_{a}_{c}"));
    }

    [Fact]
    public async Task A_group_is_read_by_who_is_or_was_in_it()
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var id = await GroupAsync(alice, bob);
        Assert.Equal(0, (await _edge.CallAsync("/group/quit_group", new { groupID = id }, await _edge.TokenAsync(bob))).Code);
        Assert.True(await CanReadAsync(alice, $"sg_{id}"));
        Assert.True(await CanReadAsync(bob, $"sg_{id}"));
        Assert.False(await CanReadAsync(carol, $"sg_{id}"));
        Assert.False(await CanReadAsync(alice, "sg_nothing"));
        Assert.False(await CanReadAsync(alice, $"g_{id}"));
    }

    [Fact]
    public async Task Notices_are_those_of_a_pair_of_a_group_or_ones_own()
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync("alice"), await _edge.NewUserAsync("bob"), await _edge.NewUserAsync("carol"));
        var id = await GroupAsync(alice, bob);
        await _edge.Sequencer.QueryAsync((state, sessions) =>
        {
            var app = state.App(0);
            UserNumber Number(string user) => app.Users.TryFind(user, out var number) ? number : throw new InvalidOperationException(user);
            app.Groups.TryFind(id, out var group);
            var (pair, inGroup) = (ConversationKey.Peer(Number(alice), Number(bob)), ConversationKey.Of(group));

            Assert.True(ConversationIds.TryResolveNotices(app, Number(alice), $"n_{alice}_{bob}", out var feed, out var about));
            Assert.Equal((FeedIds.Notices(pair), pair), (feed, about!.Value.Key));
            Assert.Equal($"n_{alice}_{bob}", ConversationIds.NoticesOf(about.Value));
            Assert.True(ConversationIds.TryResolveNotices(app, Number(bob), $"n_{id}", out feed, out about));
            Assert.Equal((FeedIds.Notices(inGroup), inGroup), (feed, about!.Value.Key));
            Assert.Equal($"n_{id}", ConversationIds.NoticesOf(about.Value));
            Assert.True(ConversationIds.TryResolveNotices(app, Number(alice), $"n_{alice}_{alice}", out feed, out about));
            Assert.Equal((FeedIds.Notices(Number(alice)), null), (feed, about?.Key));
            foreach (var (reader, text) in new[] { (carol, $"n_{alice}_{bob}"), (carol, $"n_{id}"), (carol, $"n_{alice}_{alice}"), (alice, $"n_{alice}"), (alice, "n_"), (alice, $"si_{alice}_{bob}") })
                Assert.False(ConversationIds.TryResolveNotices(app, Number(reader), text, out _, out _), text);
            return sessions.Count;
        });
    }

    [Fact]
    public async Task An_account_that_speaks_for_the_system_has_conversations_of_its_own_kind()
    {
        var alice = await _edge.NewUserAsync("alice");
        var system = $"system{Guid.NewGuid():N}";
        Assert.True((await _edge.Sequencer.SubmitAsync(new Core.Commands.RegisterUsers(0, Core.Commands.Actor.Operator,
            [new Core.Commands.NewUser(system, "System") { Level = UserLevel.Notification }]))).IsAccepted);
        Assert.Equal(system, await PeerAsync(alice, $"sn_{alice}_{system}"));
        Assert.Null(await PeerAsync(alice, $"si_{alice}_{system}"));
    }

    async Task<string> GroupAsync(string owner, string member)
    {
        var made = await _edge.CallAsync("/group/create_group", new { ownerUserID = owner, memberUserIDs = new[] { member }, groupInfo = new { groupType = 2 } }, await _edge.AdministratorAsync());
        return made.Data.GetProperty("groupInfo").GetProperty("groupID").GetString()!;
    }

    ValueTask<bool> CanReadAsync(string user, string text) => _edge.Sequencer.QueryAsync((state, _)
        => state.App(0).Users.TryFind(user, out var number) && ConversationIds.TryResolve(state.App(0), number, text, out var _));

    ValueTask<string?> PeerAsync(string user, string text) => _edge.Sequencer.QueryAsync((state, _) =>
    {
        var app = state.App(0);
        app.Users.TryFind(user, out var number);
        return ConversationIds.TryResolve(app, number, text, out var key) ? app.Users.IdOf(key.PeerOf(number)) : null;
    });
}
