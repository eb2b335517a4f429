using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A user blocked another, whose devices know nothing of it. Filed in the user's list of blocked users.</summary>
/// <param name="By">Who did it; 0 for the administration.</param>
sealed record UserBlocked(UserNumber User, UserNumber Blocked, string Extra, UserNumber By) : Record(RecordTypes.UserBlocked)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, Blocked.Value);
        writer.Text(3, Extra);
        writer.Number(4, By.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        app.Contacts.Blocks.Add(User, Blocked, Extra, By, at.Time);
        app.Contacts.Listed(at);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => (User == user || Blocked == user) && Extra.Length > 0;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => (this with { Extra = "", By = default }).Write(writer);

    public override void Announce(AppState app, in Applied at, Announcer to)
        => to.Tell(() => new ContactNotice(ContactEvent.Blocked, app.Users.IdOf(User), app.Users.IdOf(Blocked), null, []), 0, [User]);

    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Added(Blocked.Value);

    public static UserBlocked Read(TaggedReader reader)
    {
        var blocked = new UserBlocked(default, default, "", default);
        while (reader.TryRead(out var tag))
            blocked = tag switch
            {
                1 => blocked with { User = new UserNumber((uint)reader.Number) },
                2 => blocked with { Blocked = new UserNumber((uint)reader.Number) },
                3 => blocked with { Extra = reader.Text },
                4 => blocked with { By = new UserNumber((uint)reader.Number) },
                _ => blocked,
            };
        return blocked;
    }
}

/// <summary>A user no longer blocks another. Filed in the user's list of blocked users.</summary>
sealed record UserUnblocked(UserNumber User, UserNumber Unblocked) : Record(RecordTypes.UserUnblocked)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, Unblocked.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        app.Contacts.Blocks.Remove(User, Unblocked);
        app.Contacts.Listed(at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
        => to.Tell(() => new ContactNotice(ContactEvent.Unblocked, app.Users.IdOf(User), app.Users.IdOf(Unblocked), null, []), 0, [User]);

    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Changed(Unblocked.Value);

    public static UserUnblocked Read(TaggedReader reader)
    {
        var unblocked = new UserUnblocked(default, default);
        while (reader.TryRead(out var tag))
            unblocked = tag switch
            {
                1 => unblocked with { User = new UserNumber((uint)reader.Number) },
                2 => unblocked with { Unblocked = new UserNumber((uint)reader.Number) },
                _ => unblocked,
            };
        return unblocked;
    }
}
