using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>How a member appears, what they are or whether they may send; null leaves it as it was.</summary>
/// <param name="MutedUntil">µs; 0 lets them send again.</param>
sealed record MemberChanged(GroupNumber Group, UserNumber By, UserNumber User, string? Nickname = null, string? FaceUrl = null, string? Extra = null, GroupRole? Role = null,
    long? MutedUntil = null) : GroupRecord(RecordTypes.MemberChanged, Group, By)
{
    // Bits that say which of the fields behind are there: what is empty or zero is not written.
    const int NicknameBit = 1, FaceUrlBit = 2, ExtraBit = 4, MutedUntilBit = 8;

    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(3, User.Value);
        writer.Number(4, (Nickname is null ? 0 : NicknameBit) | (FaceUrl is null ? 0 : FaceUrlBit) | (Extra is null ? 0 : ExtraBit) | (MutedUntil is null ? 0 : MutedUntilBit));
        writer.Text(5, Nickname ?? "");
        writer.Text(6, FaceUrl ?? "");
        writer.Text(7, Extra ?? "");
        writer.Number(8, (long)(Role ?? GroupRole.None));
        writer.Number(9, MutedUntil ?? 0);
    }

    public override void Apply(AppState app, in Applied at)
    {
        var index = app.Members.Find(Group, User);
        var extras = app.Members.Extras(index);
        app.Members.SetExtras(index, extras with
        {
            Nickname = Nickname ?? extras.Nickname,
            FaceUrl = FaceUrl ?? extras.FaceUrl,
            Extra = Extra ?? extras.Extra,
            MutedUntil = MutedUntil ?? extras.MutedUntil,
        });
        if (Role is { } role) app.Members.ChangeRole(Group, User, role);
        Versioned(app, at);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => User == user && (Nickname, FaceUrl, Extra) is not ("" or null, "" or null, "" or null);

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => new MemberChanged(Group, default, User, Role: Role).Write(writer);

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        var seconds = MutedUntil > 0 ? (MutedUntil.Value - at.Time) / 1_000_000 : 0;
        to.Tell(() => NoticeOf(app, Event, [User]) with { MuteSeconds = seconds }, 0, Group);
    }

    GroupEvent Event => (MutedUntil, Role) switch
    {
        ( > 0, _) => GroupEvent.MemberMuted,
        (0, _) => GroupEvent.MemberUnmuted,
        (_, GroupRole.Administrator) => GroupEvent.MemberPromoted,
        (_, GroupRole.Member) => GroupEvent.MemberDemoted,
        _ => GroupEvent.MemberChanged,
    };

    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Changed(User.Value);

    public static MemberChanged Read(TaggedReader reader)
    {
        var member = new MemberChanged(default, default, default);
        while (reader.TryRead(out var tag))
            member = tag switch
            {
                3 => member with { User = new UserNumber((uint)reader.Number) },
                4 => Present(member, reader.Number),
                5 => member with { Nickname = reader.Text },
                6 => member with { FaceUrl = reader.Text },
                7 => member with { Extra = reader.Text },
                8 => member with { Role = (GroupRole)reader.Number },
                9 => member with { MutedUntil = reader.Number },
                _ => Shared(member, tag, reader),
            };
        return member;
    }

    static MemberChanged Present(MemberChanged member, long bits) => member with
    {
        Nickname = (bits & NicknameBit) != 0 ? "" : null,
        FaceUrl = (bits & FaceUrlBit) != 0 ? "" : null,
        Extra = (bits & ExtraBit) != 0 ? "" : null,
        MutedUntil = (bits & MutedUntilBit) != 0 ? 0 : null,
    };
}
