using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>Messages were deleted for everyone (filed under the conversation's notices), or hidden by a user from themselves (filed under theirs, if their devices are to hear of it).</summary>
sealed record MessagesRemoved(ConversationKey Conversation, UserNumber User, IReadOnlyList<long> Sequences, bool IsForAll)
    : Record(IsForAll ? RecordTypes.MessagesDeleted : RecordTypes.MessagesHidden)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, (long)Conversation.Feed.Value);
        writer.Number(2, User.Value);
        foreach (var sequence in Sequences) writer.Number(3, sequence);
    }

    public override void Apply(AppState app, in Applied at)
    {
        foreach (var sequence in Sequences)
        {
            if (IsForAll) app.EndMessage(Conversation, new MessageOperation(sequence, MessageFate.Deleted, at.Position));
            else app.Operations.Hide(Conversation, User, sequence);
        }
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        if (IsForAll) to.Tell(app, () => NoticeOf(app), at.SequenceIn(FeedIds.Notices(Conversation)), Conversation, Sequences[^1]);
        else if (at.SequenceIn(FeedIds.Notices(User)) is var sequence and > 0) to.Tell(() => NoticeOf(app), sequence, [User]);
    }

    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => NoticeOf(app);

    DeletionNotice NoticeOf(AppState app) => new(app.Conversations.NameOf(Conversation), app.Users.IdOrEmpty(User), Sequences, IsForAll);

    public static MessagesRemoved Read(TaggedReader reader, bool isForAll)
    {
        var (conversation, user, sequences) = (default(ConversationKey), default(UserNumber), new List<long>());
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) conversation = new ConversationKey(new FeedId((ulong)reader.Number));
            else if (tag == 2) user = new UserNumber((uint)reader.Number);
            else if (tag == 3) sequences.Add(reader.Number);
        }

        return new MessagesRemoved(conversation, user, sequences, isForAll);
    }
}
