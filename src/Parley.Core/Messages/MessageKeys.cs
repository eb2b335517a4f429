using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store.Feeds;
using Parley.Store.Keys;

namespace Parley.Core.Messages;

/// <summary>The keys by which the log finds messages by name: hashes, so what has the key of a name need not have the name.</summary>
public sealed class MessageKeys
{
    // Raised whenever a record gets another key than before.
    const uint Version = 1;
    const ulong Purpose = 0x6D6573736167652E;

    readonly ulong _mask;

    /// <param name="mask">Bits of the hash that are used.</param>
    internal MessageKeys(ulong mask)
    {
        _mask = mask;
        Records = new RecordKeys(Version, KeyOf);
    }

    public static MessageKeys Default { get; } = new(ulong.MaxValue);

    public RecordKeys Records { get; }

    internal ulong KeyOf(long log, long app, in MessageName name)
    {
        Span<byte> bytes = stackalloc byte[36];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, app);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], name.Sender.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[12..], name.Conversation.Feed.Value);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[20..], name.ClientId);
        // 0 says that there is no key.
        return Math.Max(1, SipHash.Of((ulong)log, Purpose, bytes) & _mask);
    }

    /// <summary>Of the name that a record's message is remembered by; 0 for whatever has none, and for what was erased.</summary>
    ulong KeyOf(long log, ushort type, long app, ReadOnlySpan<Filing> filings, ReadOnlySpan<byte> body)
    {
        if (type is not (RecordTypes.MessageSent or RecordTypes.MessageSaved) || filings.IsEmpty) return 0;
        try
        {
            return type == RecordTypes.MessageSent ? OfSent(log, app, filings[0].Feed, body) : OfSaved(log, app, filings[0].Feed, body);
        }
        catch (InvalidDataException)
        {
            // Of a newer server, whose messages this one doesn't remember either.
            return 0;
        }
    }

    ulong OfSent(long log, long app, FeedId feed, ReadOnlySpan<byte> body)
    {
        UserNumber sender = default;
        ReadOnlySpan<byte> clientId = default;
        var reader = new TaggedReader(body);
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: sender = new UserNumber((uint)reader.Number); break;
                case 2: clientId = reader.Span; break;
                case 3 when (ContentKind)reader.Number == ContentKind.Event: return 0;
                case TaggedWriter.ErasedTag: return 0;
            }

        return KeyOf(log, app, MessageName.Of(sender, new ConversationKey(feed), AsText(clientId)));
    }

    ulong OfSaved(long log, long app, FeedId firstInbox, ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> clientId = default;
        var reader = new TaggedReader(body);
        while (reader.TryRead(out var tag))
            if (tag == 1) clientId = reader.Span;
        return clientId.IsEmpty ? 0 : KeyOf(log, app, MessageSaved.NameIn(firstInbox, AsText(clientId)));
    }

    /// <summary>What is no text becomes another one on its way through a string, and by that it is remembered.</summary>
    static ReadOnlySpan<byte> AsText(ReadOnlySpan<byte> clientId)
        => Utf8.IsValid(clientId) ? clientId : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(clientId));
}
