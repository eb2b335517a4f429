using Parley.Core.Commands;
using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>What contact commands do besides the lists, which <see cref="ContactsModelTests"/> compares: who is told, what is shown, what is bounded.</summary>
public sealed class ContactsTests
{
    static async Task<Refusal> DoAsync(RunningCore core, Command command) => (await core.SubmitAsync(command)).Refusal;

    /// <summary>What alice's, bob's and carol's devices are told of a command.</summary>
    static async Task<string[]> ToldAsync(RunningCore core, Command command)
    {
        Session[] sessions = [(await core.ConnectAsync("alice")).Session, (await core.ConnectAsync("bob")).Session, (await core.ConnectAsync("carol")).Session];
        foreach (var session in sessions) TakeAll(session);
        Assert.Equal(Refusal.None, await DoAsync(core, command));
        return [.. sessions.Select(session => string.Join(", ", TakeAll(session).Select(Say)))];
    }

    static string Say(Outgoing item) => item switch
    {
        NoticeDelivery { Notice: ContactNotice notice } delivery => $"{notice.Event} {notice.FromId}>{notice.ToId} {string.Join('+', notice.FriendIds)}{Say(notice.Request)} #{delivery.Sequence}",
        MessageDelivery message => $"{message.Message.Kind} {EventMessages.Read(message.Message.Body.Span)?.Event} by {message.SenderId} #{message.Sequence}",
        _ => item.GetType().Name,
    };

    static string Say(FriendRequest? request)
        => request is null ? "" : $"({request.From.Nickname}>{request.To.Nickname} {request.Message} {request.Extra} {request.Answer} {request.AnswerMessage})";

    [Fact]
    public async Task Both_sides_hear_of_a_request_and_its_answer_and_see_a_new_friendship()
    {
        await using var core = await StartAsync();
        const string Asked = "Requested alice>bob (Alice>Bob hi x Open ) #0";
        Assert.Equal([Asked, Asked, ""], await ToldAsync(core, new RequestFriend(0, Actor.Of(Alice), "alice", "bob", "hi", "x")));
        const string Accepted = "Accepted bob>alice (Alice>Bob hi x Accepted welcome) #0, Added bob>alice alice #0, Event FriendsMade by bob #1";
        Assert.Equal([Accepted, Accepted, ""], await ToldAsync(core, new AnswerFriendRequest(0, Actor.Of(Bob), "bob", "alice", true, "welcome")));

        Assert.Equal((1L, 1L, 0L, 0L), await core.Sequencer.QueryAsync((state, _) =>
        {
            var conversations = state.App(0).Conversations;
            Assert.True(conversations.TryView(ConversationKey.Peer(Alice, Bob), Alice, out var view));
            return (conversations.VersionOf(Alice), conversations.VersionOf(Bob), conversations.VersionOf(Carol), view.Unread);
        }));
    }

