using Parley.Core.Contacts;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>An application was answered; who is let in thereby comes with the <see cref="MembersEntered"/> that follows at once. Filed nowhere.</summary>
sealed record ApplicationAnswered(GroupNumber Group, UserNumber By, UserNumber User, Answer Answer, string Message) : GroupRecord(RecordTypes.ApplicationAnswered, Group, By)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(3, User.Value);
        writer.Number(4, (long)Answer);
        writer.Text(5, Message);
    }

    public override void Apply(AppState app, in Applied at) => app.Applications.SetAnswer(this, at.Time);

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => (User == user || By == user) && Message.Length > 0;

    /// <summary>Their own application is forgotten altogether.</summary>
    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user)
    {
        if (User != user) (this with { Message = "" }).Write(writer);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
        => ApplicationMade.Tell(app, to, Answer == Answer.Accepted ? ApplicationEvent.Accepted : ApplicationEvent.Refused, Group, User, By);

    public static ApplicationAnswered Read(TaggedReader reader)
    {
        var answered = new ApplicationAnswered(default, default, default, Answer.Open, "");
        while (reader.TryRead(out var tag))
            answered = tag switch
            {
                3 => answered with { User = new UserNumber((uint)reader.Number) },
                4 => answered with { Answer = (Answer)reader.Number },
                5 => answered with { Message = reader.Text },
                _ => Shared(answered, tag, reader),
            };
        return answered;
    }
}
