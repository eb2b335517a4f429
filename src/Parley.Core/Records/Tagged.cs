using System.Buffers.Binary;
using System.Text;

namespace Parley.Core.Records;

/// <summary>
/// Writes the tagged encoding of <c>FORMAT.md</c>: per field a varint key <c>tag × 2 + kind</c>, then kind 0: a varint, kind 1: a varint length and that many bytes.
/// Zero numbers and empty texts are left out.
/// </summary>
sealed class TaggedWriter
{
    /// <summary>In every type: the record was erased, and these bytes, which mean nothing, take the place of what it said.</summary>
    public const int ErasedTag = 63;

    /// <summary>Of kind 0 this tag, and as many below it, say that the values of tags 1 to so many follow without keys, and then nothing that means anything.</summary>
    public const int MaxKeyless = 4;

    /// <summary>The last bytes of an erased record, with which the store keeps its checksum as it was.</summary>
    const int StoresBytes = 4;

    byte[] _buffer = new byte[4096];
    int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public int Length => _length;

    public void Clear() => _length = 0;

    public void Number(int tag, long value)
    {
        if (value == 0) return;
        Varint((ulong)tag * 2);
        Varint((ulong)value);
    }

    public void Bytes(int tag, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return;
        Varint(((ulong)tag * 2) + 1);
        Varint((ulong)value.Length);
        value.CopyTo(Take(value.Length));
    }

    public void Text(int tag, string value)
    {
        if (value.Length == 0) return;
        Varint(((ulong)tag * 2) + 1);
        Varint((ulong)Encoding.UTF8.GetByteCount(value));
        var room = Take(0, Encoding.UTF8.GetMaxByteCount(value.Length));
        _length += Encoding.UTF8.GetBytes(value, room);
    }

    public void Key(int tag, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        Bytes(tag, bytes);
    }

    /// <summary>A field that is there and empty.</summary>
    public void Empty(int tag)
    {
        Varint(((ulong)tag * 2) + 1);
        Varint(0);
    }

    /// <summary>Fills up to a length with the field that says so.</summary>
    /// <returns>False when what was written leaves too little room; nothing was added then.</returns>
    public bool TryErase(int length)
    {
        // A length may be written with more bytes than it needs: every number of bytes can be filled so.
        for (var size = 1; size <= 4; size++)
        {
            var count = length - _length - 1 - size;
            if (count < StoresBytes || count >= 1 << (7 * size)) continue;
            Varint((ErasedTag * 2) + 1);
            for (var i = 0; i < size; i++) Take(1)[0] = (byte)(((count >> (7 * i)) & 0x7f) | (i < size - 1 ? 0x80 : 0));
            Take(count).Clear();
            return true;
        }

        return false;
    }

    /// <summary>The same where there is hardly room: the numbers at the beginning, of tags 1, 2 and so on, lose their keys to it.</summary>
    /// <returns>False when even that takes more room; what was written is no longer good then.</returns>
    public bool TryEraseTightly(int length)
    {
        Span<byte> values = stackalloc byte[MaxKeyless * 10];
        var (count, at, bytes) = (0, 0, 0);
        while (count < MaxKeyless && at < _length && _buffer[at] == (count + 1) * 2)
        {
            count++;
            do values[bytes++] = _buffer[++at];
            while (_buffer[at] >= 0x80);
            at++;
        }

        _buffer.AsSpan(at, _length - at).CopyTo(_buffer);
        _length -= at;
        if (_length + 1 + bytes + StoresBytes > length) return false;
        Varint((ulong)(ErasedTag - count) * 2);
        values[..bytes].CopyTo(Take(bytes));
        Take(length - _length).Clear();
        return true;
    }

    void Varint(ulong value)
    {
        var room = Take(0, 10);
        var length = 0;
        while (value >= 0x80)
        {
            room[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[length++] = (byte)value;
        _length += length;
    }

    Span<byte> Take(int count, int reserve = 0)
    {
        var needed = _length + Math.Max(count, reserve);
        if (needed > _buffer.Length) Array.Resize(ref _buffer, Math.Max(needed, _buffer.Length * 2));
        var start = _length;
        _length += count;
        return _buffer.AsSpan(start, Math.Max(count, reserve));
    }
}

/// <summary>Reads what <see cref="TaggedWriter"/> wrote. Unknown tags are stepped over, so an older server reads a newer record as far as it knows it.</summary>
ref struct TaggedReader(ReadOnlyMemory<byte> body)
{
    readonly ReadOnlyMemory<byte> _body = body;
    readonly ReadOnlySpan<byte> _span = body.Span;
    int _at;
    int _start;
    int _length;
    // Of an erased record: how many values without keys there are, and the tag of the next.
    int _keyless;
    int _next;

    /// <summary>Reads what is only borrowed: <see cref="Bytes"/> is not to be had of it, which could be kept.</summary>
    public TaggedReader(ReadOnlySpan<byte> body) : this(default(ReadOnlyMemory<byte>)) => _span = body;

    /// <summary>Kind 0: the number. Kind 1: the number of bytes.</summary>
    public long Number { get; private set; }

    /// <summary>Borrowed from the record's body; empty for a number.</summary>
    public readonly ReadOnlyMemory<byte> Bytes => _body.Slice(_start, _length);

    /// <summary>The same.</summary>
    public readonly ReadOnlySpan<byte> Span => _span.Slice(_start, _length);

    public readonly string Text => Encoding.UTF8.GetString(Span);

    public readonly UInt128 Key => _length == 16 ? BinaryPrimitives.ReadUInt128LittleEndian(Span) : throw Broken(_at);

    public bool TryRead(out int tag)
    {
        tag = 0;
        if (_at == _span.Length) return false;
        if (_next > 0) return TryReadKeyless(out tag);
        var key = Varint();
        tag = (int)(key >> 1);
        if ((key & 1) == 0 && tag is >= TaggedWriter.ErasedTag - TaggedWriter.MaxKeyless and <= TaggedWriter.ErasedTag)
        {
            (_keyless, _next) = (TaggedWriter.ErasedTag - tag, 1);
            return TryReadKeyless(out tag);
        }

        Number = (long)Varint();
        _length = 0;
        if ((key & 1) == 0) return true;

        if (Number < 0 || Number > _span.Length - _at) throw Broken(_at);
        (_start, _length) = (_at, (int)Number);
        _at += _length;
        return true;
    }

    bool TryReadKeyless(out int tag)
    {
        _length = 0;
        if (_next <= _keyless)
        {
            tag = _next++;
            Number = (long)Varint();
            return true;
        }

        (tag, Number, _at) = (TaggedWriter.ErasedTag, 0, _span.Length);
        return true;
    }

    ulong Varint()
    {
        if (_at < _span.Length && _span[_at] < 0x80) return _span[_at++];
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at == _span.Length) throw Broken(_at);
            var part = _span[_at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }

        throw Broken(_at);
    }

    static InvalidDataException Broken(int at) => new($"A record's body passed its checksum but can't be read at byte {at}: it was written by a broken or newer server.");
}