    [Fact]
    public async Task A_refusal_changes_no_list_and_shows_nothing()
    {
        await using var core = await StartAsync();
        await DoAsync(core, new RequestFriend(0, Actor.Of(Alice), "alice", "bob", "hi", ""));
        const string Refused = "Refused bob>alice (Alice>Bob hi  Refused no) #0";
        Assert.Equal([Refused, Refused, ""], await ToldAsync(core, new AnswerFriendRequest(0, Actor.Of(Bob), "bob", "alice", false, "no")));
        Assert.Equal(Refusal.RequestAnswered, await DoAsync(core, new AnswerFriendRequest(0, Actor.Of(Bob), "bob", "alice", true, "")));
        Assert.False(await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.TryView(ConversationKey.Peer(Alice, Bob), Alice, out var _)));
    }

    [Fact]
    public async Task A_friendship_is_shown_only_where_the_options_say_so()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, ShowsGroupEvents = false });
        await DoAsync(core, new RequestFriend(0, Actor.Of(Alice), "alice", "bob", "hi", ""));
        Assert.DoesNotContain("Event", (await ToldAsync(core, new AnswerFriendRequest(0, Actor.Of(Bob), "bob", "alice", true, "")))[0]);
    }

    [Fact]
    public async Task Only_the_owner_of_a_list_hears_that_it_changed()
    {
        await using var core = await StartAsync();
        Assert.Equal(["Added alice>bob bob+carol #0", "Added alice>bob bob #0", "Added alice>carol carol #0"],
            await ToldAsync(core, new ImportFriends(0, Actor.Operator, "alice", ["carol", "bob"])));
        Assert.Equal(["Changed alice>alice bob+carol #0", "", ""], await ToldAsync(core, new ChangeFriends(0, Actor.Of(Alice), "alice", ["bob", "carol", "bob"], null, true, null)));
        Assert.Equal(["Deleted alice>bob  #0", "", ""], await ToldAsync(core, new DeleteFriend(0, Actor.Of(Alice), "alice", "bob")));
        Assert.Equal(["Blocked alice>bob  #0", "", ""], await ToldAsync(core, new BlockUser(0, Actor.Administrator, "alice", "bob", "")));
        Assert.Equal(["Unblocked alice>bob  #0", "", ""], await ToldAsync(core, new UnblockUser(0, Actor.Of(Alice), "alice", "bob")));
    }

    [Fact]
    public async Task Nobody_hears_what_changed_nothing()
    {
        await using var core = await StartAsync();
        await DoAsync(core, new ImportFriends(0, Actor.Operator, "alice", ["bob"]));
        await DoAsync(core, new BlockUser(0, Actor.Of(Alice), "alice", "carol", ""));
        Command[] commands =
        [
            new ImportFriends(0, Actor.Operator, "alice", ["bob"]), new ImportFriends(0, Actor.Operator, "alice", []), new ChangeFriends(0, Actor.Of(Alice), "alice", ["bob"], null, null, null),
            new DeleteFriend(0, Actor.Of(Alice), "alice", "carol"), new BlockUser(0, Actor.Of(Alice), "alice", "carol", "again"), new UnblockUser(0, Actor.Of(Alice), "alice", "bob"),
        ];
        foreach (var command in commands) Assert.Equal(["", "", ""], await ToldAsync(core, command));
    }

    [Fact]
    public async Task Messages_and_requests_of_a_blocked_user_are_refused_and_a_friend_s_are_taken_where_only_friends_write()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, FriendsOnly = true });
        Assert.Equal(Refusal.NotFriends, (await core.SendAsync(Bob, "alice")).Refusal);
        await DoAsync(core, new ImportFriends(0, Actor.Operator, "alice", ["bob"]));
        Assert.Equal(Refusal.None, (await core.SendAsync(Bob, "alice")).Refusal);
        await DoAsync(core, new BlockUser(0, Actor.Of(Alice), "alice", "bob", ""));
        Assert.Equal(Refusal.Blocked, (await core.SendAsync(Bob, "alice")).Refusal);
        Assert.Equal(Refusal.None, (await core.SendAsync(Alice, "bob")).Refusal);
        await DoAsync(core, new DeleteFriend(0, Actor.Of(Alice), "alice", "bob"));
        Assert.Equal(Refusal.Blocked, await DoAsync(core, new RequestFriend(0, Actor.Of(Bob), "bob", "alice", "", "")));
        await DoAsync(core, new UnblockUser(0, Actor.Of(Alice), "alice", "bob"));
        Assert.Equal(Refusal.NotFriends, (await core.SendAsync(Bob, "alice")).Refusal);
    }

    [Fact]
    public async Task Texts_and_ids_are_bounded()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxProfileTextBytes = 64, MaxUsersPerCommand = 3 });
        var tooLong = new string('x', 65);
        await DoAsync(core, new RequestFriend(0, Actor.Of(Bob), "bob", "alice", "", ""));
        await DoAsync(core, new ImportFriends(0, Actor.Operator, "alice", ["carol"]));
        Command[] tooLarge =
        [
            new RequestFriend(0, Actor.Of(Alice), "alice", "bob", tooLong, ""), new RequestFriend(0, Actor.Of(Alice), "alice", "bob", "", tooLong),
            new AnswerFriendRequest(0, Actor.Of(Alice), "alice", "bob", true, tooLong), new ChangeFriends(0, Actor.Of(Alice), "alice", ["carol"], tooLong, null, null),
            new ChangeFriends(0, Actor.Of(Alice), "alice", ["carol"], null, null, tooLong), new BlockUser(0, Actor.Of(Alice), "alice", "bob", tooLong),
        ];
        foreach (var command in tooLarge) Assert.Equal(Refusal.TooLarge, await DoAsync(core, command));
        Assert.Equal(Refusal.TooMany, await DoAsync(core, new ImportFriends(0, Actor.Operator, "alice", ["bob", "bob", "bob", "bob"])));
        Assert.Equal(Refusal.TooMany, await DoAsync(core, new ChangeFriends(0, Actor.Of(Alice), "alice", ["carol", "carol", "carol", "carol"], "r", null, null)));
        Command[] unknown =
        [
            new RequestFriend(0, Actor.Of(Alice), "alice", "nobody", "", ""), new AnswerFriendRequest(0, Actor.Of(Alice), "alice", "nobody", true, ""),
            new DeleteFriend(0, Actor.Of(Alice), "alice", "nobody"), new ChangeFriends(0, Actor.Of(Alice), "alice", ["nobody"], "r", null, null),
            new ImportFriends(0, Actor.Operator, "alice", ["nobody"]), new BlockUser(0, Actor.Of(Alice), "alice", "nobody", ""), new UnblockUser(0, Actor.Of(Alice), "alice", "nobody"),
        ];
        foreach (var command in unknown) Assert.Equal(Refusal.UnknownUser, await DoAsync(core, command));
    }

    [Fact]
    public async Task Lists_are_read_in_parts()
    {
        await using var core = await StartAsync();
        await DoAsync(core, new RegisterUsers(0, Actor.Operator, [new("dave", "Dave"), new("erin", "Erin")]));
        await DoAsync(core, new ImportFriends(0, Actor.Operator, "alice", ["erin", "dave", "carol", "bob"]));
        await DoAsync(core, new ChangeFriends(0, Actor.Of(Alice), "alice", ["dave"], null, true, null));
        foreach (var id in new[] { "bob", "carol", "dave" }) await DoAsync(core, new BlockUser(0, Actor.Of(Alice), "alice", id, ""));
        var (friends, blocks) = await core.Sequencer.QueryAsync((state, _)
            => (state.App(0).Contacts.FriendsOf(Alice, 1, 2).Select(friend => friend.User.Id).ToArray(), state.App(0).Contacts.BlocksOf(Alice, 1, 5).Select(block => block.User.Id).ToArray()));
        Assert.Equal(["bob", "carol"], friends);
        Assert.Equal(["carol", "bob"], blocks);
    }
}
