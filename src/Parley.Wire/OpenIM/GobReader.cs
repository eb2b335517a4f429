using System.Text;
using System.Text.Unicode;

namespace Parley.Wire.OpenIM;

/// <summary>Takes gob's primitives off a frame. A length is judged by what remains before anything is made of it.</summary>
/// <param name="frame">Up to the end of the message being read; offsets in errors count from its start.</param>
ref struct GobReader(ReadOnlySpan<byte> frame, int at)
{
    readonly ReadOnlySpan<byte> _frame = frame;

    public int At { get; private set; } = at;

    public readonly int End => _frame.Length;

    public ulong ReadUint()
    {
        if (At >= _frame.Length) throw Short("gob number", 1);
        byte first = _frame[At];
        if (first < 128)
        {
            At++;
            return first;
        }

        int count = 256 - first;
        if (count > sizeof(ulong)) throw new MalformedFrameException("gob number", At, $"{count} bytes", "at most 8 bytes");
        if (_frame.Length - At - 1 < count) throw Short("gob number", 1 + count);
        ulong value = 0;
        foreach (byte b in _frame.Slice(At + 1, count)) value = (value << 8) | b;
        At += 1 + count;
        return value;
    }

    public long ReadInt()
    {
        ulong folded = ReadUint();
        long value = (long)(folded >> 1);
        return (folded & 1) == 0 ? value : ~value;
    }

    /// <returns>A length that the rest of the frame has room for.</returns>
    public int ReadLength(string what)
    {
        int at = At;
        ulong length = ReadUint();
        if (length > (ulong)(_frame.Length - At))
            throw new MalformedFrameException(what, at, $"a length of {length} bytes", $"at most the {_frame.Length - At} that follow");
        return (int)length;
    }

    public ReadOnlySpan<byte> ReadBytes(string what)
    {
        int length = ReadLength(what);
        var bytes = _frame.Slice(At, length);
        At += length;
        return bytes;
    }

    public string ReadText(string what)
    {
        var bytes = ReadBytes(what);
        if (bytes.IsEmpty) return "";
        // Replacement characters would not survive being echoed, so they are not made.
        if (!Utf8.IsValid(bytes)) throw new MalformedFrameException(what, At - bytes.Length, "bytes that are not UTF-8", "UTF-8");
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The reader of one message in the stream; this one then stands behind it.</summary>
    public GobReader ReadMessage()
    {
        int length = ReadLength("gob message");
        var message = new GobReader(_frame[..(At + length)], At);
        At += length;
        return message;
    }

    public void Skip(GobType type)
    {
        switch (type)
        {
            case GobType.Bool or GobType.Int or GobType.Uint:
                ReadUint();
                break;
            case GobType.Bytes or GobType.Text:
                ReadBytes("gob member");
                break;
            default:
                throw new MalformedFrameException("gob member", At, "a value of another type", "bool, int, uint, bytes or string");
        }
    }

    readonly MalformedFrameException Short(string what, int needed)
        => new(what, At, $"{_frame.Length - At} bytes before the end", $"the {needed} it has");
}
