using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Lists;
using Parley.Client.Storage;

namespace Parley.Client.Groups;

/// <summary>
/// Groups: what this user is in is kept in the local store and readable offline; everything else asks the server and throws <see cref="ParleyException"/> when it
/// declines or can't be reached. When a change returns, the local lists show it if the server could be asked for them.
/// </summary>
public sealed class ClientGroups
{
    const int WorkingGroup = 2;

    readonly ApiClient _api;
    readonly ListStore _store;
    readonly ListSyncer _lists;

    internal ClientGroups(ApiClient api, ListStore store, ListSyncer lists) => (_api, _store, _lists) = (api, store, lists);

    /// <summary>The groups this user is in, oldest membership first. Local.</summary>
    public IReadOnlyList<Group> GetJoined() => [.. _store.Read(VersionedList.Groups.Name).Select(Group.Read)];

    /// <summary>Null when this user is not in it, as far as is known here. Local.</summary>
    public Group? FindJoined(string groupId) => _store.Find(VersionedList.Groups.Name, groupId) is { ValueKind: JsonValueKind.Object } found ? Group.Read(found) : null;

    /// <summary>Groups as the server knows them now; unknown ones are left out.</summary>
    public Task<IReadOnlyList<Group>> GetAsync(IReadOnlyList<string> groupIds, CancellationToken ct = default) =>
        _api.AskAsync("/group/get_groups_info", new JsonObject { ["groupIDs"] = JsonFields.Array(groupIds) }, data => List(data, "groupInfos", Group.Read), ct);

    public async Task<Group> CreateAsync(GroupDraft draft, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(draft.Name);
        var body = new JsonObject
        {
            ["memberUserIDs"] = JsonFields.Array(draft.MemberIds),
            ["adminUserIDs"] = JsonFields.Array(draft.AdministratorIds),
            ["ownerUserID"] = _api.UserId,
            ["groupInfo"] = new JsonObject
            {
                ["groupID"] = draft.Id ?? "",
                ["groupName"] = draft.Name,
                ["notification"] = draft.Announcement,
                ["introduction"] = draft.Introduction,
                ["faceURL"] = draft.FaceUrl,
                ["ex"] = draft.Extra,
                ["needVerification"] = (int)draft.JoinRule,
                ["groupType"] = WorkingGroup,
                ["creatorUserID"] = _api.UserId,
            },
        };
        var created = await _api.AskAsync("/group/create_group", body, data => Group.Read(data.Part("groupInfo")), ct);
        await _lists.RefreshAsync([VersionedList.Groups, VersionedList.Conversations], ct);
        return created;
    }

    /// <summary>Ends the group for everyone; for its owner.</summary>
    public Task DismissAsync(string groupId, CancellationToken ct = default) => ChangeAsync("/group/dismiss_group", Of(groupId), groupId, ct);

    /// <summary>Enters the group, or applies for it where its <see cref="JoinRule"/> says so.</summary>
    public Task JoinAsync(string groupId, string message = "", CancellationToken ct = default) => ChangeAsync(
        "/group/join_group",
        Of(groupId, ("reqMessage", message), ("joinSource", 3), ("inviterUserID", _api.UserId), ("ex", "")), groupId, ct);

    /// <summary>Takes users in, or proposes them where the group's <see cref="JoinRule"/> says so.</summary>
    public Task InviteAsync(string groupId, IReadOnlyList<string> userIds, string reason = "", CancellationToken ct = default) =>
        ChangeAsync("/group/invite_user_to_group", Of(groupId, ("invitedUserIDs", JsonFields.Array(userIds)), ("reason", reason)), groupId, ct);

    public Task RemoveAsync(string groupId, IReadOnlyList<string> userIds, string reason = "", CancellationToken ct = default) =>
        ChangeAsync("/group/kick_group", Of(groupId, ("kickedUserIDs", JsonFields.Array(userIds)), ("reason", reason)), groupId, ct);

    /// <summary>Leaves; an owner has to transfer or dismiss the group instead.</summary>
    public Task QuitAsync(string groupId, CancellationToken ct = default) => ChangeAsync("/group/quit_group", Of(groupId, ("userID", _api.UserId)), groupId, ct);

    public Task ChangeAsync(string groupId, GroupChange change, CancellationToken ct = default) => ChangeAsync("/group/set_group_info_ex", Of(
        groupId, ("groupName", change.Name), ("notification", change.Announcement), ("introduction", change.Introduction), ("faceURL", change.FaceUrl), ("ex", change.Extra),
        ("needVerification", (int?)change.JoinRule), ("lookMemberInfo", Number(change.HidesMembers)), ("applyMemberFriend", Number(change.ForbidsFriendRequests))), groupId, ct);

    /// <summary>Makes another member the owner.</summary>
    public Task TransferAsync(string groupId, string newOwnerId, CancellationToken ct = default) =>
        ChangeAsync("/group/transfer_group", Of(groupId, ("oldOwnerUserID", _api.UserId), ("newOwnerUserID", newOwnerId)), groupId, ct);

