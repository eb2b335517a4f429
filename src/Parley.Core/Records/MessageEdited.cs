using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A message has other content from now on.</summary>
sealed record MessageEdited(ConversationKey Conversation, long Sequence, UserNumber User, ContentKind Kind, ReadOnlyMemory<byte> Body)
    : OperationRecord(RecordTypes.MessageEdited, Conversation, Sequence, User)
{
    /// <summary>Nothing but which message it was of is left, and not even that of a very short one.</summary>
    public bool IsErased { get; init; }

    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Number(4, (long)Kind);
        writer.Bytes(5, Body.Span);
    }

    /// <param name="isTight">Whether all that can go has to: a body of one byte leaves little room.</param>
    public void WriteErased(TaggedWriter writer, bool isTight)
    {
        if (isTight) (this with { Sequence = 0, User = default, Kind = ContentKind.None, Body = default }).Write(writer);
        else (this with { Body = default }).Write(writer);
    }

    public override void Apply(AppState app, in Applied at)
    {
        // An erased one without sequence is no loss: the message is gone at the erasure, further on in the log.
        if (Sequence > 0) app.Operations.Set(Conversation, new MessageOperation(Sequence, MessageFate.Edited, at.Position));
    }

    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => Sequence > 0 ? NoticeOf(app, at.Time) : null;

    protected override Notice NoticeOf(AppState app, long time)
    {
        // What was recalled since is gone from here too.
        var isGone = app.Operations.Of(Conversation, Sequence).Fate is MessageFate.Recalled or MessageFate.Deleted;
        return new EditNotice(app.Conversations.NameOf(Conversation), Sequence, app.Users.IdOrEmpty(User), isGone ? ContentKind.None : Kind, isGone ? default : Body);
    }

    public static MessageEdited Read(TaggedReader reader)
    {
        var target = default((ConversationKey Conversation, long Sequence, UserNumber User));
        var (kind, body, isErased) = (ContentKind.None, default(ReadOnlyMemory<byte>), false);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 4: kind = (ContentKind)reader.Number; break;
                case 5: body = reader.Bytes; break;
                case TaggedWriter.ErasedTag: isErased = true; break;
                default: target = Common(target, tag, reader) ?? target; break;
            }

        return new MessageEdited(target.Conversation, target.Sequence, target.User, kind, body) { IsErased = isErased };
    }
}
