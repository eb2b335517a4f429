using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>Something that became true of a group. Filed in the group's list of members, first.</summary>
/// <param name="By">Who did it; 0 for the administration.</param>
abstract record GroupRecord(ushort Type, GroupNumber Group, UserNumber By) : Record(Type)
{
    // Tags that all of them share; the others begin behind them.
    const int GroupTag = 1, ByTag = 2;

    public override void Write(TaggedWriter writer)
    {
        writer.Number(GroupTag, Group.Value);
        writer.Number(ByTag, By.Value);
    }

    /// <summary>The group itself; who adds entries of its own says so too.</summary>
    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Changed(ListChanges.Subject);

    protected void Versioned(AppState app, in Applied at) => app.Groups.Row(Group).MembersVersion = at.Filings[0].Sequence;

    protected GroupNotice NoticeOf(AppState app, GroupEvent @event, IEnumerable<UserNumber> members)
        => new(@event, app.Groups.View(Group), app.Members.TryView(Group, By, out var by) ? by : null, [.. members.Select(member => app.Members.View(Group, member))]);

    /// <summary>What <see cref="Write"/> wrote: the record with it, or as it was when the tag is another.</summary>
    protected static T Shared<T>(T record, int tag, TaggedReader reader) where T : GroupRecord => tag switch
    {
        GroupTag => (T)(record with { Group = new GroupNumber((uint)reader.Number) }),
        ByTag => (T)(record with { By = new UserNumber((uint)reader.Number) }),
        _ => record,
    };
}
