using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>
/// A stranger with a token of their own asks every path there is for somebody else's data, in every key that could name it. Nothing that was said or noted between others
/// may come back, and nothing of theirs may change.
/// </summary>
public sealed class TokenSwapTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    const string Secret = "not-for-strangers";

    static readonly (string Path, string Body)[] Watched =
    [
        ("/conversation/get_all_conversations", """{"ownerUserID":"{owner}"}"""),
        ("/friend/get_friend_list", """{"userID":"{owner}","pagination":{"pageNumber":1,"showNumber":100}}"""),
        ("/friend/get_black_list", """{"userID":"{owner}","pagination":{"pageNumber":1,"showNumber":100}}"""),
        ("/group/get_joined_group_list", """{"fromUserID":"{owner}","pagination":{"pageNumber":1,"showNumber":100}}"""),
        ("/group/get_group_member_list", """{"groupID":"{group}","filter":0,"pagination":{"pageNumber":1,"showNumber":100}}"""),
        ("/user/get_users_info", """{"userIDs":["{owner}"]}"""),
        ("/user/process_user_command_get_all", """{"userID":"{owner}"}"""),
        ("/msg/get_conversations_has_read_and_max_seq", """{"userID":"{owner}","conversationIDs":[]}"""),
        ("/msg/pull_msg_by_seq", """{"userID":"{owner}","order":0,"seqRanges":[{"conversationID":"{conversation}","begin":1,"end":9,"num":9},{"conversationID":"sg_{group}","begin":1,"end":9,"num":9}]}"""),
    ];

    [Fact]
    public async Task No_path_gives_or_changes_what_is_anothers()
    {
        var edge = fixture.Edge;
        var (owner, friend, stranger) = (await edge.NewUserAsync(), await edge.NewUserAsync(), await edge.NewUserAsync());
        var (ownToken, friendToken, token) = (await edge.TokenAsync(owner), await edge.TokenAsync(friend), await edge.TokenAsync(stranger));
        var (group, conversation) = ($"group-of-{owner}", $"si_{owner}_{friend}");
        async Task DoAsync(string path, object body, string by) => Assert.Equal((path, 0), (path, (await edge.CallAsync(path, body, by)).Code));

        await DoAsync("/friend/add_friend", new { fromUserID = owner, toUserID = friend, reqMsg = Secret, ex = Secret }, ownToken);
        await DoAsync("/friend/add_friend_response", new { fromUserID = owner, toUserID = friend, handleResult = 1, handleMsg = Secret }, friendToken);
        await DoAsync("/friend/update_friends", new { ownerUserID = owner, friendUserIDs = new[] { friend }, remark = Secret, ex = Secret }, ownToken);
        await DoAsync("/friend/add_black", new { ownerUserID = owner, blackUserID = stranger, ex = Secret }, ownToken);
        await DoAsync("/group/create_group", new { ownerUserID = owner, memberUserIDs = new[] { friend }, groupInfo = new { groupID = group, groupName = "open", groupType = 2, needVerification = 1 } }, ownToken);
        await DoAsync("/group/set_group_member_info", new { members = new[] { new { groupID = group, userID = owner, nickname = Secret, ex = Secret } } }, ownToken);
        await DoAsync("/msg/send_msg", new { sendID = owner, recvID = friend, sessionType = 1, contentType = 101, content = new { content = Secret }, ex = Secret }, ownToken);
        await DoAsync("/msg/send_msg", new { sendID = owner, groupID = group, sessionType = 3, contentType = 101, content = new { content = Secret } }, ownToken);
        await DoAsync("/conversation/set_conversations", new { userIDs = new[] { owner }, conversation = new { conversationID = conversation, ex = Secret, isPinned = true } }, ownToken);
        await DoAsync("/user/process_user_command_add", new { userID = owner, type = 1, uuid = "u", value = Secret, ex = Secret }, ownToken);
        await DoAsync("/user/set_user_client_config", new { userID = owner, configs = new Dictionary<string, string> { ["key"] = Secret } }, await edge.AdministratorAsync());
        await DoAsync("/third/fcm_update_token", new { platformID = 1, fcmToken = Secret, account = owner, expireTime = 1 }, ownToken);

        var before = await LookAsync(edge, owner, group, conversation, ownToken);
        Assert.Contains(Secret, before, StringComparison.Ordinal);
        var bodies = BodiesAbout(owner, friend, stranger, group, conversation);
        var paths = edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Where(path => path != "/" && !path.Contains('{', StringComparison.Ordinal)).Distinct().ToArray();
        Assert.True(paths.Length >= 120, $"only {paths.Length} paths were found");
        foreach (var path in paths)
            foreach (var body in bodies)
            {
                var answer = await edge.CallAsync(path, body, token);
                Assert.False(answer.Data.ValueKind != JsonValueKind.Undefined && answer.Data.GetRawText().Contains(Secret, StringComparison.Ordinal), $"{path} told a stranger: {answer.Data}");
            }

        Assert.Equal(before, await LookAsync(edge, owner, group, conversation, ownToken));
    }

    static async Task<string> LookAsync(RunningEdge edge, string owner, string group, string conversation, string token)
    {
        var seen = new List<string>();
        foreach (var (path, template) in Watched)
        {
            var body = template.Replace("{owner}", owner, StringComparison.Ordinal).Replace("{group}", group, StringComparison.Ordinal).Replace("{conversation}", conversation, StringComparison.Ordinal);
            var answer = await edge.CallAsync(path, JsonSerializer.Deserialize<JsonElement>(body), token);
            Assert.Equal((path, 0), (path, answer.Code));
            seen.Add(answer.Data.GetRawText());
        }

        return string.Join('\n', seen);
    }

    /// <summary>One body names the owner wherever a user can be named; the others put the stranger's own id where the caller's is judged, and the owner's things beside it.</summary>
    static object[] BodiesAbout(string owner, string friend, string stranger, string group, string conversation)
    {
        Dictionary<string, object?> Body(string self, string other)
        {
            var page = new { pageNumber = 1, showNumber = 100 };
            var ids = new[] { other, friend };
            var conversations = new[] { conversation, $"sg_{group}", $"n_{owner}_{friend}", $"n_{group}", $"n_{owner}_{owner}" };
            return new()
            {
                ["userID"] = self,
                ["ownerUserID"] = self,
                ["fromUserID"] = self,
                ["sendID"] = self,
                ["account"] = self,
                ["oldOwnerUserID"] = self,
                ["toUserID"] = other,
                ["friendUserID"] = other,
                ["blackUserID"] = other,
                ["recvID"] = "",
                ["userID1"] = other,
                ["userID2"] = friend,
                ["newOwnerUserID"] = stranger,
                ["userIDs"] = ids,
                ["userIDList"] = ids,
                ["friendUserIDs"] = ids,
                ["memberUserIDs"] = ids,
                ["kickedUserIDs"] = ids,
                ["checkUserIDs"] = ids,
                ["groupID"] = group,
                ["groupIDs"] = new[] { group },
                ["groupInfo"] = new { groupID = group, groupName = "taken" },
                ["members"] = new[] { new { groupID = group, userID = other, nickname = "taken" } },
                ["groupInfoForSet"] = new { groupID = group, groupName = "taken" },
                ["groupName"] = "taken",
                ["reqList"] = new[] { new { groupID = group, versionID = "", version = 0 } },
                ["conversationID"] = conversation,
                ["conversationIDs"] = conversations,
                ["conversation"] = new { conversationID = conversation, isPinned = false, ex = "taken" },
                ["seqRanges"] = conversations.Select(id => new { conversationID = id, begin = 1, end = 99, num = 99 }),
                ["order"] = 0,
                ["seq"] = 1,
                ["seqs"] = new[] { 1, 2 },
                ["hasReadSeq"] = 1,
                ["pagination"] = page,
                ["versionID"] = "",
                ["version"] = 0,
                ["filter"] = 0,
                ["keyword"] = "",
                ["time"] = 0,
                ["handleResult"] = 1,
                ["mutedSeconds"] = 60,
                ["count"] = 100,
                ["contentType"] = 101,
                ["content"] = new { content = "x" },
                ["sessionType"] = 3,
                ["remark"] = "taken",
                ["nickname"] = "taken",
                ["ex"] = "taken",
                ["reaction"] = "x",
                ["pinned"] = true,
                ["type"] = 1,
                ["uuid"] = "u",
                ["value"] = "taken",
                ["key"] = "key",
                ["userInfo"] = new { userID = self, nickname = self == stranger ? $"{stranger}'s name" : "taken" },
                ["platformID"] = 5,
                ["fcmToken"] = "taken",
                ["deleteSyncOpt"] = new { IsSyncSelf = true, IsSyncOther = true },
            };
        }

        return [Body(owner, friend), Body(stranger, owner), Body(friend, owner)];
    }
}
