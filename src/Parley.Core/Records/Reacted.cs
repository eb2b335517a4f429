using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A user reacted to a message, or took that back.</summary>
sealed record Reacted(ConversationKey Conversation, long Sequence, UserNumber User, string Reaction, bool IsRemoved)
    : OperationRecord(RecordTypes.Reacted, Conversation, Sequence, User)
{
    public override void Write(TaggedWriter writer)
    {
        base.Write(writer);
        writer.Text(4, Reaction);
        writer.Number(5, IsRemoved ? 1 : 0);
    }

    public override void Apply(AppState app, in Applied at)
    {
        // No reaction is empty but an erased one.
        if (Reaction.Length == 0) return;
        if (IsRemoved) app.Reactions.Remove(Conversation, Sequence, User, Reaction);
        else app.Reactions.Add(Conversation, Sequence, User, Reaction);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => User == user && Reaction.Length > 0;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => base.Write(writer);

    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => Reaction.Length > 0 ? NoticeOf(app, at.Time) : null;

    protected override Notice NoticeOf(AppState app, long time)
        => new ReactionNotice(app.Conversations.NameOf(Conversation), Sequence, app.Users.IdOrEmpty(User), Reaction, IsRemoved);

    public static Reacted Read(TaggedReader reader)
    {
        var target = default((ConversationKey Conversation, long Sequence, UserNumber User));
        var (reaction, isRemoved) = ("", false);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 4: reaction = reader.Text; break;
                case 5: isRemoved = reader.Number != 0; break;
                default: target = Common(target, tag, reader) ?? target; break;
            }

        return new Reacted(target.Conversation, target.Sequence, target.User, reaction, isRemoved);
    }
}
