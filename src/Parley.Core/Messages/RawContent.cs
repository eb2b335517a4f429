using System.Buffers.Binary;

namespace Parley.Core.Messages;

/// <summary>What a message of kind <see cref="ContentKind.Raw"/> holds: bytes that a back end saved and reads again, with two numbers of its own.</summary>
/// <param name="Command">The back end's number for what the bytes are.</param>
/// <param name="Device">The back end's number for the device they came from.</param>
public readonly record struct RawContent(int Command, long Device, ReadOnlyMemory<byte> Bytes)
{
    const int HeaderBytes = sizeof(int) + sizeof(long);

    /// <summary>Null when the body is not what this version writes.</summary>
    public static RawContent? Read(ReadOnlyMemory<byte> body) => body.Length < HeaderBytes ? null
        : new RawContent(BinaryPrimitives.ReadInt32LittleEndian(body.Span), BinaryPrimitives.ReadInt64LittleEndian(body.Span[sizeof(int)..]), body[HeaderBytes..]);

    internal byte[] ToBody()
    {
        var body = new byte[HeaderBytes + Bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(body, Command);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(sizeof(int)), Device);
        Bytes.CopyTo(body.AsMemory(HeaderBytes));
        return body;
    }
}
