using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>A group ended. Its members stay what they were, unless <see cref="MembersLeft"/> follows.</summary>
sealed record GroupDismissed(GroupNumber Group, UserNumber By) : GroupRecord(RecordTypes.GroupDismissed, Group, By)
{
    public override void Apply(AppState app, in Applied at)
    {
        app.Groups.Row(Group).IsDismissed = true;
        Versioned(app, at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to) => to.Tell(() => NoticeOf(app, GroupEvent.Dismissed, []), 0, Group);

    public static GroupDismissed Read(TaggedReader reader)
    {
        var group = new GroupDismissed(default, default);
        while (reader.TryRead(out var tag)) group = Shared(group, tag, reader);
        return group;
    }
}
