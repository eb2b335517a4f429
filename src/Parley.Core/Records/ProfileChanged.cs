using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>
/// A user's profile changed; null leaves a part as it was. Filed in the lists of friends that the user is on, and in those of members where they appear by it, when it is
/// something that others see: at most <see cref="MaxLists"/>; for those beyond, the same is said again in further records.
/// </summary>
/// <param name="IsRepeated">The same was said by a record before this one, for other lists.</param>
sealed record ProfileChanged(UserNumber User, string? Nickname, string? FaceUrl, string? Extra, ReceiveOption? Receive, bool IsRepeated = false) : Record(RecordTypes.ProfileChanged)
{
    /// <summary>A record's feeds are bounded.</summary>
    public const int MaxLists = 1_000;

    const int HasNickname = 1, HasFaceUrl = 2, HasExtra = 4, HasReceive = 8;

    public bool IsShownToFriends => Nickname is not null || FaceUrl is not null || Extra is not null;

    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, (Nickname is null ? 0 : HasNickname) | (FaceUrl is null ? 0 : HasFaceUrl) | (Extra is null ? 0 : HasExtra) | (Receive is null ? 0 : HasReceive));
        writer.Text(3, Nickname ?? "");
        writer.Text(4, FaceUrl ?? "");
        writer.Text(5, Extra ?? "");
        writer.Number(6, (long)(Receive ?? default));
        writer.Number(7, IsRepeated ? 1 : 0);
    }

    public override void Apply(AppState app, in Applied at)
    {
        ref var row = ref app.Users.Row(User);
        row.Nickname = Nickname ?? row.Nickname;
        row.FaceUrl = FaceUrl ?? row.FaceUrl;
        row.Extra = Extra ?? row.Extra;
        row.Receive = Receive ?? row.Receive;
        app.Contacts.Listed(at);
        foreach (var filing in at.Filings)
            if (FeedIds.IsMembers(filing.Feed)) app.Groups.Row(new GroupNumber(FeedIds.NumberOf(filing.Feed))).MembersVersion = filing.Sequence;
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        if (!IsRepeated) to.Tell(() => new ProfileNotice(app.Users.IdOf(User)), 0, [User]);
        foreach (var filing in at.Filings)
        {
            if (FeedIds.IsMembers(filing.Feed))
            {
                var group = new GroupNumber(FeedIds.NumberOf(filing.Feed));
                to.Tell(() => new GroupNotice(GroupEvent.MemberChanged, app.Groups.View(group), app.Members.View(group, User), [app.Members.View(group, User)]), 0, group);
                continue;
            }

            var friend = new UserNumber(FeedIds.NumberOf(filing.Feed));
            to.Tell(() => new ContactNotice(ContactEvent.ProfileChanged, app.Users.IdOf(User), app.Users.IdOf(friend), null, []), 0, [friend]);
        }
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => User == user && (Nickname, FaceUrl, Extra) is not ("" or null, "" or null, "" or null);

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => writer.Number(1, User.Value);

    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Changed(User.Value);

    public static ProfileChanged Read(TaggedReader reader)
    {
        var (user, has, nickname, faceUrl, extra) = (default(UserNumber), 0L, "", "", "");
        var (receive, isRepeated) = (default(ReceiveOption), false);
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) user = new UserNumber((uint)reader.Number);
            else if (tag == 2) has = reader.Number;
            else if (tag == 3) nickname = reader.Text;
            else if (tag == 4) faceUrl = reader.Text;
            else if (tag == 5) extra = reader.Text;
            else if (tag == 6) receive = (ReceiveOption)reader.Number;
            else if (tag == 7) isRepeated = reader.Number != 0;
        }

        return new ProfileChanged(user, (has & HasNickname) == 0 ? null : nickname, (has & HasFaceUrl) == 0 ? null : faceUrl, (has & HasExtra) == 0 ? null : extra,
            (has & HasReceive) == 0 ? null : receive, isRepeated);
    }
}
