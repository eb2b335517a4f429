using Parley.Core.Conversations;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>All that a user has set for a conversation, as it is from now on. Filed in their list of conversations.</summary>
sealed record ConversationChanged(UserNumber User, ConversationKey Conversation, ConversationSettings Settings) : Record(RecordTypes.ConversationChanged)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, (long)Conversation.Feed.Value);
        writer.Number(3, (long)Settings.Receive);
        writer.Number(4, Settings.IsPinned ? 1 : 0);
        writer.Number(5, Settings.IsPrivate ? 1 : 0);
        writer.Number(6, Settings.BurnSeconds);
        writer.Number(7, Settings.MentionsSeen);
        writer.Text(8, Settings.Attached);
        writer.Text(9, Settings.Extra);
        writer.Number(10, Settings.DestructSeconds);
        writer.Number(11, Settings.IsDestructing ? 1 : 0);
    }

    public override void Apply(AppState app, in Applied at)
    {
        app.Conversations.Set(Conversation, User, Settings);
        app.Conversations.Listed(at);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => User == user && Settings.Attached.Length + Settings.Extra.Length > 0;

    /// <summary>That there is such a conversation.</summary>
    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => writer.Number(2, (long)Conversation.Feed.Value);

    public override void Announce(AppState app, in Applied at, Announcer to)
        => to.Tell(() => new ConversationNotice(ConversationEvent.SettingsChanged, app.Users.IdOf(User), [app.Conversations.NameOf(Conversation)]), 0, [User]);

    public override void Touch(FeedId list, in Applied at, ListChanges changes) => changes.Set(Conversation.Feed.Value);

    public static ConversationChanged Read(TaggedReader reader)
    {
        var (user, conversation, settings) = (default(UserNumber), default(ConversationKey), ConversationSettings.Default);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: user = new UserNumber((uint)reader.Number); break;
                case 2: conversation = new ConversationKey(new FeedId((ulong)reader.Number)); break;
                case 3: settings = settings with { Receive = (ReceiveOption)reader.Number }; break;
                case 4: settings = settings with { IsPinned = reader.Number != 0 }; break;
                case 5: settings = settings with { IsPrivate = reader.Number != 0 }; break;
                case 6: settings = settings with { BurnSeconds = (int)reader.Number }; break;
                case 7: settings = settings with { MentionsSeen = reader.Number }; break;
                case 8: settings = settings with { Attached = reader.Text }; break;
                case 9: settings = settings with { Extra = reader.Text }; break;
                case 10: settings = settings with { DestructSeconds = reader.Number }; break;
                case 11: settings = settings with { IsDestructing = reader.Number != 0 }; break;
            }

        return new ConversationChanged(user, conversation, settings);
    }
}
