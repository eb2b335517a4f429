using System.Buffers.Binary;
using System.Buffers.Text;
using Parley.Wire.OpenIM;

namespace Parley.Benchmarks.Load;

/// <summary>What a server's frame says about a message, read with as little work as can be.</summary>
/// <param name="Sequence">In its conversation; 0 in an acknowledgement.</param>
readonly record struct Answer(bool IsPush, uint Salt, long Index, long Sequence)
{
    const int MaxFrameBytes = 1 << 20;
    const int SequenceTag = 14 << 3;

    /// <summary>Finds the answer in a frame; several messages in one push are an error, since no server sent any so far.</summary>
    /// <param name="scratch">At least as long as the frame.</param>
    public static Answer Read(ReadOnlySpan<byte> frame, Envelope envelope, byte[] scratch)
    {
        var plain = envelope.IsGzip ? Unwrap(frame) : frame;
        int request;
        ReadOnlySpan<byte> data;
        if (envelope.IsJson) request = ReadJson(plain, scratch, out data);
        else request = ReadGob(plain, out data);
        if (request is not (Requests.SendMessage or Requests.Push)) throw new InvalidDataException($"A frame {request} came unasked.");

        var start = data.IndexOf(MessageId.Mark);
        if (start < 0) throw new InvalidDataException($"A frame {request} names none of the messages sent.");
        var (salt, index) = MessageId.Read(data[start..]);
        var rest = data[(start + MessageId.Length)..];
        if (rest.IndexOf(MessageId.Mark) >= 0) throw new InvalidDataException("A frame holds two messages.");
        return new Answer(request == Requests.Push, salt, index, request == Requests.Push ? SequenceIn(rest) : 0);
    }

    /// <summary>Gob: skips the type definitions, then reads the first fields, which are the request and, when not 0, the error.</summary>
    static int ReadGob(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var length = (int)ReadUnsigned(ref frame);
            var message = frame[..length];
            frame = frame[length..];
            if ((ReadUnsigned(ref message) & 1) == 1) continue;
            if (ReadUnsigned(ref message) != 1) throw new InvalidDataException("A gob frame starts with another field than the request.");
            var request = (int)(ReadUnsigned(ref message) >> 1);
            if (ReadUnsigned(ref message) == 1) throw new InvalidDataException($"Request {request} was answered with error {ReadUnsigned(ref message) >> 1}.");
            data = message;
            return request;
        }
    }

    static ulong ReadUnsigned(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = bytes[0];
        var count = value < 128 ? 0 : 256 - (int)value;
        if (count > 0) value = 0;
        for (var i = 1; i <= count; i++) value = (value << 8) | bytes[i];
        bytes = bytes[(count + 1)..];
        return value;
    }

    static int ReadJson(ReadOnlySpan<byte> frame, byte[] scratch, out ReadOnlySpan<byte> data)
    {
        var request = frame.StartsWith("{\"reqIdentifier\":1003,\"errCode\":0,"u8) ? Requests.SendMessage
            : frame.StartsWith("{\"reqIdentifier\":2001,\"errCode\":0,"u8) ? Requests.Push
            : throw new InvalidDataException($"Not an answer: {System.Text.Encoding.UTF8.GetString(frame)}");
        var text = frame[(frame.IndexOf("\"data\":\""u8) + 8)..];
        Base64.DecodeFromUtf8(text[..text.IndexOf((byte)'"')], scratch, out _, out var length);
        data = scratch.AsSpan(0, length);
        return request;
    }

    /// <summary>Fields of MsgData behind the client's id, in order of their numbers, up to the sequence.</summary>
    static long SequenceIn(ReadOnlySpan<byte> fields)
    {
        while (true)
        {
            var tag = ReadVarint(ref fields);
            var value = (long)ReadVarint(ref fields);
            if (tag == SequenceTag) return value;
            if (tag > SequenceTag) return 0;
            if ((tag & 7) == 2) fields = fields[(int)value..];
            else if ((tag & 7) != 0) throw new InvalidDataException($"A message holds a field of tag {tag}.");
        }
    }

    static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0, i = 0; ; shift += 7, i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << shift;
            if (bytes[i] >= 0x80) continue;
            bytes = bytes[(i + 1)..];
            return value;
        }
    }

    /// <summary>A member of one stored block is read where it lies, without its checksum: the generator is not what is measured.</summary>
    static ReadOnlySpan<byte> Unwrap(ReadOnlySpan<byte> member)
    {
        const int start = 15, trailer = 8;
        return member.Length > start + trailer && member[3] == 0 && (member[10] & 7) == 1 && BinaryPrimitives.ReadUInt16LittleEndian(member[11..]) == member.Length - start - trailer
            ? member[start..^trailer]
            : GzipFrame.Decompress(member.ToArray(), MaxFrameBytes).Span;
    }
}
