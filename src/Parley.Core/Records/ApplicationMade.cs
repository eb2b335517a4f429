using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>A user asks to be let into a group, or someone asks for them. Takes the place of what the user asked of the group before. Filed nowhere: applications are in no list that has versions.</summary>
/// <param name="By">Who asks: the user or who invites them.</param>
/// <param name="Inviter">0 for nobody.</param>
/// <param name="ForgottenUser">Whose answered application to this group makes room; 0 when there was room.</param>
/// <param name="ForgottenGroup">To which group the user's answered application makes room; 0 when there was room.</param>
sealed record ApplicationMade(GroupNumber Group, UserNumber By, UserNumber User, string Message, string Extra, JoinSource Source, UserNumber Inviter,
    UserNumber ForgottenUser = default, GroupNumber ForgottenGroup = default) : GroupRecord(RecordTypes.ApplicationMade, Group, By)
{
    /// <summary>Of those who lead a group: how many are told of an application. The others find it in the list.</summary>
    const int MaxLeadersTold = 200;

    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(3, User.Value);
        writer.Text(4, Message);
        writer.Text(5, Extra);
        writer.Number(6, (long)Source);
        writer.Number(7, Inviter.Value);
        writer.Number(8, ForgottenUser.Value);
        writer.Number(9, ForgottenGroup.Value);
    }

    public override void Apply(AppState app, in Applied at)
    {
        if (ForgottenUser.Value != 0) app.Applications.Forget(Group, ForgottenUser);
        // Of who was erased since.
        if (User == default) return;
        if (ForgottenGroup.Value != 0) app.Applications.Forget(ForgottenGroup, User);
        app.Applications.Make(this, at.Time);
    }

    public override void Announce(AppState app, in Applied at, Announcer to) => Tell(app, to, ApplicationEvent.Made, Group, User, by: default);

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => (User == user || IsInvitationBy(user)) && Message.Length + Extra.Length > 0;

    /// <summary>Their own application is forgotten altogether, those of others stay without what they said.</summary>
    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user)
    {
        if (User == user) new ApplicationMade(Group, default, default, "", "", JoinSource.None, default, ForgottenUser).Write(writer);
        else (this with { By = default, Message = "", Extra = "" }).Write(writer);
    }

    bool IsInvitationBy(UserNumber user) => By == user && Inviter == user && Source == JoinSource.Invitation;

    /// <summary>Tells the applicant, those who may answer, and who did.</summary>
    public static void Tell(AppState app, Announcer to, ApplicationEvent @event, GroupNumber group, UserNumber user, UserNumber by)
    {
        var leaders = app.Members.Numbers(group, 0, Math.Min(MaxLeadersTold, 1 + app.Members.AdministratorCount(group)));
        to.Tell(() =>
        {
            app.Applications.TryFind(group, user, out var application);
            return new ApplicationNotice(@event, app.Groups.View(group), application!, app.Members.TryView(group, by, out var answerer) ? answerer : null);
        }, 0, [user, by, .. leaders]);
    }

    public static ApplicationMade Read(TaggedReader reader)
    {
        var made = new ApplicationMade(default, default, default, "", "", JoinSource.None, default);
        while (reader.TryRead(out var tag))
            made = tag switch
            {
                3 => made with { User = new UserNumber((uint)reader.Number) },
                4 => made with { Message = reader.Text },
                5 => made with { Extra = reader.Text },
                6 => made with { Source = (JoinSource)reader.Number },
                7 => made with { Inviter = new UserNumber((uint)reader.Number) },
                8 => made with { ForgottenUser = new UserNumber((uint)reader.Number) },
                9 => made with { ForgottenGroup = new GroupNumber((uint)reader.Number) },
                _ => Shared(made, tag, reader),
            };
        return made;
    }
}
