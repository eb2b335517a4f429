using Parley.Wire.OpenIM;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Who may read, and do, what of groups over REST.</summary>
public sealed class GroupAccessTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    /// <summary>What a caller is to the group.</summary>
    public enum Role
    {
        Owner,
        Administrator,
        Member,
        Left,
        Outsider,
        Server,
    }

    readonly RunningEdge _edge = fixture.Edge;

    /// <summary>Paths with the least role that is let in; {group} and {member} are filled in, {self} is the caller.</summary>
    public static TheoryData<string, string, Role> Paths => new()
    {
        { "/group/get_groups_info", """{"groupIDs":["{group}"]}""", Role.Outsider },
        { "/group/get_group_abstract_info", """{"groupIDs":["{group}"]}""", Role.Outsider },
        { "/group/get_groups", """{"pagination":{"pageNumber":1,"showNumber":1}}""", Role.Server },
        { "/group/get_group_member_list", """{"groupID":"{group}","pagination":{"pageNumber":1,"showNumber":10}}""", Role.Member },
        { "/group/get_group_member_list", """{"groupID":"{group}","keyword":"x","pagination":{"pageNumber":1,"showNumber":10}}""", Role.Member },
        { "/group/get_group_members_info", """{"groupID":"{group}","userIDs":["{member}"]}""", Role.Member },
        { "/group/get_full_group_member_user_ids", """{"groupID":"{group}"}""", Role.Member },
        { "/group/get_group_member_user_id", """{"groupID":"{group}"}""", Role.Member },
        { "/group/get_incremental_group_members", """{"groupID":"{group}","versionID":"","version":0}""", Role.Member },
        { "/group/get_group_users_req_application_list", """{"groupID":"{group}","userIDs":["{member}"]}""", Role.Administrator },
        { "/group/get_specified_user_group_request_info", """{"groupID":"{group}","userID":"{stranger}"}""", Role.Administrator },
        { "/group/set_group_info_ex", """{"groupID":"{group}","ex":"{any}"}""", Role.Administrator },
        { "/group/mute_group", """{"groupID":"{group}"}""", Role.Administrator },
        { "/group/mute_group_member", """{"groupID":"{group}","userID":"{member}","mutedSeconds":1}""", Role.Administrator },
        { "/group/invite_user_to_group", """{"groupID":"{group}","invitedUserIDs":["{stranger}"]}""", Role.Member },
        { "/group/kick_group", """{"groupID":"{group}","kickedUserIDs":["{member}"]}""", Role.Administrator },
        { "/group/dismiss_group", """{"groupID":"{group}"}""", Role.Owner },
    };

    [Theory, MemberData(nameof(Paths))]
    public async Task A_path_lets_in_who_has_the_role(string path, string template, Role least)
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            var group = await GroupAsync();
            var body = template.Replace("{group}", group.Id).Replace("{member}", group.Other).Replace("{stranger}", await _edge.NewUserAsync()).Replace("{any}", $"{Guid.NewGuid():N}");
            var reply = await _edge.CallAsync(path, Json(body), await TokenAsync(group, role));
            var isLetIn = role == Role.Server || (least != Role.Server && role <= least && (least == Role.Outsider || role < Role.Left));
            if (isLetIn) Assert.True(reply.Code == 0, $"{role}: {reply.Code} {reply.Text}");
            else Assert.True(reply.Code is ErrorCodes.NoPermission or ErrorCodes.NotInGroup, $"{role}: {reply.Code} {reply.Text}");
        }
    }

    public static TheoryData<string, string> OwnPaths => new()
    {
        { "/group/get_joined_group_list", """{"fromUserID":"{user}","pagination":{"pageNumber":1,"showNumber":10}}""" },
        { "/group/get_full_join_group_ids", """{"userID":"{user}"}""" },
        { "/group/get_incremental_join_groups", """{"userID":"{user}","versionID":"","version":0}""" },
        { "/group/get_incremental_group_members_batch", """{"userID":"{user}","reqList":[]}""" },
        { "/group/get_recv_group_applicationList", """{"fromUserID":"{user}","pagination":{"pageNumber":1,"showNumber":10}}""" },
        { "/group/get_user_req_group_applicationList", """{"userID":"{user}","pagination":{"pageNumber":1,"showNumber":10}}""" },
        { "/group/get_group_application_unhandled_count", """{"userID":"{user}","time":0}""" },
    };

    [Theory, MemberData(nameof(OwnPaths))]
    public async Task What_is_a_users_own_is_for_them_and_administrators(string path, string template)
    {
        var (user, other) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var body = template.Replace("{user}", user);
        Assert.Equal(0, (await _edge.CallAsync(path, Json(body), await _edge.TokenAsync(user))).Code);
        Assert.Equal(0, (await _edge.CallAsync(path, Json(body), await _edge.AdministratorAsync())).Code);
        Assert.Equal(ErrorCodes.NoPermission, (await _edge.CallAsync(path, Json(body), await _edge.TokenAsync(other))).Code);
        Assert.Equal(ErrorCodes.TokenNotExist, (await _edge.CallAsync(path, Json(body), "nobodys")).Code);
        Assert.Equal(ErrorCodes.UserNotFound, (await _edge.CallAsync(path, Json(template.Replace("{user}", "nobody")), await _edge.AdministratorAsync())).Code);
    }

    [Fact]
    public async Task A_group_that_does_not_exist_is_said_to_not_exist()
    {
        var token = await _edge.TokenAsync(await _edge.NewUserAsync());
        foreach (var path in new[] { "/group/get_group_member_list", "/group/get_group_members_info", "/group/get_full_group_member_user_ids", "/group/mute_group", "/group/dismiss_group", "/group/quit_group" })
            Assert.Equal(ErrorCodes.GroupNotFound, (await _edge.CallAsync(path, Json("""{"groupID":"nothing","userIDs":[]}"""), token)).Code);
    }

    async Task<(string Id, string[] Users, string Other)> GroupAsync()
    {
        var users = new string[5];
        for (var i = 0; i < users.Length; i++) users[i] = await _edge.NewUserAsync();
        var other = await _edge.NewUserAsync();
        var made = await _edge.CallAsync("/group/create_group", new
        {
            ownerUserID = users[0],
            adminUserIDs = new[] { users[1] },
            memberUserIDs = new[] { users[2], users[3], other },
            groupInfo = new { groupType = 2, groupName = "name" },
        }, await _edge.AdministratorAsync());
        var id = made.Data.GetProperty("groupInfo").GetProperty("groupID").GetString()!;
        Assert.Equal(0, (await _edge.CallAsync("/group/quit_group", new { groupID = id }, await _edge.TokenAsync(users[3]))).Code);
        return (id, users, other);
    }

    Task<string> TokenAsync((string Id, string[] Users, string Other) group, Role role)
        => role == Role.Server ? _edge.AdministratorAsync() : _edge.TokenAsync(group.Users[(int)role]);

    static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
