using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>A message was pinned for everyone in its conversation, or no longer is.</summary>
sealed record MessagePinned(ConversationKey Conversation, long Sequence, UserNumber User, bool IsPinned)
    : OperationRecord(RecordTypes.MessagePinned, Conversation, Sequence, User)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(4, IsPinned ? 1 : 0);
    }

    public override void Apply(AppState app, in Applied at) => app.Pins.Set(Conversation, Sequence, IsPinned);

    protected override Notice NoticeOf(AppState app, long time) => new PinNotice(app.Conversations.NameOf(Conversation), Sequence, app.Users.IdOrEmpty(User), IsPinned);

    public static MessagePinned Read(TaggedReader reader)
    {
        var target = default((ConversationKey Conversation, long Sequence, UserNumber User));
        var isPinned = false;
        while (reader.TryRead(out var tag))
        {
            if (tag == 4) isPinned = reader.Number != 0;
            else target = Common(target, tag, reader) ?? target;
        }

        return new MessagePinned(target.Conversation, target.Sequence, target.User, isPinned);
    }
}
