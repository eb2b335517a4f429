using System.Buffers;

namespace Parley.Wire.OpenIM;

/// <summary>The heartbeat of some clients, as text: <c>{"type":"ping","body":"…"}</c>, answered by <c>pong</c> and the same body.</summary>
/// <param name="IsPong">The answer rather than the question.</param>
/// <param name="Body">Null when absent, and then absent in the answer too.</param>
public readonly record struct TextPing(bool IsPong, string? Body)
{
    public TextPing ToPong() => this with { IsPong = true };

    /// <exception cref="MalformedFrameException">Not JSON, or of another type: the protocol then wants the connection closed.</exception>
    public static TextPing Read(ReadOnlyMemory<byte> frame)
    {
        var fields = new JsonFields(frame.Span);
        string? type = null, body = null;
        while (fields.Next())
        {
            if (fields.Is("type"u8)) type = fields.ReadText();
            else if (fields.Is("body"u8)) body = fields.ReadText();
            else fields.Skip();
        }
        return type switch
        {
            "ping" => new TextPing(false, body),
            "pong" => new TextPing(true, body),
            _ => throw new MalformedFrameException("text frame", 0, type is null ? "no type" : "another type", "ping or pong"),
        };
    }

    public void Write(IBufferWriter<byte> output)
    {
        var json = JsonOutput.Begin(output);
        json.WriteStartObject();
        json.WriteString("type"u8, IsPong ? "pong"u8 : "ping"u8);
        if (Body is not null) json.WriteString("body"u8, Body);
        json.WriteEndObject();
        JsonOutput.End(json);
    }
}
