using System.Text.Unicode;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>
/// A message in its conversation. The conversation is the record's first feed; the sequence there is the message's. The first message between two users is filed
/// in their lists of conversations too, and one that mentions members of a group in theirs.
/// </summary>
sealed record MessageSent(Message Message) : Record(RecordTypes.MessageSent)
{
    /// <summary>Only who sent it, when, and what kind it was is left.</summary>
    public bool IsErased { get; init; }

    public override void Write(TaggedWriter writer)
    {
        var message = Message;
        writer.Number(1, message.Sender.Value);
        writer.Text(2, message.ClientId);
        writer.Number(3, (long)message.Kind);
        writer.Bytes(4, message.Body.Span);
        writer.Number(5, message.CreatedAt);
        writer.Number(6, message.Platform);
        writer.Number(7, (long)message.Traits);
        writer.Text(8, message.SenderNickname);
        writer.Text(9, message.SenderFaceUrl);
        foreach (var mention in message.Mentions) writer.Text(10, mention);
        writer.Text(11, message.Attached);
        writer.Text(12, message.Extra);
        writer.Bytes(13, message.Origin.Span);
        if (message.Push is not { } push) return;
        writer.Number(14, 1 + (push.Badge ? 1 : 0));
        writer.Text(15, push.Title);
        writer.Text(16, push.Text);
        writer.Text(17, push.Extra);
        writer.Text(18, push.Sound);
    }

    /// <summary>What may stay of it: all that the state is folded from, but for what <see cref="MessagesErased"/> forgets.</summary>
    public void WriteErased(TaggedWriter writer)
    {
        writer.Number(1, Message.Sender.Value);
        writer.Number(3, (long)Message.Kind);
        writer.Number(5, Message.CreatedAt);
        writer.Number(6, Message.Platform);
        writer.Number(7, (long)Message.Traits);
        // That it mentioned somebody took a place in the table of mentions.
        if (Message.Mentions.Count > 0) writer.Empty(10);
    }

    /// <summary>Of a message in which the server says what happened: the same without naming a user who was erased; null when it does not name them.</summary>
    public MessageSent? WithoutNaming(string userId)
        => Message.Kind == ContentKind.Event && EventMessages.WithoutNaming(Message.Body.Span, userId) is { } body ? new MessageSent(Message with { Body = body }) : null;

    public override void Apply(AppState app, in Applied at)
    {
        var (key, sequence) = (new ConversationKey(at.Filings[0].Feed), at.Filings[0].Sequence);
        Apply(app, at, Message.Sender, Message.Traits);
        // The server repeats nothing; and a client that hits upon such an id has not said the same.
        if (Message.Kind != ContentKind.Event)
            app.Remembered.Add(IsErased ? RememberedMessage.Erased(Message.Sender, key, at.Position, sequence, at.Time)
                : new RememberedMessage(MessageName.Of(Message, key), at.Position, sequence, at.Time, RememberedMessages.FingerprintOf(Message)));
        if (key.Kind == ConversationKind.Group && Message.Mentions.Count > 0)
            app.Mentions.Add(key, sequence, Message.Mentions.Contains(Message.Everyone), [.. MentionedIn(app, key)]);
    }

    /// <summary>The same, straight from the bytes: most records are messages, and a replay has no use for a message itself.</summary>
    /// <returns>False when that takes more than the few fields read here; nothing was done then.</returns>
    public static bool TryApply(ReadOnlySpan<byte> body, AppState app, in Applied at)
    {
        UserNumber sender = default;
        ReadOnlySpan<byte> clientId = default, content = default;
        var (kind, traits, isErased) = (ContentKind.None, MessageTraits.None, false);
        var reader = new TaggedReader(body);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: sender = new UserNumber((uint)reader.Number); break;
                case 2: clientId = reader.Span; break;
                case 3: kind = (ContentKind)reader.Number; break;
                case 4: content = reader.Span; break;
                case 7: traits = (MessageTraits)reader.Number; break;
                // Mentions.
                case 10: return false;
                case TaggedWriter.ErasedTag: isErased = true; break;
            }

