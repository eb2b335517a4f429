using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>
/// Messages are deleted for everyone, and what they said is to leave the log: <see cref="Erasing.Eraser"/> finds this record in the feed of erasures and overwrites them.
/// Devices are told as of a deletion.
/// </summary>
/// <param name="User">Who did it; 0 for the administration.</param>
/// <param name="Sequences">Ascending, each once.</param>
sealed record MessagesErased(ConversationKey Conversation, UserNumber User, IReadOnlyList<long> Sequences) : Record(RecordTypes.MessagesErased)
{
    /// <summary>Runs of sequences, for whole stretches are erased at once.</summary>
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, (long)Conversation.Feed.Value);
        writer.Number(2, User.Value);
        for (var i = 0; i < Sequences.Count; i++)
        {
            writer.Number(3, Sequences[i]);
            var first = i;
            while (i + 1 < Sequences.Count && Sequences[i + 1] == Sequences[i] + 1) i++;
            if (i > first) writer.Number(4, Sequences[i]);
        }
    }

    public override void Apply(AppState app, in Applied at)
    {
        foreach (var sequence in Sequences) app.EndMessage(Conversation, new MessageOperation(sequence, MessageFate.Deleted, at.Position));
        // A replay over the overwritten records knows neither who was mentioned nor any client id.
        app.Mentions.Erase(Conversation, Sequences);
        app.Remembered.Erase(Conversation, Sequences);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
        => to.Tell(app, () => NoticeOf(app), at.SequenceIn(FeedIds.Notices(Conversation)), Conversation, Sequences[^1]);

    public override Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => NoticeOf(app);

    DeletionNotice NoticeOf(AppState app) => new(app.Conversations.NameOf(Conversation), app.Users.IdOrEmpty(User), Sequences, IsForAll: true);

    public static MessagesErased Read(TaggedReader reader)
    {
        var (conversation, user, sequences) = (default(ConversationKey), default(UserNumber), new List<long>());
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) conversation = new ConversationKey(new FeedId((ulong)reader.Number));
            else if (tag == 2) user = new UserNumber((uint)reader.Number);
            else if (tag == 3) sequences.Add(reader.Number);
            else if (tag == 4)
                for (var next = sequences[^1] + 1; next <= reader.Number; next++) sequences.Add(next);
        }

        return new MessagesErased(conversation, user, sequences);
    }
}
