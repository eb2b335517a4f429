using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>All marks that one batch moved; per user, conversation and kind the largest. Filed under the notices of the peer conversations that were read on.</summary>
sealed record MarksMoved(IReadOnlyList<MovedMark> Marks) : Record(RecordTypes.MarksMoved)
{
    public override void Write(TaggedWriter writer)
    {
        // The conversation comes last and closes an entry; what did not change since the entry before is left out by TaggedWriter only when zero.
        foreach (var mark in Marks)
        {
            writer.Number(1, mark.User.Value);
            writer.Number(2, (long)mark.Kind);
            writer.Number(3, mark.Sequence);
            writer.Number(5, mark.From);
            writer.Number(4, (long)mark.Conversation.Feed.Value);
        }
    }

    public override void Apply(AppState app, in Applied at)
    {
        foreach (var mark in Marks) app.Conversations.Move(mark.Conversation, mark.User, mark.Kind, mark.Sequence);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        var read = Marks.Where(mark => mark.IsTold).ToLookup(mark => mark.Conversation);
        foreach (var group in read)
        {
            var kept = at.SequenceIn(FeedIds.Notices(group.Key));
            foreach (var mark in group)
            {
                // When both sides read on in one batch there is still one sequence to tell: that of the peer's mark.
                var own = group.Count() > 1 ? 0 : kept;
                if (kept > 0) to.Tell(() => NoticeOf(app, mark), kept, [group.Key.PeerOf(mark.User)]);
                to.Tell(() => NoticeOf(app, mark), own, [mark.User]);
            }
        }
    }

    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader)
    {
        var here = Marks.Where(mark => mark.IsTold && FeedIds.Notices(mark.Conversation) == feed).OrderBy(mark => mark.User == reader).Take(1).ToArray();
        return here.Length == 0 ? null : NoticeOf(app, here[0]);
    }

    static ReadNotice NoticeOf(AppState app, MovedMark mark)
        => new(app.Conversations.NameOf(mark.Conversation), app.Users.IdOf(mark.User), mark.From, mark.Sequence);

    public static MarksMoved Read(TaggedReader reader)
    {
        var marks = new List<MovedMark>();
        var mark = default(MovedMark);
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) mark = mark with { User = new UserNumber((uint)reader.Number) };
            else if (tag == 2) mark = mark with { Kind = (MarkKind)reader.Number };
            else if (tag == 3) mark = mark with { Sequence = reader.Number, From = 0 };
            else if (tag == 5) mark = mark with { From = reader.Number };
            else if (tag == 4) marks.Add(mark with { Conversation = new ConversationKey(new((ulong)reader.Number)) });
        }

        return new MarksMoved(marks);
    }
}

/// <param name="From">Where the mark stood, or where it stands now: then nothing was read that anybody is told of.</param>
readonly record struct MovedMark(UserNumber User, ConversationKey Conversation, MarkKind Kind, long Sequence, long From = 0)
{
    public static MovedMark Untold(UserNumber user, ConversationKey conversation, MarkKind kind, long sequence) => new(user, conversation, kind, sequence, sequence);

    public bool IsTold => Kind == MarkKind.Read && From < Sequence;
}
