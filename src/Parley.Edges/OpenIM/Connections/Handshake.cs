using System.Buffers;
using Parley.Core;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>Verdicts on new connections, as bytes.</summary>
static class Handshake
{
    public static readonly byte[] Accepted = Write(HandshakeAnswer.Accepted);

    /// <summary>A token that belongs to someone or something else is invalid here; a user with too many sessions has met the connection limit.</summary>
    public static HandshakeAnswer Of(Refusal refusal)
    {
        var (code, text) = refusal switch
        {
            Refusal.NotAllowed => (ErrorCodes.TokenInvalid, "the token is not this user's, or not for this platform"),
            Refusal.TooMany => (ErrorCodes.ConnectionLimit, "too many connections of this user"),
            _ => Refusals.Of(refusal),
        };
        return new HandshakeAnswer(code, text, "");
    }

    public static byte[] Write(HandshakeAnswer answer)
    {
        var json = new ArrayBufferWriter<byte>();
        answer.Write(json);
        return json.WrittenSpan.ToArray();
    }
}
