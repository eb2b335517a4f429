using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A message was taken back. Holds what is left of it, so that whoever reads it later need not read the message.</summary>
/// <param name="Role">Of who took it back, in a group.</param>
/// <param name="SentAt">µs.</param>
sealed record MessageRecalled(ConversationKey Conversation, long Sequence, UserNumber User, GroupRole Role, UserNumber Sender, string ClientId, string SenderNickname, long SentAt)
    : OperationRecord(RecordTypes.MessageRecalled, Conversation, Sequence, User)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(4, (long)Role);
        writer.Number(5, Sender.Value);
        writer.Text(6, ClientId);
        writer.Text(7, SenderNickname);
        writer.Number(8, SentAt);
    }

    public override void Apply(AppState app, in Applied at) => app.EndMessage(Conversation, new MessageOperation(Sequence, MessageFate.Recalled, at.Position));

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => Sender == user && ClientId.Length + SenderNickname.Length > 0;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => (this with { ClientId = "", SenderNickname = "", SentAt = 0 }).Write(writer);

    /// <summary>No client id is empty but that of an erased one.</summary>
    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => ClientId.Length > 0 ? NoticeOf(app, at.Time) : null;

    /// <param name="time">Record time, µs.</param>
    public Recall RecallOf(AppState app, long time)
        => new(Sequence, ClientId, app.Users.IdOrEmpty(User), User == UserNumber.Administration ? "" : app.Users.Row(User).Nickname, Role, time,
            app.Users.IdOrEmpty(Sender), SenderNickname, SentAt);

    protected override Notice NoticeOf(AppState app, long time) => new RecallNotice(app.Conversations.NameOf(Conversation), RecallOf(app, time));

    public static MessageRecalled Read(TaggedReader reader)
    {
        var target = default((ConversationKey Conversation, long Sequence, UserNumber User));
        var (role, sender, clientId, nickname, sentAt) = (GroupRole.None, default(UserNumber), "", "", 0L);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 4: role = (GroupRole)reader.Number; break;
                case 5: sender = new UserNumber((uint)reader.Number); break;
                case 6: clientId = reader.Text; break;
                case 7: nickname = reader.Text; break;
                case 8: sentAt = reader.Number; break;
                default: target = Common(target, tag, reader) ?? target; break;
            }

        return new MessageRecalled(target.Conversation, target.Sequence, target.User, role, sender, clientId, nickname, sentAt);
    }
}
