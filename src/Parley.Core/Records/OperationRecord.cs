using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>Something done to a message of a conversation. Filed under the conversation's notices, so that no device misses it.</summary>
/// <param name="User">Who did it; 0 for the administration.</param>
abstract record OperationRecord(ushort Type, ConversationKey Conversation, long Sequence, UserNumber User) : Record(Type)
{
    // The tags that all operations share; the others begin behind them.
    const int ConversationTag = 1, SequenceTag = 2, UserTag = 3;

    public override void Write(TaggedWriter writer)
    {
        writer.Number(ConversationTag, (long)Conversation.Feed.Value);
        writer.Number(SequenceTag, Sequence);
        writer.Number(UserTag, User.Value);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        var time = at.Time;
        to.Tell(app, () => NoticeOf(app, time), at.SequenceIn(FeedIds.Notices(Conversation)), Conversation, Sequence);
    }

    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => NoticeOf(app, at.Time);

    protected abstract Notice NoticeOf(AppState app, long time);

    /// <summary>What <see cref="Write"/> wrote: null for a tag that is the operation's own.</summary>
    protected static (ConversationKey Conversation, long Sequence, UserNumber User)? Common((ConversationKey Conversation, long Sequence, UserNumber User) target, int tag, TaggedReader reader)
        => tag switch
        {
            ConversationTag => target with { Conversation = new ConversationKey(new FeedId((ulong)reader.Number)) },
            SequenceTag => target with { Sequence = reader.Number },
            UserTag => target with { User = new UserNumber((uint)reader.Number) },
            _ => null,
        };
}
