using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>The application told devices something of its own. Filed under the notices of whom it is for.</summary>
/// <param name="Receiver">0 when it is for a group.</param>
sealed record NotificationSent(UserNumber Sender, UserNumber Receiver, GroupNumber Group, string Key, string Data) : Record(RecordTypes.NotificationSent)
{
    public FeedId Feed => Group != default ? FeedIds.Notices(ConversationKey.Of(Group))
        : Sender == UserNumber.Administration ? FeedIds.Notices(Receiver)
        : FeedIds.Notices(ConversationKey.Peer(Sender, Receiver));

    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, Sender.Value);
        writer.Number(2, Receiver.Value);
        writer.Number(3, Group.Value);
        writer.Text(4, Key);
        writer.Text(5, Data);
    }

    /// <summary>Changes nothing: it is for devices alone.</summary>
    public override void Apply(AppState app, in Applied at)
    {
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        var sequence = at.SequenceIn(Feed);
        if (Group != default) to.Tell(() => NoticeOf(app), sequence, Group);
        else to.Tell(() => NoticeOf(app), sequence, Sender == UserNumber.Administration ? [Receiver] : [Receiver, Sender]);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => (Sender == user || Receiver == user) && Key.Length > 0;

    /// <summary>Nothing: it may have no room for more.</summary>
    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user)
    {
    }

    /// <summary>No key is empty but that of an erased one.</summary>
    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => Key.Length > 0 ? NoticeOf(app) : null;

    public CustomNotice NoticeOf(AppState app)
        => new(app.Users.IdOrEmpty(Sender), Group != default ? app.Groups.IdOf(Group) : app.Users.IdOf(Receiver), Group != default, Key, Data);

    public static NotificationSent Read(TaggedReader reader)
    {
        var sent = new NotificationSent(default, default, default, "", "");
        while (reader.TryRead(out var tag))
            sent = tag switch
            {
                1 => sent with { Sender = new UserNumber((uint)reader.Number) },
                2 => sent with { Receiver = new UserNumber((uint)reader.Number) },
                3 => sent with { Group = new GroupNumber((uint)reader.Number) },
                4 => sent with { Key = reader.Text },
                5 => sent with { Data = reader.Text },
                _ => sent,
            };
        return sent;
    }
}
