using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Store.Feeds;
using static Parley.Core.Tests.GroupScene;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

public sealed class GroupTests
{
    [Fact]
    public async Task A_group_is_told_of_before_its_conversation_shows_it()
    {
        await using var core = await StartWithSixAsync();
        var (bob, _) = await core.ConnectAsync("bob");
        await core.DoAsync(Create(members: ["bob", "carol"], administrators: ["dave"], details: new GroupDetails { Name = "Group", Announcement = "News" }));

        var told = TakeAll(bob);
        Assert.Equal([GroupEvent.Created, GroupEvent.AnnouncementChanged], told.OfType<NoticeDelivery>().Select(delivery => ((GroupNotice)delivery.Notice).Event));
        Assert.IsType<MessageDelivery>(told[^1]);
        Assert.Equal(3, told.Count);
        var notice = (GroupNotice)((NoticeDelivery)told[0]).Notice;
        Assert.Equal(("alice", "alice", 4, 2), (notice.By!.UserId, notice.Group.OwnerId, notice.Group.MemberCount, notice.Group.MembersVersion));
        Assert.Equal(["alice", "dave", "bob", "carol"], notice.Members.Select(member => member.UserId));
        var shown = EventMessages.Read(((MessageDelivery)told[2]).Message.Body.Span)!;
        Assert.Equal(("Created", "alice", 4, "Group"), (shown.Event, shown.By!.Id, shown.MemberCount, shown.Text));
        Assert.Equal(["alice", "dave", "bob", "carol"], await core.MembersAsync());
    }

