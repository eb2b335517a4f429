using System.Buffers;

namespace Parley.Wire.OpenIM;

/// <summary>The server's verdict on a new connection, as JSON: the first text frame, or the HTTP body when there was no upgrade.</summary>
/// <param name="ErrCode">0, or one of <see cref="ErrorCodes"/>.</param>
/// <param name="ErrDlt">Detail for a developer; may be empty.</param>
public readonly record struct HandshakeAnswer(int ErrCode, string ErrMsg, string ErrDlt)
{
    public static HandshakeAnswer Accepted { get; } = new(ErrorCodes.None, "", "");

    /// <exception cref="MalformedFrameException">Not such an object.</exception>
    public static HandshakeAnswer Read(ReadOnlyMemory<byte> frame)
    {
        var fields = new JsonFields(frame.Span);
        int? errCode = null;
        string? errMsg = null, errDlt = null;
        while (fields.Next())
        {
            if (fields.Is("errCode"u8)) errCode = fields.ReadInt32();
            else if (fields.Is("errMsg"u8)) errMsg = fields.ReadText();
            else if (fields.Is("errDlt"u8)) errDlt = fields.ReadText();
            else fields.Skip();
        }
        // Absent must not read as 0: any other object, a pong say, would open the connection.
        if (errCode is not { } code) throw new MalformedFrameException("handshake answer", 0, "no errCode", "an errCode");
        return new HandshakeAnswer(code, errMsg ?? "", errDlt ?? "");
    }

    public void Write(IBufferWriter<byte> output)
    {
        var json = JsonOutput.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("errCode"u8, ErrCode);
        json.WriteString("errMsg"u8, ErrMsg ?? "");
        json.WriteString("errDlt"u8, ErrDlt ?? "");
        json.WriteEndObject();
        JsonOutput.End(json);
    }
}
