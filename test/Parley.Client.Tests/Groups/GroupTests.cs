using System.Text.Json.Nodes;
using Parley.Client.Groups;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM;

namespace Parley.Client.Tests.Groups;

public sealed class GroupTests : ClientTest
{
    const string Team = "team";

    readonly ListScript _joined = new("groupID", "groups");
    readonly ListScript _members = new("userID", "members");
    readonly Dictionary<string, JsonObject> _groups = [];

    public GroupTests()
    {
        Api["/group/get_incremental_join_groups"] = _joined.Changes;
        Api["/group/get_joined_group_list"] = _joined.Page;
        Api["/group/get_group_member_list"] = _members.Page;
        Api["/group/get_incremental_group_members_batch"] = asked => new JsonObject
        {
            ["respList"] = new JsonObject(asked.GetProperty("reqList").EnumerateArray().Select(one =>
                KeyValuePair.Create(one.GetProperty("groupID").GetString()!, (JsonNode?)(one.GetProperty("groupID").GetString() == Team ? _members.Changes(one) : new JsonObject())))),
        };
        Api["/group/get_groups_info"] = asked => new JsonObject
        {
            ["groupInfos"] = new JsonArray([.. asked.GetProperty("groupIDs").EnumerateArray().Select(id => id.GetString()!).Where(_groups.ContainsKey).Select(id => _groups[id].DeepClone())]),
        };
    }

    JsonObject Describe(string groupId, string name, int status = 0) => _groups[groupId] = new()
    {
        ["groupID"] = groupId,
        ["groupName"] = name,
        ["ownerUserID"] = Alice,
        ["memberCount"] = 2,
        ["status"] = status,
        ["groupType"] = 2,
        ["createTime"] = 1_000,
        ["needVerification"] = 2,
    };

    static JsonObject MemberOf(string userId, int role = 20, long joined = 5, string nickname = "") => new()
    {
        ["groupID"] = Team,
        ["userID"] = userId,
        ["roleLevel"] = role,
        ["joinTime"] = joined,
        ["nickname"] = nickname,
    };

    JsonObject Tips(params ReadOnlySpan<(string Key, JsonNode? Value)> more)
    {
        var tips = new JsonObject { ["group"] = _groups[Team].DeepClone(), ["opUser"] = MemberOf(Bob) };
        foreach (var (key, value) in more) tips[key] = value;
        return tips;
    }

    Task TellAsync(int type, JsonObject tips) => Server.PushAsync("n_team", ScriptedServer.Notice(type, tips)).AsTask();

    async Task<ParleyClient> OpenInTeamAsync()
    {
        _joined.Put(Team, Describe(Team, "The team").DeepClone().AsObject());
        _members.Put(Alice, MemberOf(Alice, 100));
        _members.Put(Bob, MemberOf(Bob));
        var client = await OpenSyncedAsync();
        await NextCallAsync("/group/get_joined_group_list");
        await SettledAsync(client);
        return client;
    }

    /// <summary>Lists are brought level one at a time: behind this request the ones before it are.</summary>
    static Task SettledAsync(ParleyClient client) => Soon(client.Contacts.DeleteAsync("nobody"));

    [Fact]
    public async Task Joined_groups_are_kept_and_readable_offline()
    {
        await (await OpenInTeamAsync()).DisposeAsync();
        Server.Reachable = false;
        var client = await OpenAsync();
        var group = Assert.Single(client.Groups.GetJoined());
        Assert.Equal((Team, "The team", Alice, 2, GroupStatus.Normal, JoinRule.Open), (group.Id, group.Name, group.OwnerId, group.MemberCount, group.Status, group.JoinRule));
        Assert.Equal(group, client.Groups.FindJoined(Team));
        Assert.Null(client.Groups.FindJoined("other"));
    }

