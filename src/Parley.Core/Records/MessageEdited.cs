using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>A message has other content from now on.</summary>
sealed record MessageEdited(ConversationKey Conversation, long Sequence, UserNumber User, ContentKind Kind, ReadOnlyMemory<byte> Body)
    : OperationRecord(RecordTypes.MessageEdited, Conversation, Sequence, User)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(4, (long)Kind);
        writer.Bytes(5, Body.Span);
    }

    public override void Apply(AppState app, in Applied at) => app.Operations.Set(Conversation, new MessageOperation(Sequence, MessageFate.Edited, at.Position));

    protected override Notice NoticeOf(AppState app, long time)
    {
        // What was recalled since is gone from here too.
        var isGone = app.Operations.Of(Conversation, Sequence).Fate is MessageFate.Recalled or MessageFate.Deleted;
        return new EditNotice(app.Conversations.NameOf(Conversation), Sequence, app.Users.IdOrEmpty(User), isGone ? ContentKind.None : Kind, isGone ? default : Body);
    }

    public static MessageEdited Read(TaggedReader reader)
    {
        var target = default((ConversationKey Conversation, long Sequence, UserNumber User));
        var (kind, body) = (ContentKind.None, default(ReadOnlyMemory<byte>));
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 4: kind = (ContentKind)reader.Number; break;
                case 5: body = reader.Bytes; break;
                default: target = Common(target, tag, reader) ?? target; break;
            }

        return new MessageEdited(target.Conversation, target.Sequence, target.User, kind, body);
    }
}
