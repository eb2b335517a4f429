using Google.Protobuf;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>
/// What a message of OpenIM's says and Parley has no word for, kept with the record for this edge alone: <c>1 (this edge) | MsgData with just those fields</c>.
/// Empty for nearly all messages.
/// </summary>
static class Origin
{
    const byte OpenIM = 1;

    public static ReadOnlyMemory<byte> Write(MsgData leftover)
    {
        var size = leftover.CalculateSize();
        if (size == 0) return default;
        var origin = new byte[1 + size];
        origin[0] = OpenIM;
        leftover.WriteTo(origin.AsSpan(1));
        return origin;
    }

    /// <summary>A new object, holding what was left over.</summary>
    public static MsgData Read(ReadOnlyMemory<byte> origin)
    {
        if (origin.Length < 2 || origin.Span[0] != OpenIM) return new MsgData();
        try
        {
            return MsgData.Parser.ParseFrom(origin.Span[1..]);
        }
        catch (InvalidProtocolBufferException)
        {
            // A newer server's form: the message itself is whole without it.
            return new MsgData();
        }
    }
}
