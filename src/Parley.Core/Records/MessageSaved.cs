using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>A back end saved a message to inboxes, and to no conversation: nobody is told, and no list changes.</summary>
/// <param name="ClientId">Empty in the records that carry the message on to further inboxes.</param>
/// <param name="Content">The body of kind <see cref="ContentKind.Raw"/>.</param>
/// <param name="Receivers">Fingerprint of all receivers, those of the further records too: a repeat must name the same.</param>
sealed record MessageSaved(string ClientId, ReadOnlyMemory<byte> Content, ulong Receivers) : Record(RecordTypes.MessageSaved)
{
    public ulong Fingerprint => RememberedMessages.FingerprintOf(Message) ^ Receivers;

    public Message Message => new(UserNumber.Administration, ClientId, ContentKind.Raw, Content, 0, Sessions.Platforms.Administration) { Traits = MessageTraits.System };

    /// <summary>Remembered with the first receiver, so that the bound is theirs: all back ends together are one administration.</summary>
    public MessageName NameIn(FeedId firstInbox) => NameIn(firstInbox, ClientId);

    public static MessageName NameIn(FeedId firstInbox, string clientId) => NameIn(firstInbox, Encoding.UTF8.GetBytes(clientId));

    public static MessageName NameIn(FeedId firstInbox, ReadOnlySpan<byte> clientId)
        => MessageName.Of(new UserNumber(FeedIds.NumberOf(firstInbox)), new ConversationKey(firstInbox), clientId);

    public override void Write(TaggedWriter writer)
    {
        writer.Text(1, ClientId);
        writer.Bytes(2, Content.Span);
        writer.Number(3, (long)Receivers);
    }

    /// <summary>Of an erased one, which has no content: it had an id, and by it a place among the messages that are remembered.</summary>
    bool HadClientId { get; init; }

    public override void Apply(AppState app, in Applied at)
    {
        var first = at.Filings[0];
        if (Content.IsEmpty && HadClientId)
            app.Remembered.Add(RememberedMessage.Erased(new UserNumber(FeedIds.NumberOf(first.Feed)), new ConversationKey(first.Feed), at.Position, first.Sequence, at.Time));
        if (Content.IsEmpty || ClientId.Length == 0) return;
        app.Remembered.Add(new RememberedMessage(NameIn(first.Feed), at.Position, first.Sequence, at.Time, Fingerprint));
    }

    /// <summary>What others were sent too is not the user's own.</summary>
    public override bool HoldsTextsOf(UserNumber user, in Applied at) => at.Filings.Length == 1 && at.Filings[0].Feed == FeedIds.Inbox(user) && !Content.IsEmpty;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user)
    {
        if (ClientId.Length > 0) writer.Empty(1);
    }

    public static MessageSaved Read(TaggedReader reader)
    {
        var (clientId, content, receivers, hasId) = ("", default(ReadOnlyMemory<byte>), 0UL, false);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: (clientId, hasId) = (reader.Text, true); break;
                case 2: content = reader.Bytes; break;
                case 3: receivers = (ulong)reader.Number; break;
            }

        return new MessageSaved(clientId, content, receivers) { HadClientId = hasId };
    }
}
