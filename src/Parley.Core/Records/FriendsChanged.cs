using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A user noted something about friends; null leaves a part as it was. Filed in the user's list of friends.</summary>
sealed record FriendsChanged(UserNumber User, IReadOnlyList<UserNumber> Friends, string? Remark, bool? IsPinned, string? Extra) : Record(RecordTypes.FriendsChanged)
{
    const int HasRemark = 1, HasPinned = 2, HasExtra = 4;

    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        foreach (var friend in Friends) writer.Number(2, friend.Value);
        writer.Number(3, (Remark is null ? 0 : HasRemark) | (IsPinned is null ? 0 : HasPinned) | (Extra is null ? 0 : HasExtra));
        writer.Text(4, Remark ?? "");
        writer.Number(5, IsPinned is true ? 1 : 0);
        writer.Text(6, Extra ?? "");
    }

    public override void Apply(AppState app, in Applied at)
    {
        foreach (var friend in Friends) app.Contacts.Friends.Change(User, friend, Remark, IsPinned, Extra);
        app.Contacts.Listed(at);
    }

    /// <summary>What was noted of several friends at once is not about one of them.</summary>
    public override bool HoldsTextsOf(UserNumber user, in Applied at)
        => (User == user || (Friends.Count == 1 && Friends[0] == user)) && (Remark, Extra) is not ("" or null, "" or null);

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => writer.Number(1, User.Value);

    public override void Announce(AppState app, in Applied at, Announcer to) => to.Tell(() =>
    {
        var id = app.Users.IdOf(User);
        return new ContactNotice(ContactEvent.Changed, id, id, null, [.. Friends.Select(app.Users.IdOf)]);
    }, 0, [User]);

    /// <summary>Pinning moves a friend in the list: then the list itself is to be looked at again too.</summary>
    public override void Touch(FeedId list, in Applied at, ListChanges changes)
    {
        foreach (var friend in Friends) changes.Changed(friend.Value);
        if (IsPinned is not null) changes.Changed(ListChanges.Subject);
    }

    public static FriendsChanged Read(TaggedReader reader)
    {
        var (user, friends, has) = (default(UserNumber), new List<UserNumber>(), 0L);
        var (remark, isPinned, extra) = ("", false, "");
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) user = new UserNumber((uint)reader.Number);
            else if (tag == 2) friends.Add(new UserNumber((uint)reader.Number));
            else if (tag == 3) has = reader.Number;
            else if (tag == 4) remark = reader.Text;
            else if (tag == 5) isPinned = reader.Number != 0;
            else if (tag == 6) extra = reader.Text;
        }

        return new FriendsChanged(user, friends, (has & HasRemark) == 0 ? null : remark, (has & HasPinned) == 0 ? null : isPinned, (has & HasExtra) == 0 ? null : extra);
    }
}