    [Fact]
    public async Task More_members_than_a_record_takes_come_with_one_notice()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxUsersPerCommand = 2_000 });
        var ids = Enumerable.Range(0, 1_200).Select(i => $"user{i:d4}").ToArray();
        foreach (var chunk in ids.Chunk(300)) await core.DoAsync(new RegisterUsers(0, Actor.Operator, [.. chunk.Select(id => new NewUser(id, id))]));
        var (first, _) = await core.ConnectAsync(ids[0]);
        var (last, _) = await core.ConnectAsync(ids[^1]);
        await core.DoAsync(Create(members: ids) with { IsShown = false });

        string[] expected = ["alice", .. ids];
        Assert.Equal(expected, await core.MembersAsync());
        Assert.Equal((1_201, 4), (await core.ViewAsync() is var view ? (view.MemberCount, view.MembersVersion) : default));
        foreach (var session in new[] { first, last })
            Assert.Equal((GroupEvent.Created, 1_201), Assert.IsType<NoticeDelivery>(Assert.Single(TakeAll(session))).Notice is GroupNotice told ? (told.Event, told.Group.MemberCount) : default);

        await core.DoAsync(new DismissGroup(0, Actor.Of(Alice), "g", RemovesMembers: true) { IsShown = false });
        Assert.Equal((0, 8), (await core.ViewAsync() is var after ? (after.MemberCount, after.MembersVersion) : default));
        Assert.Equal(GroupEvent.Dismissed, Assert.IsType<NoticeDelivery>(Assert.Single(TakeAll(first))).Notice is GroupNotice end ? end.Event : default);
    }

    [Fact]
    public async Task A_group_too_large_for_one_command_is_emptied_by_repeating_its_end()
    {
        const int size = DismissGroup.MaxLeaving + 500;
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxUsersPerCommand = size }, logOptions: new() { SegmentBytes = 4 << 20, PrepareBytes = 256 << 10, MaxBatchBytes = 2 << 20 });
        var ids = Enumerable.Range(0, size).Select(i => $"user{i:d5}").ToArray();
        foreach (var chunk in ids.Chunk(1_000)) await core.DoAsync(new RegisterUsers(0, Actor.Operator, [.. chunk.Select(id => new NewUser(id, ""))]));
        await core.DoAsync(Create());
        foreach (var chunk in ids.Chunk(1_000)) await core.DoAsync(new InviteMembers(0, Actor.Operator, "g", chunk, "") { IsShown = false });

        var dismiss = new DismissGroup(0, Actor.Of(Alice), "g", RemovesMembers: true);
        await core.DoAsync(dismiss);
        Assert.Equal(size + 1 - DismissGroup.MaxLeaving, (await core.ViewAsync()).MemberCount);
        Assert.Equal(Refusal.GroupDismissed, await core.TryAsync(dismiss with { Actor = Actor.Of(new UserNumber(4)) }));
        Assert.Equal(Refusal.GroupDismissed, await core.TryAsync(dismiss with { RemovesMembers = false }));
        await core.DoAsync(dismiss);
        Assert.Equal(0, (await core.ViewAsync()).MemberCount);
        Assert.Equal(Refusal.GroupDismissed, await core.TryAsync(dismiss));
        Assert.Equal(Refusal.GroupDismissed, await core.TryAsync(dismiss with { Actor = Actor.Operator }));
    }

    [Fact]
    public async Task What_a_group_is_made_of_is_judged()
    {
        await using var core = await StartAsync(new CoreOptions { MessageRate = 0, MaxGroupMembers = 3, MaxNormalGroupMembers = 2, MaxUsersPerCommand = 3, MaxProfileTextBytes = 64, MaxGroupsPerUser = 2 });
        Assert.Equal(Refusal.InvalidId, await core.TryAsync(Create("")));
        Assert.Equal(Refusal.InvalidId, await core.TryAsync(Create(new string('x', 65))));
        Assert.Equal(Refusal.NotAllowed, await core.TryAsync(Create(kind: GroupKind.None)));
        Assert.Equal(Refusal.UnknownUser, await core.TryAsync(Create(members: ["nobody"])));
        Assert.Equal(Refusal.UnknownUser, await core.TryAsync(Create() with { Actor = Actor.Operator, OwnerId = "nobody" }));
        Assert.Equal(Refusal.AlreadyMember, await core.TryAsync(Create(members: ["bob", "bob"])));
        Assert.Equal(Refusal.AlreadyMember, await core.TryAsync(Create(members: ["bob"], administrators: ["bob"])));
        Assert.Equal(Refusal.AlreadyMember, await core.TryAsync(Create(members: ["alice"])));
        Assert.Equal(Refusal.TooMany, await core.TryAsync(Create(members: ["bob", "carol", "x", "y"])));
        Assert.Equal(Refusal.GroupFull, await core.TryAsync(Create(members: ["bob", "carol"], kind: GroupKind.Normal)));
        Assert.Equal(Refusal.TooLarge, await core.TryAsync(Create(details: new GroupDetails { Announcement = new string('é', 33) })));
        Assert.Equal(Refusal.NotAllowed, await core.TryAsync(Create(details: new GroupDetails { JoinRule = (JoinRule)9 })));
        await core.DoAsync(Create(members: ["bob", "carol"]));
        Assert.Equal(Refusal.GroupExists, await core.TryAsync(Create()));
        await core.DoAsync(new DismissGroup(0, Actor.Of(Alice), "g", RemovesMembers: true));
        Assert.Equal(Refusal.GroupExists, await core.TryAsync(Create()));
        await core.DoAsync(Create("g2", members: ["bob"]));
        // Ended memberships count: a session that opens walks them.
        Assert.Equal(Refusal.TooMany, await core.TryAsync(Create("g3")));
        Assert.Equal(Refusal.TooMany, await core.TryAsync(Create("g3", members: ["bob"]) with { Actor = Actor.Operator, OwnerId = "carol" }));
    }

    [Fact]
    public async Task A_full_group_takes_nobody_and_a_normal_one_grows_only_as_a_super_group()
    {
        await using var core = await StartWithSixAsync(new CoreOptions { MessageRate = 0, MaxGroupMembers = 3, MaxNormalGroupMembers = 2 });
        await core.DoAsync(Create(members: ["bob"], kind: GroupKind.Normal));
        Assert.Equal(Refusal.GroupFull, await core.TryAsync(new InviteMembers(0, Actor.Of(Alice), "g", ["carol"], "")));
        await core.DoAsync(new MakeSuperGroup(0, Actor.Of(Alice), "g"));
        await core.DoAsync(new MakeSuperGroup(0, Actor.Of(Alice), "g"));
        Assert.Equal(GroupKind.Super, (await core.ViewAsync()).Kind);
        Assert.Equal(Refusal.GroupFull, await core.TryAsync(new InviteMembers(0, Actor.Of(Alice), "g", ["carol", "dave"], "")));
        await core.DoAsync(new InviteMembers(0, Actor.Of(Alice), "g", ["carol", "bob"], ""));
        Assert.Equal(["alice", "bob", "carol"], await core.MembersAsync());
        await core.DoAsync(new JoinGroup(0, Actor.Of(Dave), "g", "dave", "", "", JoinSource.Search, ""));
        Assert.Equal(Refusal.GroupFull, await core.TryAsync(new AnswerApplication(0, Actor.Of(Alice), "g", "dave", true, "")));
        Assert.Equal(Contacts.Answer.Open, await core.AskAsync(app => app.Applications.From(Dave).Single().Answer));
    }

    [Theory]
    [InlineData("a_b", "a", "b")]
    [InlineData("b_a", "a", "b")]
    [InlineData("a_a", "a", "a")]
    [InlineData("a_b_c", "a_b", "c")]
    [InlineData("a_b_c", "a", "b_c")]
    [InlineData("_a__", "_a", "_")]
    public async Task A_group_id_never_reads_as_two_users(string group, string one, string other)
    {
        await using (var core = await StartAsync())
        {
            await core.DoAsync(new RegisterUsers(0, Actor.Operator, [new(one, ""), .. one == other ? Array.Empty<NewUser>() : [new(other, "")]]));
            Assert.Equal(Refusal.AmbiguousId, await core.TryAsync(Create(group)));
        }

        await using (var core = await StartAsync())
        {
            await core.DoAsync(Create(group));
            await core.DoAsync(new RegisterUsers(0, Actor.Operator, [new("ab", ""), new("x", ""), new("x_y", "")]));
            if (one != other) await core.DoAsync(new RegisterUsers(0, Actor.Operator, [new(one, "")]));
            Assert.Equal(Refusal.AmbiguousId, await core.TryAsync(new RegisterUsers(0, Actor.Operator, [new(other, "")])));
        }
    }

    [Fact]
    public async Task Two_users_of_one_registration_complete_no_group_id_either()
    {
        await using var core = await StartAsync();
        await core.DoAsync(Create("x_y"));
        Assert.Equal(Refusal.AmbiguousId, await core.TryAsync(new RegisterUsers(0, Actor.Operator, [new("x", ""), new("y", "")])));
        await core.DoAsync(new RegisterUsers(0, Actor.Operator, [new("x", "")]));
        await core.DoAsync(Create("x_z"));
        await core.DoAsync(Create("plain"));
    }

    [Fact]
    public async Task Who_leaves_reads_no_further_and_who_comes_back_sees_what_was_missed()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create(members: ["bob", "carol"]) with { IsShown = false });
        var (bob, _) = await core.ConnectAsync("bob");
        await core.DoAsync(core.Say(Alice, "one"));
        await core.DoAsync(new RemoveMembers(0, Actor.Of(Alice), "g", ["bob", "dave"], "spam") { IsShown = false });
        await core.DoAsync(new RemoveMembers(0, Actor.Of(Alice), "g", ["bob"], "again") { IsShown = false });
        await core.DoAsync(core.Say(Alice, "two"));

        var told = TakeAll(bob);
        Assert.Equal(["one"], told.OfType<MessageDelivery>().Select(delivery => System.Text.Encoding.UTF8.GetString(delivery.Message.Body.Span)));
        var removed = Assert.IsType<GroupNotice>(Assert.Single(told.OfType<NoticeDelivery>()).Notice);
        Assert.Equal((GroupEvent.MembersRemoved, "bob", GroupRole.None, 3), (removed.Event, removed.Members.Single().UserId, removed.Members.Single().Role, removed.Group.MembersVersion));
        Assert.Equal(["one"], await TextsAsync(core, Bob));
        Assert.Equal(Refusal.NotAMember, await core.TryAsync(core.Say(Bob)));

        await core.DoAsync(new InviteMembers(0, Actor.Of(Carol), "g", ["bob"], "") { IsShown = false });
        await core.DoAsync(core.Say(Alice, "three"));
        Assert.Equal(["one", "two", "three"], await TextsAsync(core, Bob));
        Assert.Equal(["MembersInvited", "three"], TakeAll(bob).Select(item => item is NoticeDelivery notice ? ((GroupNotice)notice.Notice).Event.ToString() : "three"));
        Assert.Equal(1, await core.AskAsync(app => app.Conversations.Of(Bob).Single().Unread));
    }

    [Fact]
    public async Task Where_history_is_hidden_it_begins_with_who_comes()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create(details: new GroupDetails { ShowsHistory = false }) with { IsShown = false });
        await core.DoAsync(core.Say(Alice, "before"));
        await core.DoAsync(new InviteMembers(0, Actor.Of(Alice), "g", ["bob"], ""));
        await core.DoAsync(core.Say(Alice, "after"));
        var seen = await core.Reader.ReadAsync(0, Bob, await KeyAsync(core), 1, 100, 100);
        Assert.Equal([(2L, ContentKind.Event), (3L, ContentKind.Text)], seen.Select(message => (message.Sequence, message.Message.Kind)));
        Assert.Equal(1, await core.AskAsync(app => app.Conversations.Of(Bob).Single().Unread));

        // Coming back does not bring what was hidden the first time.
        await core.DoAsync(new QuitGroup(0, Actor.Of(Bob), "g", "bob") { IsShown = false });
        await core.DoAsync(new ChangeGroup(0, Actor.Of(Alice), "g", new GroupDetails { ShowsHistory = true }));
        await core.DoAsync(new InviteMembers(0, Actor.Of(Alice), "g", ["bob", "carol"], "") { IsShown = false });
        Assert.Equal(2, (await core.Reader.ReadAsync(0, Bob, await KeyAsync(core), 1, 100, 100)).Count);
        Assert.Equal(3, (await core.Reader.ReadAsync(0, Carol, await KeyAsync(core), 1, 100, 100)).Count);
    }

    [Fact]
    public async Task Who_quits_is_told_and_gets_no_message_that_they_could_not_read_again()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create(members: ["bob", "carol"]));
        var (bob, _) = await core.ConnectAsync("bob");
        var (carol, _) = await core.ConnectAsync("carol");
        await core.DoAsync(new QuitGroup(0, Actor.Of(Bob), "g", "bob"));
        Assert.Equal((GroupEvent.MemberQuit, "bob"), Assert.IsType<NoticeDelivery>(Assert.Single(TakeAll(bob))).Notice is GroupNotice told ? (told.Event, told.By!.UserId) : default);
        var shown = TakeAll(carol);
        Assert.Equal("MemberQuit", EventMessages.Read(((MessageDelivery)shown[1]).Message.Body.Span)!.Event);
        Assert.Equal(2, shown.Count);
        Assert.Equal(Refusal.NotAMember, await core.TryAsync(new QuitGroup(0, Actor.Of(Bob), "g", "bob")));
    }

    [Fact]
    public async Task Messages_of_a_normal_group_lie_in_the_inboxes_of_who_is_in_it_then()
    {
        await using var core = await StartWithSixAsync();
        long Inbox(Users.UserNumber user) => core.Log.Head(new FeedKey(0, FeedIds.Inbox(user))).Last;
        await core.DoAsync(Create(members: ["bob"], kind: GroupKind.Normal));
        Assert.Equal((1, 1, 0), (Inbox(Alice), Inbox(Bob), Inbox(Carol)));
        await core.DoAsync(new InviteMembers(0, Actor.Of(Bob), "g", ["carol"], ""));
        Assert.Equal((2, 2, 1), (Inbox(Alice), Inbox(Bob), Inbox(Carol)));
        await core.DoAsync(core.Say(Alice));
        Assert.Equal((3, 3, 2), (Inbox(Alice), Inbox(Bob), Inbox(Carol)));
        await core.DoAsync(new RemoveMembers(0, Actor.Of(Alice), "g", ["bob"], ""));
        Assert.Equal((4, 3, 3), (Inbox(Alice), Inbox(Bob), Inbox(Carol)));
        await core.DoAsync(new MakeSuperGroup(0, Actor.Of(Alice), "g"));
        await core.DoAsync(core.Say(Alice));
        Assert.Equal((4, 3, 3), (Inbox(Alice), Inbox(Bob), Inbox(Carol)));
        await core.DoAsync(new DismissGroup(0, Actor.Of(Alice), "g", RemovesMembers: true));
        Assert.Equal(6, await core.AskAsync(app => app.Conversations.Of(Carol).Single().Last));
    }

    [Fact]
    public async Task Each_change_of_a_group_has_its_name_and_what_is_so_already_none()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create(members: ["bob", "carol"]));
        var (carol, _) = await core.ConnectAsync("carol");
        async Task<GroupEvent[]> ToldAsync(GroupCommand command)
        {
            await core.DoAsync(command with { IsShown = false });
            return [.. TakeAll(carol).Cast<NoticeDelivery>().Select(delivery => ((GroupNotice)delivery.Notice).Event)];
        }

        var alice = Actor.Of(Alice);
        Assert.Equal([GroupEvent.NameChanged], await ToldAsync(new ChangeGroup(0, alice, "g", new GroupDetails { Name = "New" })));
        Assert.Equal([], await ToldAsync(new ChangeGroup(0, alice, "g", new GroupDetails { Name = "New", Extra = "", HidesMembers = false, JoinRule = JoinRule.ApprovalUnlessInvited })));
        Assert.Equal([GroupEvent.AnnouncementChanged, GroupEvent.DetailsChanged], await ToldAsync(new ChangeGroup(0, alice, "g", new GroupDetails { Announcement = "A", FaceUrl = "F" })));
        Assert.Equal([GroupEvent.Muted], await ToldAsync(new MuteGroup(0, alice, "g", true)));
        Assert.Equal([], await ToldAsync(new MuteGroup(0, alice, "g", true)));
        Assert.Equal([GroupEvent.Unmuted], await ToldAsync(new MuteGroup(0, alice, "g", false)));
        Assert.Equal([GroupEvent.DetailsChanged], await ToldAsync(new ChangeGroup(0, alice, "g", new GroupDetails { JoinRule = JoinRule.Open })));
        Assert.Equal([GroupEvent.MemberPromoted], await ToldAsync(new ChangeMember(0, alice, "g", "bob", null, null, null, GroupRole.Administrator)));
        Assert.Equal([], await ToldAsync(new ChangeMember(0, alice, "g", "bob", "", null, null, GroupRole.Administrator)));
        Assert.Equal([GroupEvent.MemberDemoted], await ToldAsync(new ChangeMember(0, alice, "g", "bob", "B", null, null, GroupRole.Member)));
        Assert.Equal([GroupEvent.MemberChanged], await ToldAsync(new ChangeMember(0, Actor.Of(Bob), "g", "bob", null, null, "x", GroupRole.Member)));
        Assert.Equal([], await ToldAsync(new MuteMember(0, alice, "g", "bob", 0)));
        Assert.Equal([GroupEvent.MemberMuted], await ToldAsync(new MuteMember(0, alice, "g", "bob", long.MaxValue)));
        Assert.Equal(Refusal.Muted, await core.TryAsync(core.Say(Bob)));
        Assert.Equal([GroupEvent.MemberUnmuted], await ToldAsync(new MuteMember(0, alice, "g", "bob", 0)));
        Assert.Equal([GroupEvent.OwnerChanged], await ToldAsync(new TransferGroup(0, alice, "g", "bob")));
        Assert.Equal([], await ToldAsync(new TransferGroup(0, Actor.Of(Bob), "g", "bob")));
        Assert.Equal([GroupEvent.MemberEntered], await ToldAsync(new JoinGroup(0, Actor.Of(Dave), "g", "dave", "", "", JoinSource.QrCode, "carol")));
        Assert.Equal([], await ToldAsync(new InviteMembers(0, Actor.Of(Bob), "g", ["dave", "alice"], "")));
        Assert.Equal([GroupEvent.Dismissed], await ToldAsync(new DismissGroup(0, Actor.Of(Bob), "g", false)));

        var view = await core.ViewAsync();
        Assert.Equal(("New", "A", "F", "bob", true), (view.Name, view.Details.Announcement, view.Details.FaceUrl, view.OwnerId, view.IsDismissed));
        Assert.Equal(["bob", "carol", "alice", "dave"], await core.MembersAsync());
        Assert.Equal(("B", "x"), (await core.MemberAsync(Bob)) is var bob ? (bob.Nickname, bob.Extra) : default);
        Assert.Equal((JoinSource.QrCode, "dave"), (await core.MemberAsync(Dave)) is var dave ? (dave.Source, dave.OperatorId) : default);
    }

    [Fact]
    public async Task A_mute_lasts_as_long_as_it_was_meant_to()
    {
        await using var core = await StartAsync();
        await core.DoAsync(Create(members: ["bob"]));
        var (bob, _) = await core.ConnectAsync("bob");
        var muted = await core.SubmitAsync(new MuteMember(0, Actor.Of(Alice), "g", "bob", 90));
        Assert.Equal(muted.Time + 90_000_000, (await core.MemberAsync(Bob)).MutedUntil);
        Assert.Equal(90, Assert.IsType<GroupNotice>(TakeAll(bob).OfType<NoticeDelivery>().Single().Notice).MuteSeconds);
        var group = (await core.ViewAsync()).Number;
        Assert.Equal(Refusal.Muted, await core.AskAsync(app => MessageRules.ToGroup(app, Bob, group, muted.Time + 89_999_999)));
        Assert.Equal(Refusal.None, await core.AskAsync(app => MessageRules.ToGroup(app, Bob, group, muted.Time + 90_000_000)));
    }

    [Fact]
    public async Task What_the_administration_does_has_nobodys_name_on_it()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create() with { Actor = Actor.Administrator, MemberIds = ["bob"] });
        var (bob, _) = await core.ConnectAsync("bob");
        await core.DoAsync(new InviteMembers(0, Actor.Administrator, "g", ["carol"], "") { IsShown = false });
        var told = (GroupNotice)Assert.IsType<NoticeDelivery>(Assert.Single(TakeAll(bob))).Notice;
        Assert.Equal((GroupEvent.MembersInvited, null, null, "carol"), (told.Event, told.By, told.Inviter, told.Members.Single().UserId));
        Assert.Equal((JoinSource.Administration, "", ""), told.Members[0] is var member ? (member.Source, member.InviterId, member.OperatorId) : default);
        Assert.Equal(("", "alice"), await core.ViewAsync() is var view ? (view.CreatorId, view.OwnerId) : default);
        await core.DoAsync(new ChangeGroup(0, Actor.Administrator, "g", new GroupDetails { Name = "x" }));
        var stored = (await core.Reader.ReadAsync(0, Bob, await KeyAsync(core), 1, 100, 100))[^1];
        Assert.Equal(("", null, "NameChanged"), EventMessages.Read(stored.Message.Body.Span) is { } body ? (stored.SenderId, body.By, body.Event) : default);
    }

    static async Task<ConversationKey> KeyAsync(RunningCore core) => ConversationKey.Of((await core.ViewAsync()).Number);

    static async Task<string[]> TextsAsync(RunningCore core, Users.UserNumber user)
        => [.. (await core.Reader.ReadAsync(0, user, await KeyAsync(core), 1, 100, 100)).Select(message => System.Text.Encoding.UTF8.GetString(message.Message.Body.Span))];
}