    [Fact]
    public async Task A_group_that_was_made_is_among_the_joined_ones()
    {
        var client = await OpenSyncedAsync();
        // Known before, or nothing in the list would be news.
        await SettledAsync(client);
        Api["/group/create_group"] = asked =>
        {
            Assert.Equal("[\"bob\"]", asked.GetProperty("memberUserIDs").GetRawText());
            Assert.Equal((Alice, 2), (asked.GetProperty("ownerUserID").GetString(), asked.GetProperty("groupInfo").GetProperty("groupType").GetInt32()));
            _joined.Put(Team, Describe(Team, asked.GetProperty("groupInfo").GetProperty("groupName").GetString()!).DeepClone().AsObject());
            return new JsonObject { ["groupInfo"] = _groups[Team].DeepClone() };
        };
        var made = await Soon(client.Groups.CreateAsync(new GroupDraft("New") { MemberIds = [Bob] }));
        Assert.Equal((Team, "New"), (made.Id, made.Name));
        Assert.Equal(made, client.Groups.FindJoined(Team));
    }

    [Fact]
    public async Task What_is_declined_is_thrown_with_its_code()
    {
        var client = await OpenInTeamAsync();
        foreach (var path in new[] { "/group/quit_group", "/group/kick_group", "/group/transfer_group", "/group/create_group" }) Api.Decline(path, ErrorCodes.NoPermission);
        Func<Task>[] changes =
        [
            () => client.Groups.QuitAsync(Team),
            () => client.Groups.RemoveAsync(Team, [Bob]),
            () => client.Groups.TransferAsync(Team, Bob),
            () => client.Groups.CreateAsync(new GroupDraft("x")),
        ];
        foreach (var change in changes) Assert.Equal(ErrorCodes.NoPermission, (await Assert.ThrowsAsync<ParleyException>(() => Soon(change()))).Code);
        Assert.NotNull(client.Groups.FindJoined(Team));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Groups.DismissAsync(""));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.Groups.MuteMemberAsync(Team, Bob, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_group_that_this_user_was_taken_into_or_removed_from_is_told()
    {
        var client = await OpenInTeamAsync();
        _joined.Put("other", Describe("other", "Other").DeepClone().AsObject());
        await TellAsync(1501, Tips());
        Assert.Equal("Other", (await NextAsync<ParleyEvent.GroupJoined>(client)).Group.Name);

        _joined.Remove(Team);
        await TellAsync(1508, Tips(("kickedUserList", new JsonArray(MemberOf(Alice)))));
        var left = await NextAsync<ParleyEvent.MembersLeft>(client);
        Assert.Equal((Team, Alice, Bob), (left.GroupId, Assert.Single(left.UserIds), left.ByUserId));
        Assert.Equal(Team, (await NextAsync<ParleyEvent.GroupLeft>(client)).GroupId);
        Assert.Equal("other", Assert.Single(client.Groups.GetJoined()).Id);
    }

    [Theory]
    [InlineData(1502)]
    [InlineData(1514)]
    [InlineData(1519)]
    [InlineData(1520)]
    public async Task A_change_of_the_group_shows_from_the_notice_itself(int type)
    {
        var client = await OpenInTeamAsync();
        Describe(Team, "Renamed", status: 3);
        await TellAsync(type, Tips());
        var changed = (await NextAsync<ParleyEvent.GroupChanged>(client)).Group;
        Assert.Equal(("Renamed", GroupStatus.Muted), (changed.Name, changed.Status));
        Assert.Equal(changed, client.Groups.FindJoined(Team));
    }

    [Fact]
    public async Task A_change_of_the_group_that_was_missed_shows_after_the_connection()
    {
        var client = await OpenInTeamAsync();
        Server.Cut();
        Describe(Team, "Renamed");
        await NextAsync(client, ConnectionState.Offline);
        await PassAsync(1);
        Assert.Equal("Renamed", (await NextAsync<ParleyEvent.GroupChanged>(client)).Group.Name);
    }

    [Fact]
    public async Task Members_are_read_once_then_kept_level_by_what_changed()
    {
        for (var i = 0; i < 150; i++) _members.Put($"u{i:000}", MemberOf($"u{i:000}", joined: 100 + i));
        var client = await OpenInTeamAsync();
        Assert.Equal([Alice, Bob, "u000"], (await Soon(client.Groups.GetMembersAsync(Team, 0, 3))).Select(member => member.UserId));
        Assert.Equal(["u148", "u149"], (await Soon(client.Groups.GetMembersAsync(Team, 150, 9))).Select(member => member.UserId));
        Assert.Equal(2, _members.PagesAsked);

        _members.Remove(Bob);
        _members.Put("zoe", MemberOf("zoe", role: 60, joined: 900, nickname: "Z"));
        await TellAsync(1509, Tips(("invitedUserList", new JsonArray(MemberOf("zoe")))));
        var joined = await NextAsync<ParleyEvent.MembersJoined>(client);
        Assert.Equal(("zoe", Bob), (Assert.Single(joined.Members).UserId, joined.ByUserId));
        Assert.Equal(Team, (await NextAsync<ParleyEvent.MembersChanged>(client)).GroupId);
        var members = await Soon(client.Groups.GetMembersAsync(Team, 0, 3));
        Assert.Equal([(Alice, MemberRole.Owner), ("zoe", MemberRole.Administrator), ("u000", MemberRole.Member)], members.Select(member => (member.UserId, member.Role)));
        Assert.Equal(2, _members.PagesAsked);
    }

    [Fact]
    public async Task Members_of_a_group_that_is_none_are_none_and_offline_they_can_not_be_loaded()
    {
        var client = await OpenInTeamAsync();
        Assert.Empty(await Soon(client.Groups.GetMembersAsync("unknown")));
        Api.Decline("/group/get_incremental_group_members_batch", ErrorCodes.NotInGroup);
        Assert.Equal(ErrorCodes.NotInGroup, (await Assert.ThrowsAsync<ParleyException>(() => Soon(client.Groups.GetMembersAsync(Team)))).Code);
    }

    [Theory]
    [InlineData(1507, "newGroupOwner")]
    [InlineData(1512, "mutedUser")]
    [InlineData(1517, "changedUser")]
    public async Task A_change_of_a_member_is_told(int type, string key)
    {
        var client = await OpenInTeamAsync();
        await TellAsync(type, Tips((key, MemberOf("zoe", role: 60))));
        Assert.Equal(("zoe", MemberRole.Administrator), (await NextAsync<ParleyEvent.MemberChanged>(client)).Member is var member ? (member.UserId, member.Role) : default);
    }

    [Fact]
    public async Task Who_comes_and_goes_on_their_own_is_told()
    {
        var client = await OpenInTeamAsync();
        await TellAsync(1510, Tips(("entrantUser", MemberOf("zoe"))));
        Assert.Equal("", (await NextAsync<ParleyEvent.MembersJoined>(client)).ByUserId);
        await TellAsync(1504, Tips(("quitUser", MemberOf("zoe"))));
        Assert.Equal(("zoe", ""), (await NextAsync<ParleyEvent.MembersLeft>(client)) is var left ? (Assert.Single(left.UserIds), left.ByUserId) : default);
        Describe(Team, "The team", status: 2);
        await TellAsync(1511, Tips());
        Assert.Equal(GroupStatus.Dismissed, (await NextAsync<ParleyEvent.GroupChanged>(client)).Group.Status);
        Assert.Equal(new ParleyEvent.GroupDismissed(Team, Bob), await NextAsync<ParleyEvent.GroupDismissed>(client));
    }

    [Fact]
    public async Task Applications_are_told_read_and_answered()
    {
        var application = new JsonObject
        {
            ["userInfo"] = new JsonObject { ["userID"] = "zoe", ["nickname"] = "Z" },
            ["groupInfo"] = Describe(Team, "The team").DeepClone(),
            ["reqMsg"] = "please",
            ["reqTime"] = 7,
        };
        Api["/group/get_recv_group_applicationList"] = _ => new JsonObject { ["groupRequests"] = new JsonArray(application.DeepClone()) };
        Api["/group/get_group_application_unhandled_count"] = _ => new JsonObject { ["count"] = 1 };
        var client = await OpenInTeamAsync();
        await TellAsync(1503, Tips(("request", application.DeepClone())));
        Assert.Equal(("zoe", Team, "please"), (await NextAsync<ParleyEvent.GroupApplicationMade>(client)).Application is var one ? (one.UserId, one.Group.Id, one.Message) : default);
        Assert.Equal("zoe", Assert.Single(await Soon(client.Groups.GetApplicationsAsync())).UserId);
        Assert.Equal(1, await Soon(client.Groups.CountOpenApplicationsAsync()));

        await Soon(client.Groups.RefuseAsync(Team, "zoe", "no"));
        Assert.Equal("""{"groupID":"team","fromUserID":"zoe","handledMsg":"no","handleResult":-1}""", (await NextCallAsync("/group/group_application_response")).Body);
        await TellAsync(1506, Tips(("request", application.DeepClone())));
        Assert.Equal(RequestAnswer.Refused, (await NextAsync<ParleyEvent.GroupApplicationAnswered>(client)).Application.Answer);
    }

    [Fact]
    public async Task Every_change_asks_what_the_protocol_says()
    {
        var client = await OpenInTeamAsync();
        (string Path, string Body, Func<Task> Change)[] changes =
        [
            ("/group/dismiss_group", """{"groupID":"team"}""", () => client.Groups.DismissAsync(Team)),
            ("/group/join_group", """{"groupID":"team","reqMessage":"hi","joinSource":3,"inviterUserID":"alice","ex":""}""", () => client.Groups.JoinAsync(Team, "hi")),
            ("/group/invite_user_to_group", """{"groupID":"team","invitedUserIDs":["bob"],"reason":"why"}""", () => client.Groups.InviteAsync(Team, [Bob], "why")),
            ("/group/kick_group", """{"groupID":"team","kickedUserIDs":["bob"],"reason":""}""", () => client.Groups.RemoveAsync(Team, [Bob])),
            ("/group/quit_group", """{"groupID":"team","userID":"alice"}""", () => client.Groups.QuitAsync(Team)),
            ("/group/transfer_group", """{"groupID":"team","oldOwnerUserID":"alice","newOwnerUserID":"bob"}""", () => client.Groups.TransferAsync(Team, Bob)),
            ("/group/mute_group_member", """{"groupID":"team","userID":"bob","mutedSeconds":60}""", () => client.Groups.MuteMemberAsync(Team, Bob, TimeSpan.FromMinutes(1))),
            ("/group/cancel_mute_group_member", """{"groupID":"team","userID":"bob"}""", () => client.Groups.UnmuteMemberAsync(Team, Bob)),
            ("/group/mute_group", """{"groupID":"team"}""", () => client.Groups.MuteAsync(Team)),
            ("/group/cancel_mute_group", """{"groupID":"team"}""", () => client.Groups.UnmuteAsync(Team)),
            ("/group/set_group_member_info", """{"members":[{"groupID":"team","userID":"bob","nickname":null,"faceURL":null,"roleLevel":60,"ex":null}]}""",
                () => client.Groups.ChangeMemberAsync(Team, Bob, new MemberChange { Role = MemberRole.Administrator })),
            ("/group/set_group_info_ex",
                """{"groupID":"team","groupName":"N","notification":null,"introduction":null,"faceURL":null,"ex":null,"needVerification":null,"lookMemberInfo":1,"applyMemberFriend":null}""",
                () => client.Groups.ChangeAsync(Team, new GroupChange { Name = "N", HidesMembers = true })),
        ];
        foreach (var (path, body, change) in changes)
        {
            await Soon(change());
            Assert.Equal(body, (await NextCallAsync(path)).Body);
        }
    }
}
