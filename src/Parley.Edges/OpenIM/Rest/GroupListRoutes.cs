using Parley.Core;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Lists;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/group</c>: the versioned lists, of a user's groups and of a group's members.</summary>
sealed class GroupListRoutes(Sequencer sequencer, RestGroups groups, ListReader lists, ListVersions versions, OpenIMOptions options)
{
    const int MaxGroupsPerBatch = 500;

    /// <summary>Members in one answer to a batch, roughly; clients ask again for the groups that did not fit.</summary>
    const int MaxMembersPerBatch = 2_000;

    /// <summary>Ids read in one query of a list of thousands.</summary>
    const int Slice = 5_000;

    /// <summary>A list that goes on changing while it is read is given as it was found.</summary>
    const int MaxReadings = 3;

    public void Map(RestRoutes routes)
    {
        routes.MapFor<JoinedRequest>("/group/get_joined_group_list", request => request.FromUserID, GetJoinedAsync);
        routes.MapFor<UserRequest>("/group/get_full_join_group_ids", request => request.UserID, GetJoinedIdsAsync);
        routes.MapFor<IncrementalRequest>("/group/get_incremental_join_groups", request => request.UserID, GetJoinedChangesAsync);
        routes.MapFor<BatchRequest>("/group/get_incremental_group_members_batch", request => request.UserID, GetMemberChangesAsync);
        routes.Map<MembersRequest>("/group/get_incremental_group_members", RestAccess.TokenHolder, GetMemberChangesAsync);
        routes.Map<GroupRequestBody>("/group/get_full_group_member_user_ids", RestAccess.TokenHolder, async (call, request) => await GetMemberIdsAsync(call, request, (version, ids)
            => new { Version = ListVersions.Of(version), VersionID = versions.Id, Equal = false, UserIDs = ids }));
        routes.Map<GroupRequestBody>("/group/get_group_member_user_id", RestAccess.TokenHolder, async (call, request) => await GetMemberIdsAsync(call, request, (_, ids) => new { UserIDs = ids }));
    }

