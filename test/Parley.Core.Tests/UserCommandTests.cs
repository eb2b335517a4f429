using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using Parley.Core.Users;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>Profiles and small values, and who is told of them.</summary>
public sealed class UserCommandTests
{
    static Task<UserProfile> ProfileAsync(RunningCore core, UserNumber user) => core.Sequencer.QueryAsync((state, _) => state.App(0).Users.Profile(user)).AsTask();

    static async Task<Refusal> SetAsync(RunningCore core, string user, UserValueSpace space, string key, string? value, string extra = "")
        => (await core.Sequencer.SubmitAsync(new SetUserValue(0, Actor.Operator, user, space, key, value, extra))).Refusal;

    static async Task<string[]> ValuesAsync(RunningCore core, UserNumber user, UserValueSpace space)
        => await core.Sequencer.QueryAsync((state, _) => state.App(0).Values.Of(user, space).Select(value => $"{value.Key}={value.Value}{value.Extra}").ToArray());

    [Fact]
    public async Task A_profile_changes_in_the_parts_that_are_named()
    {
        await using var core = await StartAsync();
        await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", null, "http://face", "extra", null));
        await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", "Alicia", "", null, ReceiveOption.Silent));
        var profile = await ProfileAsync(core, Alice);
        Assert.Equal(("Alicia", "", "extra", ReceiveOption.Silent), (profile.Nickname, profile.FaceUrl, profile.Extra, profile.Receive));
    }

