using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>Why members left. On disk: add, never renumber.</summary>
enum LeaveCause : byte
{
    None = 0,
    Quit = 1,
    Removed = 2,

    /// <summary>The group was dismissed, which was told by itself.</summary>
    Dismissed = 3,

    /// <summary>The user was erased: told as if they had quit.</summary>
    Erased = 4,
}

/// <summary>Users are no longer members, at most <see cref="MemberFeeds.MaxMembers"/>. Filed as <see cref="MembersEntered"/>.</summary>
sealed record MembersLeft(GroupNumber Group, UserNumber By, LeaveCause Cause, IReadOnlyList<UserNumber> Members) : GroupRecord(RecordTypes.MembersLeft, Group, By)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(3, (long)Cause);
        foreach (var member in Members) writer.Number(4, member.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        for (var i = 0; i < Members.Count; i++)
        {
            app.Members.Leave(Group, Members[i]);
            MemberFeeds.Listed(app, at, i, Members[i]);
        }

        Versioned(app, at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        foreach (var member in Members) to.Leave(member, Group);
        if (Cause == LeaveCause.Dismissed) return;
        var @event = Cause is LeaveCause.Quit or LeaveCause.Erased ? GroupEvent.MemberQuit : GroupEvent.MembersRemoved;
        to.Tell(() => NoticeOf(app, @event, Members), 0, Group, [.. Members]);
    }

    public override void Touch(FeedId list, in Applied at, ListChanges changes)
    {
        if (list == FeedIds.Members(Group))
        {
            base.Touch(list, at, changes);
            // Readers know members by ids, and the one they know is gone.
            if (Cause == LeaveCause.Erased) changes.Lost();
            foreach (var member in Members) changes.Changed(member.Value);
        }
        else changes.Changed(MemberFeeds.EntryIn(list, Group));
    }

    public static MembersLeft Read(TaggedReader reader)
    {
        var members = new List<UserNumber>();
        var left = new MembersLeft(default, default, LeaveCause.None, members);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 3: left = left with { Cause = (LeaveCause)reader.Number }; break;
                case 4: members.Add(new UserNumber((uint)reader.Number)); break;
                default: left = Shared(left, tag, reader); break;
            }

        return left;
    }
}
