using System.Buffers;

namespace Parley.Wire.OpenIM;

/// <summary>The server's verdict on a new connection, as JSON: the first text frame, or the HTTP body when there was no upgrade.</summary>
public readonly record struct HandshakeAnswer(int ErrCode, string ErrMsg, string ErrDlt)
{
    /// <summary>The connection is accepted.</summary>
    public static HandshakeAnswer Accepted { get; } = new(ErrorCodes.None, "", "");

    /// <exception cref="MalformedFrameException">Not such an object.</exception>
    public static HandshakeAnswer Read(ReadOnlyMemory<byte> frame) => throw new NotImplementedException();

    public void Write(IBufferWriter<byte> output) => throw new NotImplementedException();
}
