using Parley.Core.Contacts;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>A request was answered. Accepted, an open one in the other direction is as well: each got what they asked for. <see cref="FriendsAdded"/> follows where a list changes.</summary>
/// <param name="User">Who answered.</param>
/// <param name="From">Who had asked.</param>
sealed record FriendAnswered(UserNumber User, UserNumber From, bool IsAccepted, string Message) : Record(RecordTypes.FriendAnswered)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, From.Value);
        writer.Number(3, IsAccepted ? 1 : 0);
        writer.Text(4, Message);
    }

    public override void Apply(AppState app, in Applied at)
    {
        // Of requests that are forgotten further on nothing has to be known.
        if (User == default) return;
        app.Contacts.Requests.Close(From, User, IsAccepted ? Answer.Accepted : Answer.Refused, Message, at.Time);
        if (IsAccepted) app.Contacts.Requests.Close(User, From, Answer.Accepted, "", at.Time);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => (User == user || From == user) && Message.Length > 0;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user)
    {
    }

    public override void Announce(AppState app, in Applied at, Announcer to) => to.Tell(() =>
    {
        app.Contacts.TryFindRequest(From, User, out var request);
        return new ContactNotice(IsAccepted ? ContactEvent.Accepted : ContactEvent.Refused, app.Users.IdOf(User), app.Users.IdOf(From), request, []);
    }, 0, [User, From]);

    public static FriendAnswered Read(TaggedReader reader)
    {
        var answer = new FriendAnswered(default, default, false, "");
        while (reader.TryRead(out var tag))
            answer = tag switch
            {
                1 => answer with { User = new UserNumber((uint)reader.Number) },
                2 => answer with { From = new UserNumber((uint)reader.Number) },
                3 => answer with { IsAccepted = reader.Number != 0 },
                4 => answer with { Message = reader.Text },
                _ => answer,
            };
        return answer;
    }
}
