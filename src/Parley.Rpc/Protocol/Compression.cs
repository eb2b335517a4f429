using System.Buffers;
using System.Buffers.Binary;
using Parley.Wire;
using Parley.Wire.OpenIM;

namespace Parley.Rpc.Protocol;

/// <summary>gzip, the only compression offered. The codec is the one OpenIM's frames use: it takes one whole member and nothing else, and never more than it may become.</summary>
static class Compression
{
    public const string Gzip = "gzip";
    public const string Identity = "identity";

    /// <summary>Smaller messages do not shrink enough to be worth it.</summary>
    public const int MinBytes = GzipFrame.StoredBelowBytes;

    /// <param name="name">As the peer announced it; empty for none.</param>
    /// <returns>Whether messages may be compressed.</returns>
    public static bool Judge(string name) => name switch
    {
        Gzip => true,
        "" or Identity => false,
        _ => throw new RpcException(RpcCode.Unimplemented, $"messages are compressed with something else than {Identity} or {Gzip}"),
    };

    /// <summary>Whether a list as in <c>accept-encoding</c> names gzip.</summary>
    public static bool Accepts(string list)
    {
        foreach (var part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            var name = part.Split(';', 2, StringSplitOptions.TrimEntries);
            if (name[0].Equals(Gzip, StringComparison.OrdinalIgnoreCase)) return name.Length == 1 || name[1] is not ("q=0" or "q=0.0" or "q=0.00" or "q=0.000");
        }

        return false;
    }

    public static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> message, int maxBytes)
    {
        // The member says at its end what it will become (RFC 1952 §2.3.1), and is held to it.
        if (message.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(message.Span[^sizeof(uint)..]) is var size && size > (uint)maxBytes)
            throw EnvelopeCodec.TooLarge(size, maxBytes);
        try
        {
            // What gRPC's libraries send for an empty message may be nothing at all.
            return message.IsEmpty ? message : GzipFrame.Decompress(message, maxBytes);
        }
        catch (MalformedFrameException e)
        {
            throw new RpcException(RpcCode.InvalidArgument, e.Message, e);
        }
    }

    public static ReadOnlyMemory<byte> Compress(ReadOnlySpan<byte> message)
    {
        var output = new ArrayBufferWriter<byte>(message.Length);
        GzipFrame.Compress(message, output);
        return output.WrittenMemory;
    }
}
