using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>Where a record lies by which members come or go: in the group's list of members; then, member by member, in their lists of groups and of conversations.</summary>
static class MemberFeeds
{
    /// <summary>Each is in two feeds, and a record may be in 1,024.</summary>
    public const int MaxMembers = 500;

    public static FeedId[] Of(GroupNumber group, IEnumerable<UserNumber> members)
    {
        var feeds = new List<FeedId> { FeedIds.Members(group) };
        foreach (var member in members)
        {
            feeds.Add(FeedIds.JoinedGroups(member));
            feeds.Add(FeedIds.Conversations(member));
        }

        return [.. feeds];
    }

    /// <summary>Versions the lists of the member who is the <paramref name="index"/>th (from 0) of such a record.</summary>
    public static void Listed(AppState app, in Applied at, int index, UserNumber member)
    {
        var own = new Applied(at.Position, at.Time, at.Filings.Slice(1 + (2 * index), 2));
        app.Users.Row(member).JoinedGroupsVersion = (uint)own.SequenceIn(FeedIds.JoinedGroups(member));
        app.Conversations.Listed(member, own);
    }

    /// <summary>What stands for the group in one of a member's lists.</summary>
    public static ulong EntryIn(FeedId list, GroupNumber group)
        => list == FeedIds.JoinedGroups(new UserNumber(FeedIds.NumberOf(list))) ? group.Value : ConversationKey.Of(group).Feed.Value;
}
