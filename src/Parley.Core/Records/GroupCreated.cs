using Parley.Core.Groups;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>A group began; who is in it is said by the <see cref="MembersEntered"/> that follow at once.</summary>
sealed record GroupCreated(GroupNumber Group, UserNumber By, string Id, GroupKind Kind, UserNumber Owner, GroupDetails Details) : GroupRecord(RecordTypes.GroupCreated, Group, By)
{
    /// <summary>It was announced something that was erased.</summary>
    public bool HadAnnouncement { get; init; }

    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Text(3, Id);
        writer.Number(4, (long)Kind);
        writer.Number(5, Owner.Value);
        GroupDetailsFields.Write(writer, Details);
    }

    public override void Apply(AppState app, in Applied at)
    {
        ref var row = ref app.Groups.Add(Group, Id);
        (row.Kind, row.Details, row.Owner, row.Creator, row.CreatedAt) = (Kind, Details, Owner, By, at.Time);
        if (HadAnnouncement || !string.IsNullOrEmpty(Details.Announcement)) (row.AnnouncedAt, row.Announcer) = (at.Time, By);
        Versioned(app, at);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => By == user && !string.IsNullOrEmpty(Details.Announcement);

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => (this with { Details = Details with { Announcement = "" } }).Write(writer);

    public static GroupCreated Read(TaggedReader reader)
    {
        var group = new GroupCreated(default, default, "", GroupKind.None, default, GroupDetails.None);
        while (reader.TryRead(out var tag))
            group = tag switch
            {
                3 => group with { Id = reader.Text },
                4 => group with { Kind = (GroupKind)reader.Number },
                5 => group with { Owner = new UserNumber((uint)reader.Number) },
                TaggedWriter.ErasedTag => group with { HadAnnouncement = true },
                _ when GroupDetailsFields.Read(group.Details, tag, reader) is { } details => group with { Details = details },
                _ => Shared(group, tag, reader),
            };
        return group;
    }
}
