using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Contacts;
using Parley.Client.Conversations;
using Parley.Client.Groups;
using Parley.Client.Storage;

namespace Parley.Client.Lists;

/// <summary>
/// A list that the server keeps with a version: who knows an older one asks for what changed since, anyone else for all of it, in pages. Equal by name.
/// </summary>
/// <param name="name">In the local store.</param>
/// <param name="pageLength">What servers of this protocol serve at once.</param>
sealed class VersionedList(string name, string pagePath, string pageKey, int pageLength, Func<JsonElement, ListEntry> entry) : IEquatable<VersionedList>
{
    const string MembersPrefix = "members:";

    // Ranks are two parts in one number: a class, then a time in ms, which takes 41 bits until the year 2039 and is cut to 44.
    const int TimeBits = 44;

    public static readonly VersionedList Friends = new("friends", "/friend/get_friend_list", "friendsInfo", 100, FriendEntry) { ChangesPath = "/friend/get_incremental_friends" };

    /// <summary>Has no versions: it is short, and read anew.</summary>
    public static readonly VersionedList Blocked = new("blocked", "/friend/get_black_list", "blacks", 200, BlockedEntry);

    public static readonly VersionedList Groups = new("groups", "/group/get_joined_group_list", "groups", 100, GroupEntry)
    {
        ChangesPath = "/group/get_incremental_join_groups",
        OwnerKey = "fromUserID",
    };

    public static readonly VersionedList Conversations = new("conversations", "/conversation/get_owner_conversation", "conversations", 300, ConversationEntry)
    {
        ChangesPath = "/conversation/get_incremental_conversations",
        // Sorted by the latest message, so that one may slip from a later page to one that was read already, and that is no change of the list.
        IdsPath = "/conversation/get_full_conversation_ids",
    };

    public static VersionedList MembersOf(string groupId)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        return new(MembersPrefix + groupId, "/group/get_group_member_list", "members", 100, MemberEntry)
        {
            ChangesPath = "/group/get_incremental_group_members_batch",
            GroupId = groupId,
        };
    }

    /// <summary>Null unless it names the members of a group.</summary>
    public static VersionedList? MembersFrom(string name) =>
        name.StartsWith(MembersPrefix, StringComparison.Ordinal) ? MembersOf(name[MembersPrefix.Length..]) : null;

    public string Name { get; } = name;

    public int PageLength { get; } = pageLength;

    public string PagePath { get; } = pagePath;

    /// <summary>Null when it has no versions.</summary>
    public string? ChangesPath { get; private init; }

    /// <summary>Where all its ids are told at once; null where the pages can be relied on.</summary>
    public string? IdsPath { get; private init; }

    /// <summary>Of a list of members.</summary>
    public string? GroupId { get; private init; }

    string OwnerKey { get; init; } = "userID";

    /// <summary>As all of these: throws what <see cref="JsonFields"/> throws unless everything that is read of it later can be.</summary>
    public static ListEntry GroupEntry(JsonElement group) => new(Group.Read(group).Id, group.Whole("createTime"), group.GetRawText());

    static ListEntry MemberEntry(JsonElement from)
    {
        var member = Member.Read(from);
        return new(member.UserId, Rank(Math.Clamp(MemberRole.Owner - member.Role, 0, 100), from.Whole("joinTime")), from.GetRawText());
    }

    static ListEntry FriendEntry(JsonElement from)
    {
        var friend = Friend.Read(from);
        return new(friend.UserId, Rank(friend.IsPinned ? 0 : 1, from.Whole("createTime")), from.GetRawText());
    }

    static ListEntry BlockedEntry(JsonElement from) => new(BlockedUser.Read(from).UserId, from.Whole("createTime"), from.GetRawText());

    static ListEntry ConversationEntry(JsonElement from)
    {
        _ = (ConversationSettings.Read(from), from.Whole("minSeq"));
        return new(from.Text("conversationID"), 0, from.GetRawText());
    }

    public ListEntry Entry(JsonElement from) =>
        entry(from) is { Id.Length: > 0 } named ? named : throw new FormatException($"An entry of the list {Name} has no id.");

    public JsonObject PageBody(string userId, int number)
    {
        var body = new JsonObject { ["pagination"] = JsonFields.Page(number, PageLength) };
        if (GroupId is null) body[OwnerKey] = userId;
        else (body["groupID"], body["filter"], body["keyword"]) = (GroupId, 0, "");
        return body;
    }

    public List<ListEntry> ReadPage(JsonElement data) => [.. data.Items(pageKey).Select(Entry)];

    public JsonObject ChangesBody(string userId, ListVersion known)
    {
        var since = new JsonObject { ["versionID"] = known.Id, ["version"] = known.Number };
        if (GroupId is null)
        {
            since["userID"] = userId;
            return since;
        }
        since["groupID"] = GroupId;
        return new JsonObject { ["userID"] = userId, ["reqList"] = new JsonArray(since) };
    }

    public ListChanges ReadChanges(JsonElement data)
    {
        if (GroupId is not null) data = data.Part("respList").Part(GroupId);
        return new(
            new ListVersion(data.Text("versionID"), data.Whole("version")), data.Flag("full"), data.Texts("delete"),
            [.. data.Items("insert").Concat(data.Items("update")).Select(Entry)],
            data.Part("group") is { ValueKind: JsonValueKind.Object } group ? GroupEntry(group) : null);
    }

    public bool Equals(VersionedList? other) => other?.Name == Name;

    public override bool Equals(object? obj) => Equals(obj as VersionedList);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    static long Rank(int kind, long unixMs) => ((long)kind << TimeBits) | Math.Clamp(unixMs, 0, (1L << TimeBits) - 1);
}

/// <summary>What changed in a list since a version.</summary>
/// <param name="Version">Reached with these changes; of no id where the server knows no such list.</param>
/// <param name="IsFull">The list has to be read anew.</param>
/// <param name="Group">Of a list of members: the group, when it changed.</param>
sealed record ListChanges(ListVersion Version, bool IsFull, IReadOnlyList<string> Removed, IReadOnlyList<ListEntry> Put, ListEntry? Group);