    /// <param name="duration">Whole seconds count; at least one.</param>
    public Task MuteMemberAsync(string groupId, string userId, TimeSpan duration, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, TimeSpan.FromSeconds(uint.MaxValue));
        return ChangeAsync("/group/mute_group_member", Of(groupId, ("userID", userId), ("mutedSeconds", (uint)duration.TotalSeconds)), groupId, ct);
    }

    public Task UnmuteMemberAsync(string groupId, string userId, CancellationToken ct = default) =>
        ChangeAsync("/group/cancel_mute_group_member", Of(groupId, ("userID", userId)), groupId, ct);

    public Task MuteAsync(string groupId, CancellationToken ct = default) => ChangeAsync("/group/mute_group", Of(groupId), groupId, ct);

    public Task UnmuteAsync(string groupId, CancellationToken ct = default) => ChangeAsync("/group/cancel_mute_group", Of(groupId), groupId, ct);

    public Task ChangeMemberAsync(string groupId, string userId, MemberChange change, CancellationToken ct = default)
    {
        var member = Of(groupId, ("userID", userId), ("nickname", change.Nickname), ("faceURL", change.FaceUrl), ("roleLevel", (int?)change.Role), ("ex", change.Extra));
        return ChangeAsync("/group/set_group_member_info", new JsonObject { ["members"] = new JsonArray(member) }, groupId, ct);
    }

    /// <summary>
    /// A page of the members: owner, administrators, then the others by the time they joined. The first call for a group loads the whole list, which is then kept and
    /// readable offline.
    /// </summary>
    /// <exception cref="ParleyException">Not loaded yet, and the server declined or can't be reached.</exception>
    public async Task<IReadOnlyList<Member>> GetMembersAsync(string groupId, int skip = 0, int count = 100, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var list = VersionedList.MembersOf(groupId);
        if (!_store.IsKept(list.Name)) await _lists.SyncAsync(list, ct);
        return [.. _store.Page(list.Name, skip, count).Select(Member.Read)];
    }

    /// <summary>Of these users the ones who are members, as the server knows them now.</summary>
    public Task<IReadOnlyList<Member>> FindMembersAsync(string groupId, IReadOnlyList<string> userIds, CancellationToken ct = default) =>
        _api.AskAsync("/group/get_group_members_info", Of(groupId, ("userIDs", JsonFields.Array(userIds))), data => List(data, "members", Member.Read), ct);

    /// <summary>Applications to groups that this user leads, newest first.</summary>
    public Task<IReadOnlyList<GroupApplication>> GetApplicationsAsync(int page = 1, int pageLength = 50, CancellationToken ct = default) => _api.AskAsync(
        "/group/get_recv_group_applicationList",
        new JsonObject { ["pagination"] = JsonFields.Page(page, pageLength), ["fromUserID"] = _api.UserId, ["groupIDs"] = new JsonArray(), ["handleResults"] = new JsonArray() },
        data => List(data, "groupRequests", GroupApplication.Read), ct);

    /// <summary>This user's own applications, newest first.</summary>
    public Task<IReadOnlyList<GroupApplication>> GetOwnApplicationsAsync(int page = 1, int pageLength = 50, CancellationToken ct = default) => _api.AskAsync(
        "/group/get_user_req_group_applicationList",
        new JsonObject { ["pagination"] = JsonFields.Page(page, pageLength), ["userID"] = _api.UserId, ["groupIDs"] = new JsonArray(), ["handleResults"] = new JsonArray() },
        data => List(data, "groupRequests", GroupApplication.Read), ct);

    /// <summary>How many applications wait for this user's answer.</summary>
    public Task<long> CountOpenApplicationsAsync(CancellationToken ct = default) => _api.AskAsync(
        "/group/get_group_application_unhandled_count", new JsonObject { ["userID"] = _api.UserId, ["time"] = 0 }, data => data.Whole("count"), ct);

    public Task AcceptAsync(string groupId, string applicantId, string message = "", CancellationToken ct = default) =>
        AnswerAsync(groupId, applicantId, RequestAnswer.Accepted, message, ct);

    public Task RefuseAsync(string groupId, string applicantId, string message = "", CancellationToken ct = default) =>
        AnswerAsync(groupId, applicantId, RequestAnswer.Refused, message, ct);

    Task AnswerAsync(string groupId, string applicantId, RequestAnswer answer, string message, CancellationToken ct) => ChangeAsync(
        "/group/group_application_response", Of(groupId, ("fromUserID", applicantId), ("handledMsg", message), ("handleResult", (int)answer)), groupId, ct);

    async Task ChangeAsync(string path, JsonObject body, string groupId, CancellationToken ct)
    {
        await _api.TellAsync(path, body, ct);
        await _lists.RefreshGroupAsync(groupId, ct);
    }

    static JsonObject Of(string groupId, params ReadOnlySpan<(string Key, JsonNode? Value)> more)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var body = new JsonObject { ["groupID"] = groupId };
        foreach (var (key, value) in more) body[key] = value;
        return body;
    }

    static JsonNode? Number(bool? flag) => flag is { } value ? value ? 1 : 0 : null;

    static IReadOnlyList<T> List<T>(JsonElement data, string key, Func<JsonElement, T> read) => [.. data.Items(key).Select(read)];
}
