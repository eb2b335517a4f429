using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Parley.Core.Snapshots;

/// <summary>Reads what <see cref="StateWriter"/> wrote and believes none of it: room is made for what is there, not for what is announced.</summary>
sealed class StateReader
{
    const int BufferBytes = 256 << 10;

    /// <summary>Longer than any record, and so than any text of one.</summary>
    const int MaxTextBytes = 16 << 20;

    readonly Stream _stream;
    readonly byte[] _buffer = new byte[BufferBytes];
    int _at;
    int _end;
    int _summed;
    uint _sum;
    Section _section;

    public StateReader(Stream stream)
    {
        if (!BitConverter.IsLittleEndian) throw new UnreadableStateException("it is written for little-endian machines");
        _stream = stream;
    }

    /// <summary>Sections come in a fixed order: another number or a newer version is nothing this server knows.</summary>
    /// <returns>The version, from 1.</returns>
    public int Begin(Section section, int newest)
    {
        _section = section;
        _sum = Checksum.Start;
        _summed = _at;
        var (number, version) = (Value<uint>(), Value<uint>());
        if (number != (uint)section) throw Broken($"section {number} comes in its place");
        if (version == 0 || version > newest) throw Broken($"it has version {version}, known is {newest}");
        return (int)version;
    }

    public void End()
    {
        SumUp();
        var computed = Checksum.Of(_sum);
        if (Value<uint>() != computed) throw Broken("it fails its checksum");
    }

    /// <summary>Nothing may follow.</summary>
    public void AssertEnd()
    {
        if (_at < _end || _stream.ReadAtLeast(_buffer, 1, throwOnEndOfStream: false) > 0) throw Broken("something follows it");
    }

    public int Count(int max = int.MaxValue) => Value<int>() is var count && count >= 0 && count <= max ? count : throw Broken($"it counts {count}");

    public T Value<T>() where T : unmanaged
    {
        if (_end - _at < Unsafe.SizeOf<T>()) Fill(Unsafe.SizeOf<T>());
        var value = Unsafe.ReadUnaligned<T>(ref _buffer[_at]);
        _at += Unsafe.SizeOf<T>();
        return value;
    }

    public bool Flag() => Value<byte>() is var value and <= 1 ? value == 1 : throw Broken("a flag is neither set nor not");

    public void Values<T>(Span<T> rows) where T : struct
    {
        var bytes = MemoryMarshal.AsBytes(rows);
        var buffered = Math.Min(bytes.Length, _end - _at);
        _buffer.AsSpan(_at, buffered).CopyTo(bytes);
        _at += buffered;
        bytes = bytes[buffered..];
        if (bytes.IsEmpty) return;

        SumUp();
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw CutOff();
        _sum = Checksum.Add(_sum, bytes);
    }

    /// <summary>A count and so many rows without references.</summary>
    public List<T> List<T>() where T : struct
    {
        const int Step = 1 << 16;
        var (count, list) = (Count(), new List<T>());
        while (list.Count < count)
        {
            var start = list.Count;
            CollectionsMarshal.SetCount(list, Math.Min(count, start + Step));
            Values(CollectionsMarshal.AsSpan(list)[start..]);
        }

        return list;
    }

    /// <summary>Numbers of users, groups or rows.</summary>
    /// <param name="limit">The first that is none.</param>
    public uint Below(uint value, int limit) => value < limit ? value : throw Broken($"it speaks of number {value} of {limit}");

    public string? Text()
    {
        var size = Varint();
        if (size <= 1) return size == 0 ? null : "";
        var count = (int)Math.Min(size - 1, int.MaxValue);
        if (count > MaxTextBytes) throw Broken($"a text has {count} bytes");
        if (count > BufferBytes) return LongText(count);
        if (count > _end - _at) Fill(count);
        var text = Encoding.UTF8.GetString(_buffer, _at, count);
        _at += count;
        return text;
    }

    public string NeededText() => Text() ?? throw Broken("a text is missing");

    public UnreadableStateException Broken(string what) => new($"section {(int)_section} ({_section}): {what}");

    string LongText(int count)
    {
        var bytes = new byte[count];
        Values<byte>(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    uint Varint()
    {
        var value = 0u;
        for (var shift = 0; shift < 32; shift += 7)
        {
            var part = Value<byte>();
            value |= (uint)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }

        throw Broken("a length does not end");
    }

    void Fill(int needed)
    {
        SumUp();
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        (_at, _end, _summed) = (0, _end - _at, 0);
        _end += _stream.ReadAtLeast(_buffer.AsSpan(_end), needed - _end, throwOnEndOfStream: false);
        if (_end < needed) throw CutOff();
    }

    void SumUp()
    {
        _sum = Checksum.Add(_sum, _buffer.AsSpan(_summed, _at - _summed));
        _summed = _at;
    }

    UnreadableStateException CutOff() => Broken("it ends too early");
}