    async ValueTask<RestAnswer> GetJoinedAsync(RestCall call, UserNumber user, JoinedRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var (total, page) = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            return (app.Members.GroupsOf(user).Count(), app.Members.GroupsOf(user).Skip(start).Take(count).Select(app.Groups.View).ToArray());
        });
        return RestAnswer.Of(new { Total = total, Groups = page.Select(GroupObjects.Group).ToArray() });
    }

    async ValueTask<RestAnswer> GetJoinedIdsAsync(RestCall call, UserNumber user, UserRequest request)
    {
        var (version, ids) = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            return (app.Members.JoinedVersionOf(user), app.Members.GroupsOf(user).Select(app.Groups.IdOf).ToArray());
        });
        return RestAnswer.Of(new { Version = ListVersions.Of(version), VersionID = versions.Id, Equal = false, GroupIDs = ids });
    }

    async ValueTask<RestAnswer> GetJoinedChangesAsync(RestCall call, UserNumber user, IncrementalRequest request)
    {
        var version = await sequencer.QueryAsync((state, _) => state.App(call.App).Members.JoinedVersionOf(user));
        var changes = versions.Delta(lists, call.App, FeedIds.JoinedGroups(user), request.VersionID, request.Version, version);
        var (deleted, inserted, updated) = changes is not { Count: > 0 } ? ([], [], []) : await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var (gone, added, changed) = (new List<string>(), new List<GroupInfo>(), new List<GroupInfo>());
            foreach (var (entry, wasAdded) in changes)
            {
                var group = new GroupNumber((uint)entry);
                if (!app.Members.IsMember(group, user)) gone.Add(app.Groups.IdOf(group));
                else (wasAdded ? added : changed).Add(GroupObjects.Group(app.Groups.View(group)));
            }

            return (gone, added, changed);
        });
        return RestAnswer.Of(new
        {
            Version = ListVersions.Of(version),
            VersionID = versions.Id,
            Full = changes is null,
            Delete = deleted,
            Insert = inserted,
            Update = updated,
            SortVersion = 0,
        });
    }

    async ValueTask<RestAnswer> GetMemberChangesAsync(RestCall call, UserNumber user, BatchRequest request)
    {
        if (request.ReqList is not { } asked || asked.Length > MaxGroupsPerBatch) return RestAnswer.Error(ErrorCodes.Arguments, $"no list of groups, or more than {MaxGroupsPerBatch}");
        // An administrator asks as that user: what others may see of a group is no part of their lists.
        var heads = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var found = new List<(MembersRequest Asked, GroupView Group)>(asked.Length);
            foreach (var one in asked)
                if (one is not null && app.Groups.TryFind(one.GroupID ?? "", out var group) && app.Members.IsMember(group, user)) found.Add((one, app.Groups.View(group)));
            return found;
        });
        var (answers, members) = (new Dictionary<string, object>(), 0);
        foreach (var (one, group) in heads)
        {
            if (members >= MaxMembersPerBatch) break;
            var changes = await ChangesAsync(call, one, group);
            answers[group.Id] = changes;
            members += 1 + (changes.Insert?.Length ?? 0) + (changes.Update?.Length ?? 0);
        }

        return RestAnswer.Of(new { RespList = answers });
    }

    async ValueTask<RestAnswer> GetMemberChangesAsync(RestCall call, MembersRequest request)
    {
        var (refusal, group) = await groups.AskAsync(call, request.GroupID, GroupRole.Member, (app, group) => app.Groups.View(group));
        return refusal == Refusal.None ? RestAnswer.Of(await ChangesAsync(call, request, group!)) : RestAnswer.Of(refusal);
    }

    async ValueTask<MemberChanges> ChangesAsync(RestCall call, MembersRequest asked, GroupView group)
    {
        var answer = new MemberChanges { Version = ListVersions.Of(group.MembersVersion), VersionID = versions.Id };
        var changes = versions.Delta(lists, call.App, FeedIds.Members(group.Number), asked.VersionID, asked.Version, group.MembersVersion);
        if (changes is null) return answer with { Full = true, Group = GroupObjects.Group(group) };
        if (changes.Count == 0) return answer;

        return await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var (deleted, inserted, updated) = (new List<string>(), new List<GroupMember>(), new List<GroupMember>());
            var isReordered = false;
            foreach (var (entry, wasAdded) in changes)
            {
                var user = new UserNumber((uint)entry);
                if (entry == 0) continue;
                if (!app.Members.IsMember(group.Number, user))
                {
                    deleted.Add(app.Users.IdOf(user));
                    continue;
                }

                var member = app.Members.View(group.Number, user);
                (wasAdded ? inserted : updated).Add(GroupObjects.Member(member));
                isReordered |= !wasAdded && member.Role != GroupRole.Member;
            }

            return answer with
            {
                Delete = deleted,
                Insert = inserted.NullIfEmpty(),
                Update = updated.NullIfEmpty(),
                Group = changes.ContainsKey(0) ? GroupObjects.Group(app.Groups.View(group.Number)) : null,
                // Who leads the group comes first in the list, so clients read its order anew.
                SortVersion = isReordered ? answer.Version : 0,
            };
        });
    }

    async ValueTask<RestAnswer> GetMemberIdsAsync(RestCall call, GroupRequestBody request, Func<long, IReadOnlyCollection<string>, object> write)
    {
        for (var reading = 1; ; reading++)
        {
            var (ids, first, last) = (new List<string>(), -1L, -1L);
            for (var count = Slice; count == Slice;)
            {
                var start = ids.Count;
                var (refusal, slice) = await groups.AskAsync(call, request.GroupID, GroupRole.Member, (app, group)
                    => (Ids: app.Members.Numbers(group, start, Slice).Select(app.Users.IdOf).ToArray(), Version: app.Groups.View(group).MembersVersion));
                if (refusal != Refusal.None) return RestAnswer.Of(refusal);
                ids.AddRange(slice.Ids);
                (count, last) = (slice.Ids.Length, slice.Version);
                if (first < 0) first = last;
            }

            // Members who came or went meanwhile moved the others to other places.
            if (first == last || reading == MaxReadings) return RestAnswer.Of(write(first, first == last ? ids : [.. ids.Distinct()]));
        }
    }

    sealed record JoinedRequest(string? FromUserID, Pagination? Pagination);

    sealed record BatchRequest(string? UserID, MembersRequest?[]? ReqList);

    sealed record MembersRequest(string? GroupID, string? VersionID, ulong Version);

    /// <summary><c>getIncrementalGroupMemberResp</c>.</summary>
    sealed record MemberChanges
    {
        public ulong Version { get; init; }
        public string VersionID { get; init; } = "";
        public bool Full { get; init; }
        public IReadOnlyList<string> Delete { get; init; } = [];
        public GroupMember[]? Insert { get; init; }
        public GroupMember[]? Update { get; init; }

        /// <summary>Set when the group itself changed, or is new to the client.</summary>
        public GroupInfo? Group { get; init; }
        public ulong SortVersion { get; init; }
    }
}
