using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A user took a friend off their list; the friend's own list and devices know nothing of it. Filed in the user's list of friends.</summary>
sealed record FriendDeleted(UserNumber User, UserNumber Friend) : Record(RecordTypes.FriendDeleted)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, Friend.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        app.Contacts.Friends.Remove(User, Friend);
        app.Contacts.Listed(at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
        => to.Tell(() => new ContactNotice(ContactEvent.Deleted, app.Users.IdOf(User), app.Users.IdOf(Friend), null, []), 0, [User]);

    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Changed(Friend.Value);

    public static FriendDeleted Read(TaggedReader reader)
    {
        var deleted = new FriendDeleted(default, default);
        while (reader.TryRead(out var tag))
            deleted = tag switch
            {
                1 => deleted with { User = new UserNumber((uint)reader.Number) },
                2 => deleted with { Friend = new UserNumber((uint)reader.Number) },
                _ => deleted,
            };
        return deleted;
    }
}
