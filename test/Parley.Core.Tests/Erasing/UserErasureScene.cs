using System.Text;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Users;
using Parley.Testing.Disks;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests.Erasing;

/// <summary>A fourth user among alice, bob and carol, all of whose texts hold one word, in every kind of record that may hold any.</summary>
static class UserErasureScene
{
    /// <summary>In every text that has to go; not in any other.</summary>
    public const string Word = "zq7w";

    /// <summary>In texts of others that have to stay.</summary>
    public const string Others = "others' text";

    public const string Id = $"{Word}-id";

    public static readonly UserNumber User = new(4);
    public static readonly ConversationKey WithBob = ConversationKey.Peer(User, Bob);

    public static async Task PlayAsync(RunningCore core)
    {
        var own = Actor.Of(User);
        await core.DoAsync(new RegisterUsers(0, Actor.Operator, [new NewUser(Id, $"{Word} nick", $"http://{Word}", Word, $"{Word} hash")]));
        await core.DoAsync(new ChangeProfile(0, own, Id, $"{Word} new nick", null, $"{Word} extra", null));
        await core.DoAsync(new SetUserValue(0, Actor.Operator, Id, UserValueSpace.Command, $"{Word} key", $"{Word} value", Word));
        await core.DoAsync(new RequestFriend(0, own, Id, "alice", $"{Word} greeting", ""));
        await core.DoAsync(new AnswerFriendRequest(0, Actor.Of(Alice), "alice", Id, true, $"{Word} is welcome"));
        await core.DoAsync(new ImportFriends(0, Actor.Operator, Id, ["bob"]));
        await core.DoAsync(new ChangeFriends(0, own, Id, ["bob"], $"{Word} of bob", true, Word));
        await core.DoAsync(new ChangeFriends(0, Actor.Of(Bob), "bob", [Id], $"{Word} by bob", true, null));
        await core.DoAsync(new ImportFriends(0, Actor.Operator, "alice", ["bob"]));
        await core.DoAsync(new ChangeFriends(0, Actor.Of(Bob), "bob", ["alice"], Others, null, null));
        await core.DoAsync(new BlockUser(0, Actor.Of(Carol), "carol", Id, Word));
        await core.DoAsync(new BlockUser(0, own, Id, "carol", Word));

        await core.DoAsync(GroupScene.Create("g", ["bob"], details: new GroupDetails { Name = Others, JoinRule = JoinRule.ApprovalUnlessInvited }));
        await core.DoAsync(new JoinGroup(0, own, "g", Id, $"{Word} asks", Word, JoinSource.Search, ""));
        await core.DoAsync(new AnswerApplication(0, Actor.Of(Alice), "g", Id, true, $"{Word} may come"));
        await core.DoAsync(new ChangeMember(0, own, "g", Id, $"{Word} here", $"http://{Word}", Word, null));
        await core.DoAsync(new ChangeMember(0, Actor.Of(Alice), "g", Id, null, null, null, GroupRole.Administrator));
        await core.DoAsync(new JoinGroup(0, Actor.Of(Carol), "g", "carol", Others, "", JoinSource.Search, ""));
        await core.DoAsync(new AnswerApplication(0, own, "g", "carol", false, $"{Word} says no"));
        await core.DoAsync(new ChangeGroup(0, own, "g", new GroupDetails { Announcement = $"{Word} announces", Introduction = Others }));
        await core.DoAsync(new CreateGroup(0, own, "own", GroupKind.Normal, new GroupDetails { Name = "own", Announcement = $"{Word} begins" }, Id, [], ["alice", "bob"]));
        await core.DoAsync(new CreateGroup(0, Actor.Of(Alice), "approving", GroupKind.Normal, new GroupDetails { Name = "n", JoinRule = JoinRule.Approval }, "alice", [], [Id]));
        await core.DoAsync(new InviteMembers(0, own, "approving", ["carol"], $"{Word} brings carol"));

        foreach (var to in (Recipient[])[Recipient.User("bob"), Recipient.Group("g")])
            for (var i = 0; i < 3; i++)
                await core.DoAsync(new SendMessage(0, own, core.Text(User, $"{Word} message {i}", $"{Word}-{i}") with { SenderNickname = Word, Mentions = ["bob"] }, to, false));
        await core.SendAsync(Bob, Id, Others);
        await core.DoAsync(new EditMessage(0, own, User, await FindAsync(core, WithBob, 2), ContentKind.Text, Encoding.UTF8.GetBytes($"{Word} edited")));
        await core.DoAsync(new RecallMessage(0, own, User, await FindAsync(core, WithBob, 3)));
        await core.DoAsync(new React(0, own, User, await FindAsync(core, WithBob, 4), Word, false));
        await core.DoAsync(new React(0, Actor.Of(Bob), Bob, await FindAsync(core, WithBob, 4), "like", false));
        await core.DoAsync(new ChangeConversation(0, own, User, WithBob, new ConversationChange { Attached = Word, IsPrivate = true }));
        await core.DoAsync(new SendNotification(0, Actor.Operator, "", Recipient.User(Id), Word, Word, true));
        await core.DoAsync(new SendNotification(0, Actor.Operator, Id, Recipient.Group("g"), Word, Word, true));
        await core.DoAsync(new SendNotification(0, Actor.Operator, "", Recipient.User("bob"), "key", Others, true));
        await core.DoAsync(new SaveToInboxes(0, Actor.Operator, $"{Word} saved", new RawContent(1, 2, Encoding.UTF8.GetBytes(Word)), [new(Id, 0)]));
        await core.DoAsync(new RemoveMembers(0, Actor.Of(Alice), "approving", [Id], "out"));
    }

    public static Task<Outcome> EraseAsync(RunningCore core, string id = Id) => core.SubmitAsync(new EraseUser(0, Actor.Administrator, id));

    public static int CountInFiles(CrashingDisk disk, string text) => disk.List().Sum(name => Count(disk.Bytes(name), Encoding.UTF8.GetBytes(text)));

    static int Count(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> text)
    {
        var count = 0;
        for (int at; (at = bytes.IndexOf(text)) >= 0; count++) bytes = bytes[(at + 1)..];
        return count;
    }

    static async Task<MessageTarget> FindAsync(RunningCore core, ConversationKey key, long sequence) => (await core.Reader.FindAsync(0, UserNumber.Administration, key, sequence))!;
}
