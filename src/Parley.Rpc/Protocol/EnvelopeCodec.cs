using System.Buffers;
using System.Buffers.Binary;

namespace Parley.Rpc.Protocol;

/// <summary><c>u8 flags | u32 length | message</c>, big-endian: how gRPC and Connect's streams put messages into a body. Message is borrowed.</summary>
readonly record struct Envelope(byte Flags, ReadOnlySequence<byte> Message)
{
    public const byte Compressed = 1;

    /// <summary>Connect: not a message but how the stream ended.</summary>
    public const byte EndOfStream = 2;
}

sealed class EnvelopeCodec(int maxMessageBytes)
{
    public const int HeaderBytes = 1 + sizeof(uint);

    /// <summary>Takes one whole envelope off the front of <paramref name="input"/>.</summary>
    /// <returns>False when more bytes are needed; <paramref name="input"/> is then untouched.</returns>
    /// <exception cref="RpcException">The peer announced more than is allowed, or flags that do not exist.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> input, out Envelope envelope)
    {
        envelope = default;
        var reader = new SequenceReader<byte>(input);
        if (!reader.TryRead(out var flags)) return false;
        if ((flags & ~(Envelope.Compressed | Envelope.EndOfStream)) != 0) throw new RpcException(RpcCode.InvalidArgument, $"a message has the flags {flags:x2}; allowed are 00 to 03");
        if (!reader.TryReadBigEndian(out int signed)) return false;
        // Judged before its bytes are waited for.
        var length = (uint)signed;
        if (length > (uint)maxMessageBytes) throw TooLarge(length, maxMessageBytes);
        if (reader.Remaining < length) return false;
        envelope = new Envelope(flags, input.Slice(HeaderBytes, length));
        input = input.Slice(HeaderBytes + length);
        return true;
    }

    public static void WriteHeader(IBufferWriter<byte> output, byte flags, int length)
    {
        var span = output.GetSpan(HeaderBytes);
        span[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], length);
        output.Advance(HeaderBytes);
    }

    public static RpcException TooLarge(long found, int allowed) => new(RpcCode.ResourceExhausted, $"a message has {found} bytes; allowed are {allowed}");
}