        // What is no text would become another one on its way through a string.
        if (!Utf8.IsValid(clientId)) return false;
        Apply(app, at, sender, traits);
        if (kind == ContentKind.Event || !app.Remembered.WillKeep(at.Time)) return true;
        var key = new ConversationKey(at.Filings[0].Feed);
        app.Remembered.Add(isErased ? RememberedMessage.Erased(sender, key, at.Position, at.Filings[0].Sequence, at.Time)
            : new RememberedMessage(MessageName.Of(sender, key, clientId), at.Position, at.Filings[0].Sequence, at.Time, RememberedMessages.FingerprintOf(kind, content)));
        return true;
    }

    static void Apply(AppState app, in Applied at, UserNumber sender, MessageTraits traits)
    {
        var (key, sequence) = (new ConversationKey(at.Filings[0].Feed), at.Filings[0].Sequence);
        app.Conversations.Append(key, sender, sequence, at.Time);
        if (traits.HasFlag(MessageTraits.NotCounted)) app.Operations.Set(key, new MessageOperation(sequence, MessageFate.None, at.Position, isNotCounted: true));
        app.Conversations.Listed(at);
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        var key = new ConversationKey(at.Filings[0].Feed);
        if (to.HasAudience(key)) to.Tell(DeliveryOf(app, key, at.Filings[0].Sequence, at.Position, at.Time, to.Trace));
        if (key.Kind != ConversationKind.Group) return;
        foreach (var filing in at.Filings)
        {
            if (!FeedIds.IsConversations(filing.Feed)) continue;
            var user = new UserNumber(FeedIds.NumberOf(filing.Feed));
            to.Tell(() => new ConversationNotice(ConversationEvent.SettingsChanged, app.Users.IdOf(user), [app.Conversations.NameOf(key)]), 0, [user]);
        }
    }

    public override void Touch(FeedId list, in Applied at, ListChanges changes)
    {
        var conversation = at.Filings[0].Feed.Value;
        if (new ConversationKey(at.Filings[0].Feed).Kind == ConversationKind.Peer) changes.Added(conversation);
        else changes.Set(conversation);
    }

    /// <summary>The members of a group whom the message names.</summary>
    public IEnumerable<UserNumber> MentionedIn(AppState app, ConversationKey key)
    {
        foreach (var id in Message.Mentions)
            if (id.Length > 0 && app.Users.TryFind(id, out var user) && app.Members.IsMember(key.Group, user)) yield return user;
    }

    public MessageDelivery DeliveryOf(AppState app, ConversationKey key, long sequence, long position, long time, string trace)
        => new(Message, app.Conversations.NameOf(key), sequence, position, time, app.Users.IdOrEmpty(Message.Sender), trace);

    public static MessageSent Read(TaggedReader reader)
    {
        UserNumber sender = default;
        var (clientId, nickname, faceUrl, attached, extra) = ("", "", "", "", "");
        ReadOnlyMemory<byte> body = default, origin = default;
        var (kind, traits, created, platform) = (ContentKind.None, MessageTraits.None, 0L, 0);
        var isErased = false;
        List<string>? mentions = null;
        PushText? push = null;
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: sender = new UserNumber((uint)reader.Number); break;
                case 2: clientId = reader.Text; break;
                case 3: kind = (ContentKind)reader.Number; break;
                case 4: body = reader.Bytes; break;
                case 5: created = reader.Number; break;
                case 6: platform = (int)reader.Number; break;
                case 7: traits = (MessageTraits)reader.Number; break;
                case 8: nickname = reader.Text; break;
                case 9: faceUrl = reader.Text; break;
                case 10: (mentions ??= []).Add(reader.Text); break;
                case 11: attached = reader.Text; break;
                case 12: extra = reader.Text; break;
                case 13: origin = reader.Bytes; break;
                case 14: push = new PushText("", "", "", "", reader.Number == 2); break;
                case 15: push = push! with { Title = reader.Text }; break;
                case 16: push = push! with { Text = reader.Text }; break;
                case 17: push = push! with { Extra = reader.Text }; break;
                case 18: push = push! with { Sound = reader.Text }; break;
                case TaggedWriter.ErasedTag: isErased = true; break;
            }

        return new MessageSent(new Message(sender, clientId, kind, body, created, platform)
        {
            Traits = traits,
            SenderNickname = nickname,
            SenderFaceUrl = faceUrl,
            Mentions = mentions is null ? [] : mentions,
            Attached = attached,
            Extra = extra,
            Origin = origin,
            Push = push,
        })
        { IsErased = isErased && body.IsEmpty };
    }
}
