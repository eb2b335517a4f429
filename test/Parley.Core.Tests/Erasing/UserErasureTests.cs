using Parley.Core.Commands;
using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Groups;
using Parley.Core.Lists;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Records;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Testing.Disks;
using static Parley.Core.Tests.Erasing.UserErasureScene;
using static Parley.Core.Tests.GroupScene;
using static Parley.Core.Tests.RunningCore;
using Record = Parley.Core.Records.Record;

namespace Parley.Core.Tests.Erasing;

/// <summary>A user who was erased is nobody: at once for everyone, and soon in the files as well.</summary>
public sealed class UserErasureTests
{
    const string Erased = "erased-4";

    [Fact]
    public async Task Nothing_of_an_erased_user_is_in_any_file_and_all_of_others_is()
    {
        await using var core = await StartAsync();
        await PlayAsync(core);
        var (before, others) = (core.Log.ReadFrom(1, int.MaxValue, int.MaxValue), CountInFiles(core.Disk, Others));
        Assert.True(CountInFiles(core.Disk, Word) > 60 && others > 5);
        Assert.True((await EraseAsync(core)).IsAccepted);
        var outcome = await NewEraser(core).EraseAsync(default);
        Assert.Null(outcome.Failure);

        foreach (var stored in core.Log.ReadFrom(1, int.MaxValue, int.MaxValue))
            Assert.True(stored.Body.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(Word)) < 0, $"record {stored.Position} of type {stored.Type} still says it.");
        Assert.Equal((0, others), (CountInFiles(core.Disk, Word), CountInFiles(core.Disk, Others)));
        Assert.Empty(core.Log.Check().Problems);
        var after = core.Log.ReadFrom(1, before.Count, int.MaxValue);
        Assert.Equal(before.Select(record => (record.Position, record.Type, record.Time, record.Body.Length)), after.Select(record => (record.Position, record.Type, record.Time, record.Body.Length)));
        // The scene has all there are.
        Assert.Equal(
            [
                RecordTypes.UserRegistered, RecordTypes.MessageSent, RecordTypes.ProfileChanged, RecordTypes.UserValueSet, RecordTypes.ConversationChanged, RecordTypes.MessageRecalled, RecordTypes.MessageEdited,
                RecordTypes.Reacted, RecordTypes.NotificationSent, RecordTypes.MessageSaved, RecordTypes.GroupCreated, RecordTypes.GroupChanged, RecordTypes.MemberChanged, RecordTypes.ApplicationMade,
                RecordTypes.ApplicationAnswered, RecordTypes.FriendRequested, RecordTypes.FriendAnswered, RecordTypes.FriendsChanged, RecordTypes.UserBlocked,
            ],
            before.Zip(after).Where(pair => !pair.First.Body.Span.SequenceEqual(pair.Second.Body.Span)).Select(pair => pair.First.Type).Distinct().Order());

