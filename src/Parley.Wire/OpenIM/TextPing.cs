using System.Buffers;

namespace Parley.Wire.OpenIM;

/// <summary>The heartbeat some clients send as text: <c>{"type":"ping","body":"…"}</c>, answered by the same body under <c>pong</c>.</summary>
/// <param name="IsPong">The answer rather than the question.</param>
/// <param name="Body">Echoed verbatim; null when absent, and then absent in the answer too.</param>
public readonly record struct TextPing(bool IsPong, string? Body)
{
    public TextPing ToPong() => this with { IsPong = true };

    /// <exception cref="MalformedFrameException">Not JSON, or of another type: the protocol then wants the connection closed.</exception>
    public static TextPing Read(ReadOnlyMemory<byte> frame) => throw new NotImplementedException();

    public void Write(IBufferWriter<byte> output) => throw new NotImplementedException();
}
