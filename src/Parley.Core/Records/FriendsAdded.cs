using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A user and some others became friends. Filed in the list of each who has a friend more.</summary>
/// <param name="Added">Who came onto the user's list.</param>
/// <param name="Adding">Onto whose lists the user came; mostly the same.</param>
/// <param name="By">Who did it; 0 for the administration.</param>
sealed record FriendsAdded(UserNumber User, IReadOnlyList<UserNumber> Added, IReadOnlyList<UserNumber> Adding, FriendSource Source, UserNumber By) : Record(RecordTypes.FriendsAdded)
{
    public FeedId[] Feeds => [.. Added.Count > 0 ? [FeedIds.Friends(User)] : Array.Empty<FeedId>(), .. Adding.Select(FeedIds.Friends)];

    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        foreach (var friend in Added) writer.Number(2, friend.Value);
        foreach (var friend in Adding) writer.Number(3, friend.Value);
        writer.Number(4, (long)Source);
        writer.Number(5, By.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        foreach (var friend in Added) app.Contacts.Friends.Add(User, friend, Source, By, at.Time);
        foreach (var friend in Adding) app.Contacts.Friends.Add(friend, User, Source, By, at.Time);
        app.Contacts.Listed(at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        var all = Added.Union(Adding).ToArray();
        to.Tell(() => NoticeFor(app, all[0], all), 0, [User]);
        foreach (var friend in all) to.Tell(() => NoticeFor(app, friend, [friend]), 0, [friend]);
    }

    public override void Touch(FeedId list, in Applied at, ListChanges changes)
    {
        if (list != FeedIds.Friends(User)) changes.Added(User.Value);
        else foreach (var friend in Added) changes.Added(friend.Value);
    }

    ContactNotice NoticeFor(AppState app, UserNumber to, UserNumber[] friends)
        => new(ContactEvent.Added, app.Users.IdOf(User), app.Users.IdOf(to), null, [.. friends.Select(app.Users.IdOf)]);

    public static FriendsAdded Read(TaggedReader reader)
    {
        var (added, adding) = (new List<UserNumber>(), new List<UserNumber>());
        var record = new FriendsAdded(default, added, adding, default, default);
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) record = record with { User = new UserNumber((uint)reader.Number) };
            else if (tag == 2) added.Add(new UserNumber((uint)reader.Number));
            else if (tag == 3) adding.Add(new UserNumber((uint)reader.Number));
            else if (tag == 4) record = record with { Source = (FriendSource)reader.Number };
            else if (tag == 5) record = record with { By = new UserNumber((uint)reader.Number) };
        }

        return record;
    }
}
