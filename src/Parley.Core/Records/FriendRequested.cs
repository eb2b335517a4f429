using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>Someone asked to become a friend, for the first time or again.</summary>
/// <param name="ForgottenSender">Whose answered request to the same receiver is forgotten to make room; 0 for nobody.</param>
/// <param name="ForgottenReceiver">The sender's answered request to whom is forgotten to make room; 0 for nobody.</param>
sealed record FriendRequested(UserNumber From, UserNumber To, string Message, string Extra, UserNumber ForgottenSender = default, UserNumber ForgottenReceiver = default)
    : Record(RecordTypes.FriendRequested)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, From.Value);
        writer.Number(2, To.Value);
        writer.Text(3, Message);
        writer.Text(4, Extra);
        writer.Number(5, ForgottenSender.Value);
        writer.Number(6, ForgottenReceiver.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        app.Contacts.Requests.Remove(ForgottenSender, To);
        app.Contacts.Requests.Remove(From, ForgottenReceiver);
        app.Contacts.Requests.Add(From, To, Message, Extra, at.Time);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => (From == user || To == user) && Message.Length + Extra.Length > 0;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => (this with { Message = "", Extra = "" }).Write(writer);

    public override void Announce(AppState app, in Applied at, Announcer to) => to.Tell(() =>
    {
        app.Contacts.TryFindRequest(From, To, out var request);
        return new ContactNotice(ContactEvent.Requested, app.Users.IdOf(From), app.Users.IdOf(To), request, []);
    }, 0, [From, To]);

    public static FriendRequested Read(TaggedReader reader)
    {
        var request = new FriendRequested(default, default, "", "");
        while (reader.TryRead(out var tag))
            request = tag switch
            {
                1 => request with { From = new UserNumber((uint)reader.Number) },
                2 => request with { To = new UserNumber((uint)reader.Number) },
                3 => request with { Message = reader.Text },
                4 => request with { Extra = reader.Text },
                5 => request with { ForgottenSender = new UserNumber((uint)reader.Number) },
                6 => request with { ForgottenReceiver = new UserNumber((uint)reader.Number) },
                _ => request,
            };
        return request;
    }
}
