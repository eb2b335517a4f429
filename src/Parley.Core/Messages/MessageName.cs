using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Users;

namespace Parley.Core.Messages;

/// <summary>What names one message within the dedupe window: sender, conversation and client message id.</summary>
readonly record struct MessageName(UserNumber Sender, ConversationKey Conversation, UInt128 ClientId)
{
    const int StackBytes = 256;

    public static MessageName Of(Message message, ConversationKey conversation)
    {
        var count = Encoding.UTF8.GetByteCount(message.ClientId);
        Span<byte> bytes = count <= StackBytes ? stackalloc byte[count] : new byte[count];
        Encoding.UTF8.GetBytes(message.ClientId, bytes);
        return Of(message.Sender, conversation, bytes);
    }

    /// <param name="clientId">UTF-8.</param>
    public static MessageName Of(UserNumber sender, ConversationKey conversation, ReadOnlySpan<byte> clientId) => new(sender, conversation, Fold(clientId));

    /// <summary>Ids of 32 hex digits, which is what SDKs make, are their own 128 bits; others are hashed.</summary>
    static UInt128 Fold(ReadOnlySpan<byte> id)
    {
        if (TryReadHex(id, out var exact)) return exact;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    static bool TryReadHex(ReadOnlySpan<byte> id, out UInt128 value)
    {
        value = default;
        if (id.Length != 32) return false;
        var (high, low) = (0UL, 0UL);
        for (var i = 0; i < 32; i++)
        {
            if (!char.IsAsciiHexDigitLower((char)id[i])) return false;
            (high, low) = ((high << 4) | (low >> 60), (low << 4) | (uint)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10));
        }

        value = new UInt128(high, low);
        return true;
    }
}

/// <param name="Fingerprint">Of kind and body, to notice an id that is used for something else.</param>
readonly record struct RememberedMessage(MessageName Name, long Position, long Sequence, long Time, ulong Fingerprint)
{
    /// <summary>What takes the place of a message that was erased: its name is forgotten. No other has no fingerprint.</summary>
    public static RememberedMessage Erased(UserNumber sender, ConversationKey conversation, long position, long sequence, long time)
        => new(new MessageName(sender, conversation, default), position, sequence, time, 0);

    public bool IsErased => Fingerprint == 0 && Name.ClientId == default;
}
