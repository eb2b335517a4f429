using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <param name="Changes">Only what is new.</param>
/// <param name="IsMuted">Null when that stays as it is.</param>
/// <param name="Kind"><see cref="GroupKind.None"/> when that stays as it is.</param>
sealed record GroupChanged(GroupNumber Group, UserNumber By, GroupDetails Changes, bool? IsMuted = null, GroupKind Kind = GroupKind.None)
    : GroupRecord(RecordTypes.GroupChanged, Group, By)
{
    const int Muted = 1, Unmuted = 2;

    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(3, IsMuted switch { true => Muted, false => Unmuted, null => 0 });
        writer.Number(4, (long)Kind);
        GroupDetailsFields.Write(writer, Changes);
    }

    public override void Apply(AppState app, in Applied at)
    {
        ref var row = ref app.Groups.Row(Group);
        row.Details = row.Details.With(Changes);
        if (Changes.Announcement is not null) (row.AnnouncedAt, row.Announcer) = (at.Time, By);
        row.IsMuted = IsMuted ?? row.IsMuted;
        if (Kind != GroupKind.None) row.Kind = Kind;
        Versioned(app, at);
    }

    /// <summary>Name and the like are the group's; an announcement is a user's word to it.</summary>
    public override bool HoldsTextsOf(UserNumber user, in Applied at) => By == user && !string.IsNullOrEmpty(Changes.Announcement);

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => (this with { Changes = Changes with { Announcement = "" } }).Write(writer);

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        foreach (var @event in Events) to.Tell(() => NoticeOf(app, @event, []), 0, Group);
    }

    /// <summary>What the change is called; a new name and a new announcement by themselves.</summary>
    IEnumerable<GroupEvent> Events
    {
        get
        {
            if (Changes.Announcement is not null) yield return GroupEvent.AnnouncementChanged;
            if (Changes.Name is not null) yield return GroupEvent.NameChanged;
            if (Kind != GroupKind.None || Changes with { Announcement = null, Name = null } != GroupDetails.None) yield return GroupEvent.DetailsChanged;
            if (IsMuted is { } isMuted) yield return isMuted ? GroupEvent.Muted : GroupEvent.Unmuted;
        }
    }

    public static GroupChanged Read(TaggedReader reader)
    {
        var group = new GroupChanged(default, default, GroupDetails.None);
        while (reader.TryRead(out var tag))
            group = tag switch
            {
                3 => group with { IsMuted = reader.Number == Muted },
                4 => group with { Kind = (GroupKind)reader.Number },
                _ when GroupDetailsFields.Read(group.Changes, tag, reader) is { } details => group with { Changes = details },
                _ => Shared(group, tag, reader),
            };
        return group;
    }
}
