using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>How members came in. On disk: add, never renumber.</summary>
enum EntryCause : byte
{
    None = 0,

    /// <summary>With a group that was created, and more follow.</summary>
    Founding = 1,

    /// <summary>The last of those.</summary>
    Founded = 2,
    Invited = 3,

    /// <summary>By themselves, whether or not someone had to agree.</summary>
    Joined = 4,
}

readonly record struct EnteringMember(UserNumber User, GroupRole Role = GroupRole.Member);

/// <summary>Users are members from now on, at most <see cref="MemberFeeds.MaxMembers"/>. Filed in the group's list of members, and per member in their lists of groups and conversations.</summary>
/// <param name="By">Who let them in.</param>
/// <param name="Inviter">0 for nobody.</param>
/// <param name="HidesHistory">They don't see what was said before.</param>
sealed record MembersEntered(GroupNumber Group, UserNumber By, EntryCause Cause, JoinSource Source, UserNumber Inviter, bool HidesHistory, IReadOnlyList<EnteringMember> Members)
    : GroupRecord(RecordTypes.MembersEntered, Group, By)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(3, (long)Cause);
        writer.Number(4, (long)Source);
        writer.Number(5, Inviter.Value);
        writer.Number(6, HidesHistory ? 1 : 0);
        // A role holds for the users behind it.
        var role = GroupRole.Member;
        foreach (var member in Members)
        {
            if (member.Role != role) writer.Number(7, (long)(role = member.Role));
            writer.Number(8, member.User.Value);
        }
    }

    public override void Apply(AppState app, in Applied at)
    {
        var minimum = HidesHistory ? (uint)Math.Min(uint.MaxValue, app.Groups.Row(Group).Last + 1) : 0;
        for (var i = 0; i < Members.Count; i++)
        {
            app.Members.Enter(Group, Members[i].User, Members[i].Role, Source, Inviter, By, (uint)(at.Time / 1_000_000), minimum);
            MemberFeeds.Listed(app, at, i, Members[i].User);
        }

        Versioned(app, at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        foreach (var member in Members) to.Enter(member.User, Group);
        if (Cause == EntryCause.Founding) return;
        to.Tell(() => Notice(app), 0, Group);
        // Clients look for what a new group announces where they look for any announcement.
        if (Cause == EntryCause.Founded && app.Groups.Row(Group).AnnouncedAt > 0) to.Tell(() => NoticeOf(app, GroupEvent.AnnouncementChanged, []), 0, Group);
    }

    public override void Touch(FeedId list, in Applied at, ListChanges changes)
    {
        if (list == FeedIds.Members(Group))
        {
            base.Touch(list, at, changes);
            foreach (var member in Members) changes.Added(member.User.Value);
        }
        else changes.Added(MemberFeeds.EntryIn(list, Group));
    }

    GroupNotice Notice(AppState app) => Cause switch
    {
        EntryCause.Founded => NoticeOf(app, GroupEvent.Created, app.Members.Numbers(Group, 0, MemberFeeds.MaxMembers)),
        EntryCause.Joined => NoticeOf(app, GroupEvent.MemberEntered, Members.Select(member => member.User)),
        _ => NoticeOf(app, GroupEvent.MembersInvited, Members.Select(member => member.User)) with
        {
            Inviter = Inviter != By && app.Members.TryView(Group, Inviter, out var inviter) ? inviter : null,
        },
    };

    public static MembersEntered Read(TaggedReader reader)
    {
        var members = new List<EnteringMember>();
        var entered = new MembersEntered(default, default, EntryCause.None, JoinSource.None, default, false, members);
        var role = GroupRole.Member;
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 3: entered = entered with { Cause = (EntryCause)reader.Number }; break;
                case 4: entered = entered with { Source = (JoinSource)reader.Number }; break;
                case 5: entered = entered with { Inviter = new UserNumber((uint)reader.Number) }; break;
                case 6: entered = entered with { HidesHistory = reader.Number != 0 }; break;
                case 7: role = (GroupRole)reader.Number; break;
                case 8: members.Add(new EnteringMember(new UserNumber((uint)reader.Number), role)); break;
                default: entered = Shared(entered, tag, reader); break;
            }

        return entered;
    }
}