        var live = await core.Sequencer.QueryAsync((state, _) => StateWritingTests.Written(state));
        Assert.True(live.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Word)) < 0);
        Assert.Equal(live, StateWritingTests.Written(State.Replay(core.Log, core.Options.Dedupe, out _)));

        // By one that has lost its cursor: nothing is left to do but to say again that messages are erased.
        Assert.Equal(0, (await NewEraser(core).EraseAsync(default)).Records);
    }

    [Fact]
    public async Task They_are_gone_from_everyones_lists_at_once()
    {
        await using var core = await StartAsync();
        await PlayAsync(core);
        var versions = await core.AskAsync(app => (app.Contacts.FriendsVersion(Alice), app.Conversations.VersionOf(Bob)));
        await EraseAsync(core);
        await core.AskAsync(app =>
        {
            Assert.Equal(new UserProfile(User, Erased, "", "", "", app.Users.Profile(User).CreatedAt, UserLevel.Ordinary, ReceiveOption.Notify), app.Users.Profile(User));
            Assert.False(app.Users.TryFind(Id, out _));
            Assert.Null(app.Users.PasswordHash(User));
            Assert.DoesNotContain(User, app.Contacts.FriendNumbersOf(Alice).Concat(app.Contacts.FriendNumbersOf(Bob)));
            Assert.Empty(app.Contacts.FriendsOf(User).Concat(app.Contacts.FriendsOf(User)));
            Assert.False(app.Contacts.IsBlocked(Carol, User) || app.Contacts.IsBlocked(User, Carol));
            Assert.Empty(app.Contacts.RequestsTo(Alice).Concat(app.Contacts.RequestsFrom(User)));
            Assert.Equal(0, app.Values.Count(User) + app.Applications.Count(User));
            Assert.Equal(ConversationSettings.Default, app.Conversations.SettingsOf(WithBob, User));
            Assert.Equal("like", Assert.Single(app.Reactions.Of(WithBob, 4)).Text);
            Assert.Empty(app.Members.GroupsOf(User));
            // What the others have of the conversation stays theirs.
            Assert.True(app.Conversations.TryView(WithBob, Bob, out var view) && view.Name.PeerOf("bob") == Erased && view.Last >= 4);
            Assert.True(app.Applications.TryFind(new(1), Carol, out var application) && application is { Message: Others, AnswererId: Erased, AnswerMessage: "" });
            return true;
        });

        // Ids that changed can't be said as changes: lists are read anew.
        var lists = new ListReader(core.Log);
        var now = await core.AskAsync(app => (app.Contacts.FriendsVersion(Alice), app.Conversations.VersionOf(Bob), app.Groups.View(new(1)).MembersVersion));
        Assert.Null(lists.Changes(0, FeedIds.Friends(Alice), versions.Item1, now.Item1));
        Assert.Null(lists.Changes(0, FeedIds.Conversations(Bob), versions.Item2, now.Item2));
        Assert.Null(lists.Changes(0, FeedIds.Members(new(1)), 1, now.MembersVersion));
        Assert.Equal(["alice", "bob"], await core.MembersAsync());
    }

    [Fact]
    public async Task Nothing_new_becomes_true_of_them_and_the_old_id_is_free()
    {
        await using var core = await StartAsync();
        await PlayAsync(core);
        var target = (await core.Reader.FindAsync(0, Bob, WithBob, 4))!;
        await EraseAsync(core);
        Command[] own = [core.Say(User), new React(0, Actor.Of(User), User, target, "x", false), new MoveMark(0, Actor.Of(User), User, WithBob, MarkKind.Read, 1)];
        foreach (var command in own) Assert.Equal(Refusal.NotAllowed, await core.TryAsync(command));
        Command[] about =
        [
            new SendMessage(0, Actor.Of(Bob), core.Text(Bob), Recipient.User(Erased), false),
            new SendMessage(0, Actor.Operator, core.Text(User), Recipient.User("bob"), false),
            new ChangeProfile(0, Actor.Operator, Erased, "x", null, null, null),
            new SetUserValue(0, Actor.Operator, Erased, UserValueSpace.Command, "k", "v"),
            new RequestFriend(0, Actor.Of(Bob), "bob", Erased, "x", ""),
            new ImportFriends(0, Actor.Operator, "bob", [Erased]),
            new BlockUser(0, Actor.Of(Bob), "bob", Erased, "x"),
            new InviteMembers(0, Actor.Of(Alice), "g", [Erased], "x"),
            new SendNotification(0, Actor.Operator, "", Recipient.User(Erased), "k", "d", true),
            new SaveToInboxes(0, Actor.Operator, "c", new RawContent(1, 1, "x"u8.ToArray()), [new("", User.Value)]),
            new IssueToken(0, Actor.Operator, Erased, 5, default, long.MaxValue),
            new React(0, Actor.Operator, User, target, "x", false),
            new ChangeConversation(0, Actor.Operator, User, WithBob, new ConversationChange { Attached = "x" }),
        ];
        foreach (var command in about) Assert.True(Refusal.UnknownUser == await core.TryAsync(command), command.GetType().Name);

        Assert.Equal(Refusal.UnknownUser, (await EraseAsync(core)).Refusal);
        Assert.Equal((true, 0), ((await EraseAsync(core, Erased)).IsAccepted, (await EraseAsync(core, Erased)).Position));
        foreach (var reserved in (string[])[Erased, "erased-9"]) Assert.Equal(Refusal.ReservedId, await core.TryAsync(new RegisterUsers(0, Actor.Operator, [new NewUser(reserved, "x")])));
        Assert.Equal(Refusal.AmbiguousId, await core.TryAsync(Create("erased-9_bob")));
        await core.DoAsync(new RegisterUsers(0, Actor.Operator, [new NewUser(Id, "another")]));
        await core.SendAsync(new UserNumber(5), "bob", "words of another");
        await NewEraser(core).EraseAsync(default);
        Assert.Equal(new UserNumber(5), await core.AskAsync(app => app.Users.TryFind(Id, out var number) ? number : default));
        Assert.Equal(1, CountInFiles(core.Disk, Id));
        Assert.Equal(1, CountInFiles(core.Disk, "words of another"));
    }

    [Fact]
    public async Task Their_groups_go_to_the_first_administrator_or_the_oldest_member_or_end()
    {
        await using var core = await StartAsync();
        await core.DoAsync(new CreateGroup(0, Actor.Operator, "led", GroupKind.Super, new GroupDetails(), "alice", ["carol"], ["bob"]));
        await core.DoAsync(new CreateGroup(0, Actor.Operator, "old", GroupKind.Super, new GroupDetails(), "alice", [], ["bob", "carol"]));
        await core.DoAsync(new CreateGroup(0, Actor.Operator, "alone", GroupKind.Super, new GroupDetails(), "alice", [], []));
        await core.DoAsync(new CreateGroup(0, Actor.Operator, "ended", GroupKind.Super, new GroupDetails(), "alice", [], ["bob"]));
        await core.DoAsync(new DismissGroup(0, Actor.Of(Alice), "ended", false));
        await EraseAsync(core, "alice");
        Assert.Equal(["carol", "bob"], await core.MembersAsync("led"));
        Assert.Equal(["bob", "carol"], await core.MembersAsync("old"));
        Assert.Equal(("carol", "bob"), ((await core.ViewAsync("led")).OwnerId, (await core.ViewAsync("old")).OwnerId));
        Assert.Equal((true, 0), ((await core.ViewAsync("alone")).IsDismissed, (await core.ViewAsync("alone")).MemberCount));
        Assert.Equal(["bob"], await core.MembersAsync("ended"));
    }

    [Fact]
    public async Task Who_is_in_many_groups_leaves_them_all()
    {
        await using var core = await StartAsync();
        for (var i = 0; i < (2 * UserErasureRules.MaxGroups) + 7; i++) await core.DoAsync(new CreateGroup(0, Actor.Operator, $"g{i}", GroupKind.Super, new GroupDetails(), i % 2 == 0 ? "alice" : "bob", [], [i % 2 == 0 ? "bob" : "alice"]));
        await EraseAsync(core, "alice");
        Assert.Equal(UserErasureRules.MaxGroups + 7, await core.AskAsync(app => app.Members.GroupsOf(Alice).Count()));
        Assert.Null((await NewEraser(core).EraseAsync(default)).Failure);
        Assert.Equal((0, (2 * UserErasureRules.MaxGroups) + 7), await core.AskAsync(app => (app.Members.GroupsOf(Alice).Count(), app.Members.GroupsOf(Bob).Count(group => app.Groups.View(group).OwnerId == "bob"))));
    }

    [Fact]
    public async Task Their_devices_are_closed_and_friends_are_told()
    {
        await using var core = await StartAsync();
        await core.DoAsync(new ImportFriends(0, Actor.Operator, "alice", ["bob"]));
        await core.DoAsync(Create(members: ["carol"]));
        var token = await core.IssueAsync("alice", 5);
        var (alice, _) = await core.ConnectAsync("alice", token: token);
        var (bob, _) = await core.ConnectAsync("bob");
        var (carol, _) = await core.ConnectAsync("carol");
        await EraseAsync(core, "alice");
        Assert.IsType<KickedDelivery>(Assert.Single(TakeAll(alice)));
        var told = Assert.Single(TakeAll(bob).OfType<NoticeDelivery>().Select(delivery => delivery.Notice).OfType<ContactNotice>());
        Assert.Equal((ContactEvent.Deleted, "bob", "erased-1"), (told.Event, told.FromId, told.ToId));
        Assert.Equal([GroupEvent.OwnerChanged, GroupEvent.MemberQuit], TakeAll(carol).OfType<NoticeDelivery>().Select(delivery => delivery.Notice).OfType<GroupNotice>().Select(notice => notice.Event));
        Assert.Equal(Refusal.UnknownToken, (await core.Sequencer.SubmitAsync(new OpenSession(0, Actor.Of(Alice), token, 5), alice)).Refusal);
    }

    /// <summary>Between any two calls to the disk the server may die.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task A_crash_in_the_middle_leaves_what_the_next_start_completes(int seed)
    {
        CrashingDisk before;
        await using (var core = await StartAsync())
        {
            await PlayAsync(core);
            await EraseAsync(core);
            before = core.Disk.AfterProcessCrash();
        }

        var random = new Random(seed);
        var crashes = 0;
        for (var call = 1 + random.Next(4); ; call += 1 + random.Next(6))
        {
            var (disk, cursor) = (before.AfterProcessCrash(), new CrashingDisk(seed));
            var core = await StartAsync(disk: disk);
            disk.CrashAt(disk.Calls + call);
            var erasing = NewEraser(core, cursor).EraseAsync(default);
            await Task.WhenAny(erasing, core.Loop);
            var outcome = erasing.IsCompleted ? await erasing : default;
            var isOver = !disk.HasCrashed;
            crashes++;
            try { await core.DisposeAsync(); }
            catch (IOException) when (!isOver)
            {
                // Its files can't be closed as they should be.
            }

            var after = random.Next(2) == 0 ? disk.AfterProcessCrash() : disk.AfterPowerLoss(random);
            await using (var next = await StartAsync(disk: after))
            {
                Assert.True((await NewEraser(next, cursor).EraseAsync(default)).Failure is null, $"seed {seed}, call {call}: {outcome}");
                Assert.True(CountInFiles(after, Word) == 0, $"seed {seed}, call {call}: left in the files.");
                Assert.Empty(next.Log.Check().Problems);
                var live = await next.Sequencer.QueryAsync((state, _) => StateWritingTests.Written(state));
                Assert.True(live.AsSpan().SequenceEqual(StateWritingTests.Written(State.Replay(next.Log, next.Options.Dedupe, out _))), $"seed {seed}, call {call}: another state.");
                Assert.Equal(Erased, await next.AskAsync(app => app.Users.IdOf(User)));
            }

            if (isOver) break;
        }

        Assert.True(crashes > 5, $"seed {seed}: {crashes} crashes");
    }

    /// <summary>Any text can go, however little room it leaves behind.</summary>
    [Fact]
    public void The_shortest_texts_can_be_overwritten()
    {
        Record[] shortest =
        [
            new UserErased(User, "a"), new UserRegistered(User, "a", "", "", "", null), new UserRegistered(User, "a", "", "", "", null, UserLevel.Robot), new ProfileChanged(User, "a", null, null, null),
            new UserValueSet(User, UserValueSpace.Command, "a", null, ""), new FriendRequested(User, Bob, "a", ""), new FriendRequested(Bob, User, "", "a", Alice, Carol),
            new FriendAnswered(User, Bob, false, "a"), new FriendsChanged(User, [Bob], "a", null, null), new UserBlocked(User, Bob, "a", default), new UserBlocked(Bob, User, "a", Alice),
            new ConversationChanged(User, ConversationKey.Of(new GroupNumber(1)), new ConversationSettings { Attached = "a" }), new ConversationChanged(User, WithBob, new ConversationSettings { Extra = "a" }),
            new Reacted(WithBob, 1, User, "a", false), new NotificationSent(default, User, default, "a", ""), new NotificationSent(User, default, new(1), "a", ""),
            new MemberChanged(new(1), default, User, "a"), new MemberChanged(new(1), User, User, Extra: "a", Role: GroupRole.Administrator),
            new ApplicationMade(new(1), User, User, "a", "", JoinSource.None, default), new ApplicationMade(new(1), User, Bob, "a", "", JoinSource.Invitation, User),
            new ApplicationAnswered(new(1), User, Bob, Answer.Refused, "a"), new ApplicationAnswered(new(1), default, User, Answer.Refused, "a"),
            new GroupChanged(new(1), User, new GroupDetails { Announcement = "a" }), new GroupCreated(new(1), User, "g", GroupKind.Normal, User, new GroupDetails { Announcement = "a" }),
            new MessageRecalled(WithBob, 1, User, GroupRole.None, User, "a", "", 1_795_220_240_590_000),
        ];
        foreach (var record in shortest)
        {
            var writer = new TaggedWriter();
            record.Write(writer);
            var length = writer.Length;
            Assert.True(record.HoldsTextsOf(User, default), $"{record}");
            writer.Clear();
            record.WriteWithoutTexts(writer, User);
            Assert.True(writer.TryErase(length) || writer.TryEraseTightly(length), $"{record}");
            Assert.Equal(length, writer.Length);
            // The store sets the last bytes as it needs them.
            byte[] erased = [.. writer.Written[..^4], 0xff, 0x80, 0xff, 0xff];
            var read = Record.Read(record.Type, erased)!;
            Assert.False(read.HoldsTextsOf(User, default), $"{record}");
            if (read is FriendRequested request) Assert.Equal(((FriendRequested)record) with { Message = "", Extra = "" }, request);
            if (read is ApplicationAnswered { User.Value: > 0 } answered) Assert.Equal(((ApplicationAnswered)record) with { Message = "" }, answered);
            if (read is UserBlocked blocked) Assert.Equal(((UserBlocked)record) with { Extra = "", By = default }, blocked);
            if (read is GroupChanged changed) Assert.Equal(((GroupChanged)record) with { Changes = new GroupDetails { Announcement = "" } }, changed);
        }
    }

    static Eraser NewEraser(RunningCore core, CrashingDisk? cursor = null) => new(core.Log, core.Sequencer, cursor ?? new CrashingDisk(), TimeProvider.System);
}
