using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>
/// A user is forgotten: number and places in conversations stay, everything they said of themself goes, and what they wrote is to leave the log: <see cref="Erasing.Eraser"/> finds this record in the feed of erasures.
/// Filed there and in the lists of others that had the user on them: at most <see cref="MaxLists"/>; for those beyond, the same is said again in further records. Groups are left by records of their own.
/// </summary>
/// <param name="Id">Which they had, for the eraser to find in records of others; it takes it out of this one when there is nothing left to find. Empty in further records.</param>
/// <param name="IsRepeated">The same was said by a record before this one, for other lists.</param>
sealed record UserErased(UserNumber User, string Id, bool IsRepeated = false) : Record(RecordTypes.UserErased)
{
    // The second says nothing by itself: it leaves the room to take out the shortest id.
    const int Repeated = 1, First = 2;

    /// <summary>A record's feeds are bounded.</summary>
    public const int MaxLists = 1_000;

    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, IsRepeated ? Repeated : First);
        writer.Text(3, Id);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => User == user && Id.Length > 0;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => writer.Number(1, User.Value);

    /// <summary>Forgets whatever a replay over overwritten records would not know: see <see cref="Record.WriteWithoutTexts"/>.</summary>
    public override void Apply(AppState app, in Applied at)
    {
        app.Contacts.Listed(at);
        app.Conversations.Listed(at);
        if (IsRepeated) return;
        app.Tokens.ForgetAll(User);
        app.Users.Erase(User);
        app.Values.Forget(User);
        app.Contacts.Erase(User);
        app.Applications.Erase(User);
        app.Members.EraseExtras(User);
        app.Groups.EraseAnnouncements(User);
        app.Conversations.ForgetSettings(User);
        app.Mentions.Forget(User);
        app.Reactions.Forget(User);
        app.Remembered.Erase(User);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        if (!IsRepeated) to.Kick(app, User);
        foreach (var filing in at.Filings)
        {
            var owner = new UserNumber(FeedIds.NumberOf(filing.Feed));
            if (filing.Feed == FeedIds.Friends(owner)) Tell(ContactEvent.Deleted);
            else if (filing.Feed == FeedIds.Blocks(owner)) Tell(ContactEvent.Unblocked);

            void Tell(ContactEvent @event) => to.Tell(() => new ContactNotice(@event, app.Users.IdOf(owner), app.Users.IdOf(User), null, []), 0, [owner]);
        }
    }

    /// <summary>Readers know users and conversations by ids, and the one they know is gone.</summary>
    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Lost();

    public static UserErased Read(TaggedReader reader)
    {
        var erased = new UserErased(default, "");
        while (reader.TryRead(out var tag))
            erased = tag switch
            {
                1 => erased with { User = new UserNumber((uint)reader.Number) },
                2 => erased with { IsRepeated = reader.Number == Repeated },
                3 => erased with { Id = reader.Text },
                _ => erased,
            };
        return erased;
    }
}
