using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>
/// All messages of a conversation up to one are gone for everybody, and what they said is to leave the log: filed under the erasures, where <see cref="Erasing.Eraser"/> finds it. Whoever reads the
/// conversation, now or later, begins behind it.
/// </summary>
/// <param name="User">Who did it; 0 for the administration.</param>
/// <param name="From">First sequence that was not cut before.</param>
/// <param name="FirstTouched">First of them that was edited, recalled or deleted; 0 when none was, and then no edit is to be looked for.</param>
/// <param name="SentBefore">All of them were sent before this time, µs, so that nothing younger need be looked at; 0 when nobody knows.</param>
/// <param name="IsTold">Devices hear of it, and find it in the conversation's notices. What is cut because of its age is told to nobody.</param>
sealed record ConversationCut(ConversationKey Conversation, UserNumber User, long From, long UpTo, long FirstTouched, long SentBefore, bool IsTold)
    : Record(RecordTypes.ConversationCut)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, (long)Conversation.Feed.Value);
        writer.Number(2, User.Value);
        writer.Number(3, From);
        writer.Number(4, UpTo);
        writer.Number(5, FirstTouched);
        writer.Number(6, SentBefore);
        writer.Number(7, IsTold ? 1 : 0);
    }

    public override void Apply(AppState app, in Applied at) => app.Cut(Conversation, From, UpTo, SentBefore);

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        if (!IsTold) return;
        var kept = at.SequenceIn(FeedIds.Notices(Conversation));
        if (Conversation.Kind == ConversationKind.Group) to.Tell(() => NoticeOf(app), kept, Conversation.Group);
        else to.Tell(() => NoticeOf(app), kept, [Conversation.First, Conversation.Second]);
    }

    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => NoticeOf(app);

    ConversationNotice NoticeOf(AppState app) => new(ConversationEvent.Cut, app.Users.IdOrEmpty(User), [app.Conversations.NameOf(Conversation)]);

    public static ConversationCut Read(TaggedReader reader)
    {
        var (conversation, user, isTold) = (default(ConversationKey), default(UserNumber), false);
        var (from, upTo, touched, before) = (0L, 0L, 0L, 0L);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: conversation = new ConversationKey(new FeedId((ulong)reader.Number)); break;
                case 2: user = new UserNumber((uint)reader.Number); break;
                case 3: from = reader.Number; break;
                case 4: upTo = reader.Number; break;
                case 5: touched = reader.Number; break;
                case 6: before = reader.Number; break;
                case 7: isTold = reader.Number != 0; break;
            }

        return new ConversationCut(conversation, user, from, upTo, touched, before, isTold);
    }
}
