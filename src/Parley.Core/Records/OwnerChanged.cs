using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A group has another owner; who was it is an ordinary member.</summary>
sealed record OwnerChanged(GroupNumber Group, UserNumber By, UserNumber Owner, UserNumber Previous) : GroupRecord(RecordTypes.OwnerChanged, Group, By)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(3, Owner.Value);
        writer.Number(4, Previous.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        // In this order: there is never room for two owners.
        app.Members.ChangeRole(Group, Previous, GroupRole.Member);
        app.Members.ChangeRole(Group, Owner, GroupRole.Owner);
        app.Groups.Row(Group).Owner = Owner;
        Versioned(app, at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
        => to.Tell(() => NoticeOf(app, GroupEvent.OwnerChanged, [Owner]) with { PreviousOwner = app.Members.View(Group, Previous) }, 0, Group);

    public override void Touch(FeedId list, in Applied at, ListChanges changes)
    {
        base.Touch(list, at, changes);
        changes.Changed(Owner.Value);
        changes.Changed(Previous.Value);
    }

    public static OwnerChanged Read(TaggedReader reader)
    {
        var owner = new OwnerChanged(default, default, default, default);
        while (reader.TryRead(out var tag))
            owner = tag switch
            {
                3 => owner with { Owner = new UserNumber((uint)reader.Number) },
                4 => owner with { Previous = new UserNumber((uint)reader.Number) },
                _ => Shared(owner, tag, reader),
            };
        return owner;
    }
}
