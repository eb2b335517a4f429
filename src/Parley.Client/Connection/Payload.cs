using Google.Protobuf;
using Parley.Wire;

namespace Parley.Client.Connection;

/// <summary>Protobuf inside an envelope.</summary>
static class Payload
{
    /// <exception cref="MalformedFrameException">Not this message.</exception>
    public static T Read<T>(MessageParser<T> parser, ReadOnlyMemory<byte> data) where T : IMessage<T>
    {
        try { return parser.ParseFrom(data.Span); }
        catch (InvalidProtocolBufferException e) { throw new MalformedFrameException("envelope data", 0, $"{data.Length} bytes ({e.Message})", typeof(T).Name, e); }
    }
}
