using Google.Protobuf;

namespace Parley.Wire.OpenIM;

/// <summary>The protobuf inside an envelope.</summary>
public static class Payload
{
    /// <exception cref="MalformedFrameException">Not a message of that type.</exception>
    public static T Read<T>(MessageParser<T> parser, ReadOnlySpan<byte> data) where T : IMessage<T>
    {
        try { return parser.ParseFrom(data); }
        catch (InvalidProtocolBufferException e)
        {
            throw new MalformedFrameException("protobuf", 0, $"{data.Length} bytes that do not parse", $"a {typeof(T).Name}", e);
        }
    }
}
