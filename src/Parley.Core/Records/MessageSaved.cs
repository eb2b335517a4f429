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

    public override void Apply(AppState app, in Applied at)
    {
        if (ClientId.Length == 0) return;
        var first = at.Filings[0];
        app.Remembered.Add(new RememberedMessage(NameIn(first.Feed), at.Position, first.Sequence, at.Time, Fingerprint));
    }

    public static MessageSaved Read(TaggedReader reader)
    {
        var (clientId, content, receivers) = ("", default(ReadOnlyMemory<byte>), 0UL);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: clientId = reader.Text; break;
                case 2: content = reader.Bytes; break;
                case 3: receivers = (ulong)reader.Number; break;
            }

        return new MessageSaved(clientId, content, receivers);
    }
}