    [Fact]
    public async Task What_is_so_already_makes_no_record()
    {
        await using var core = await StartAsync();
        await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", "Alicia", null, null, ReceiveOption.Silent));
        var before = core.Log.CommittedPosition;
        Assert.Equal(Refusal.None, (await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", "Alicia", "", null, ReceiveOption.Silent))).Refusal);
        Assert.Equal(Refusal.None, (await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", null, null, null, null))).Refusal);
        Assert.Equal(before, core.Log.CommittedPosition);
    }

    [Fact]
    public async Task Own_devices_and_those_who_have_the_user_as_a_friend_hear_of_a_new_name()
    {
        await using var core = await StartAsync();
        await core.SubmitAsync(new ImportFriends(0, Actor.Operator, "alice", ["bob"]));
        // Alice has nobody, but is still on bob's list.
        await core.SubmitAsync(new DeleteFriend(0, Actor.Of(Alice), "alice", "bob"));
        var sessions = new[] { await core.ConnectAsync("alice"), await core.ConnectAsync("bob"), await core.ConnectAsync("carol") };
        foreach (var (session, _) in sessions) TakeAll(session);
        await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", "Alicia", null, null, null));
        Assert.Equal([new ProfileNotice("alice")], TakeAll(sessions[0].Session).Select(NoticeOf));
        Assert.Equal(["ProfileChanged alice bob"], TakeAll(sessions[1].Session).Select(Say));
        Assert.Empty(TakeAll(sessions[2].Session));

        await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", null, null, null, ReceiveOption.Refuse));
        Assert.Single(TakeAll(sessions[0].Session));
        Assert.Empty(TakeAll(sessions[1].Session));
    }

    [Fact]
    public async Task More_lists_than_one_record_takes_get_further_records()
    {
        const int Friends = 2_300;
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxUsersPerCommand = 500 });
        var ids = Enumerable.Range(0, Friends).Select(i => $"user{i}").ToArray();
        foreach (var some in ids.Chunk(500))
        {
            Assert.True((await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [.. some.Select(id => new NewUser(id, id))]))).IsAccepted);
            Assert.Equal(Refusal.None, (await core.SubmitAsync(new ImportFriends(0, Actor.Operator, "alice", some))).Refusal);
        }

        var (session, _) = await core.ConnectAsync("alice");
        TakeAll(session);
        var before = core.Log.CommittedPosition;
        Assert.Equal(Refusal.None, (await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", "Alicia", null, null, null))).Refusal);
        Assert.Equal(before + 3, core.Log.CommittedPosition);
        Assert.Single(TakeAll(session));
        Assert.All(await core.Sequencer.QueryAsync((state, _) => state.App(0).Contacts.FriendNumbersOf(Alice).Select(state.App(0).Contacts.FriendsVersion).ToArray()),
            version => Assert.Equal(2, version));
    }

    [Fact]
    public async Task Values_are_kept_by_space_and_key_until_they_are_removed()
    {
        var core = await StartAsync();
        await SetAsync(core, "alice", UserValueSpace.Command, "b", "2", "x");
        await SetAsync(core, "alice", UserValueSpace.Command, "a", "1");
        await SetAsync(core, "alice", UserValueSpace.PushToken, "a", "token");
        await SetAsync(core, "bob", UserValueSpace.Command, "a", "of bob");
        await SetAsync(core, "", UserValueSpace.ClientSetting, "a", "of everyone");
        await SetAsync(core, "alice", UserValueSpace.Command, "b", "3");
        Assert.Equal(["a=1", "b=3"], await ValuesAsync(core, Alice, UserValueSpace.Command));
        await SetAsync(core, "alice", UserValueSpace.Command, "a", null);
        Assert.Equal(Refusal.None, await SetAsync(core, "alice", UserValueSpace.Command, "a", null));
        await core.DisposeAsync();

        await using var again = await StartAsync(disk: core.Disk);
        Assert.Equal(["b=3"], await ValuesAsync(again, Alice, UserValueSpace.Command));
        Assert.Equal(["a=token"], await ValuesAsync(again, Alice, UserValueSpace.PushToken));
        Assert.Equal(["a=of bob"], await ValuesAsync(again, Bob, UserValueSpace.Command));
        Assert.Equal(["a=of everyone"], await ValuesAsync(again, UserNumber.Administration, UserValueSpace.ClientSetting));
        Assert.Empty(await ValuesAsync(again, Alice, UserValueSpace.ClientSetting));
    }

    [Fact]
    public async Task A_value_keeps_the_time_of_its_first_writing()
    {
        await using var core = await StartAsync();
        var first = await core.Sequencer.SubmitAsync(new SetUserValue(0, Actor.Of(Alice), "alice", UserValueSpace.Command, "k", "1"));
        await SetAsync(core, "alice", UserValueSpace.Command, "k", "2");
        Assert.Equal(first.Time, await core.Sequencer.QueryAsync((state, _) => state.App(0).Values.TryFind(Alice, UserValueSpace.Command, "k", out var value) ? value!.CreatedAt : 0));
    }

    [Fact]
    public async Task Values_are_bounded_in_number_and_size()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxValuesPerUser = 2, MaxProfileTextBytes = 64 });
        Assert.Equal(Refusal.InvalidId, await SetAsync(core, "alice", UserValueSpace.Command, "", "v"));
        Assert.Equal(Refusal.InvalidId, await SetAsync(core, "alice", UserValueSpace.Command, new string('k', 257), "v"));
        Assert.Equal(Refusal.TooLarge, await SetAsync(core, "alice", UserValueSpace.Command, "k", new string('v', 257)));
        Assert.Equal(Refusal.TooLarge, await SetAsync(core, "alice", UserValueSpace.Command, "k", "v", new string('e', 65)));
        Assert.Equal(Refusal.NotAllowed, await SetAsync(core, "alice", UserValueSpace.None, "k", "v"));
        Assert.Equal(Refusal.NotAllowed, await SetAsync(core, "alice", (UserValueSpace)200, "k", "v"));
        Assert.Equal(Refusal.None, await SetAsync(core, "alice", UserValueSpace.Command, new string('k', 256), new string('v', 256)));
        Assert.Equal(Refusal.None, await SetAsync(core, "alice", UserValueSpace.Badge, "app", "1"));
        Assert.Equal(Refusal.TooMany, await SetAsync(core, "alice", UserValueSpace.Badge, "other", "1"));
        Assert.Equal(Refusal.None, await SetAsync(core, "alice", UserValueSpace.Badge, "app", "2"));
    }

    [Fact]
    public async Task A_profile_is_bounded_and_a_level_is_one_that_exists()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxProfileTextBytes = 64 });
        Assert.Equal(Refusal.TooLarge, (await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", new string('n', 65), null, null, null))).Refusal);
        Assert.Equal(Refusal.TooLarge, (await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", null, new string('ü', 33), null, null))).Refusal);
        Assert.Equal(Refusal.NotAllowed, (await core.SubmitAsync(new ChangeProfile(0, Actor.Of(Alice), "alice", null, null, null, (ReceiveOption)9))).Refusal);
        Assert.Equal(Refusal.NotAllowed, (await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new NewUser("x", "") { Level = (UserLevel)9 }]))).Refusal);
        Assert.True((await core.Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new NewUser("news", "") { Level = UserLevel.Notification }]))).IsAccepted);
        Assert.Equal(UserLevel.Notification, (await ProfileAsync(core, new UserNumber(4))).Level);
    }

    static Notice NoticeOf(Outgoing item) => ((NoticeDelivery)item).Notice;

    static string Say(Outgoing item) => NoticeOf(item) is ContactNotice notice ? $"{notice.Event} {notice.FromId} {notice.ToId}" : item.GetType().Name;
}
