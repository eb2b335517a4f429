using System.Buffers.Binary;

namespace Parley.Wire.OpenIM;

/// <summary>The head of a gzip member, with the optional parts that no known client sends but RFC 1952 §2.3 allows.</summary>
static class GzipHeader
{
    const int FixedBytes = 10;
    const byte HasCrc = 2, HasExtra = 4, HasName = 8, HasComment = 16, Reserved = 0xe0;

    /// <returns>Where the deflate data begin.</returns>
    public static int Measure(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < FixedBytes) throw Short(frame, frame.Length);
        if (frame[0] != 0x1f || frame[1] != 0x8b)
            throw new MalformedFrameException("gzip header", 0, $"{frame[0]:x2} {frame[1]:x2}", "1f 8b");
        if (frame[2] != 8) throw new MalformedFrameException("gzip header", 2, $"method {frame[2]}", "8, deflate");
        byte flags = frame[3];
        if ((flags & Reserved) != 0) throw new MalformedFrameException("gzip header", 3, $"flags {flags:x2}", "the five that are defined");

        int at = FixedBytes;
        if ((flags & HasExtra) != 0)
        {
            if (frame.Length - at < 2) throw Short(frame, at);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(frame[at..]);
            at += 2;
            if (frame.Length - at < length) throw Short(frame, at);
            at += length;
        }
        if ((flags & HasName) != 0) at = SkipText(frame, at);
        if ((flags & HasComment) != 0) at = SkipText(frame, at);
        if ((flags & HasCrc) != 0)
        {
            if (frame.Length - at < 2) throw Short(frame, at);
            ushort stored = BinaryPrimitives.ReadUInt16LittleEndian(frame[at..]), computed = (ushort)Crc32.Compute(frame[..at]);
            if (stored != computed) throw new MalformedFrameException("gzip header checksum", at, $"{stored:x4}", $"{computed:x4}");
            at += 2;
        }
        return at;
    }

    static int SkipText(ReadOnlySpan<byte> frame, int at)
    {
        int length = frame[at..].IndexOf((byte)0);
        return length >= 0 ? at + length + 1 : throw Short(frame, at);
    }

    static MalformedFrameException Short(ReadOnlySpan<byte> frame, int at)
        => new("gzip header", at, $"the end of the frame at {frame.Length}", "a whole header");
}
