using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Parley.Core.Snapshots;

/// <summary>
/// Writes the encoding of <c>FORMAT.md</c>: sections, each <c>u32 number | u32 version | content | u32 CRC-32C of all before it</c>. Values lie as they do in memory, so rows go out a chunk at a time;
/// a type that is written so has no byte that no field owns.
/// </summary>
sealed class StateWriter
{
    const int BufferBytes = 256 << 10;

    readonly Stream _stream;
    readonly CancellationToken _cancellation;
    readonly byte[] _buffer = new byte[BufferBytes];
    int _length;
    int _summed;
    uint _sum;

    public StateWriter(Stream stream, CancellationToken cancellation)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("States are written as they lie in memory, which must be little-endian.");
        (_stream, _cancellation) = (stream, cancellation);
    }

    /// <summary>Bytes that went out.</summary>
    public long Written { get; private set; }

    public void Begin(Section section, int version)
    {
        _sum = Checksum.Start;
        Value((uint)section);
        Value((uint)version);
    }

    public void End()
    {
        SumUp();
        Value(Checksum.Of(_sum));
        _summed = _length;
    }

    public void Count(int count) => Value(count);

    public void Value<T>(in T value) where T : unmanaged
    {
        if (BufferBytes - _length < Unsafe.SizeOf<T>()) Flush();
        Unsafe.WriteUnaligned(ref _buffer[_length], value);
        _length += Unsafe.SizeOf<T>();
    }

    /// <param name="rows">Rows without references.</param>
    public void Values<T>(ReadOnlySpan<T> rows) where T : struct
    {
        var bytes = MemoryMarshal.AsBytes(rows);
        if (bytes.Length <= BufferBytes - _length)
        {
            bytes.CopyTo(_buffer.AsSpan(_length));
            _length += bytes.Length;
            return;
        }

        Flush();
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, BufferBytes)..])
        {
            _cancellation.ThrowIfCancellationRequested();
            var part = bytes[..Math.Min(bytes.Length, BufferBytes)];
            _sum = Checksum.Add(_sum, part);
            _stream.Write(part);
            Written += part.Length;
        }
    }

    /// <summary>A varint: 0 for null, else 1 + the number of UTF-8 bytes; then those.</summary>
    public void Text(string? text)
    {
        if (text is null || text.Length == 0)
        {
            Value((byte)(text is null ? 0 : 1));
            return;
        }

        var count = Encoding.UTF8.GetByteCount(text);
        Varint((uint)count + 1);
        if (count > BufferBytes - _length) Flush();
        if (count <= BufferBytes) _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
        else Values<byte>(Encoding.UTF8.GetBytes(text));
    }

    public void Flush()
    {
        _cancellation.ThrowIfCancellationRequested();
        SumUp();
        _stream.Write(_buffer.AsSpan(0, _length));
        Written += _length;
        _length = _summed = 0;
    }

    void Varint(uint value)
    {
        for (; value >= 0x80; value >>= 7) Value((byte)(value | 0x80));
        Value((byte)value);
    }

    void SumUp()
    {
        _sum = Checksum.Add(_sum, _buffer.AsSpan(_summed, _length - _summed));
        _summed = _length;
    }
}

/// <summary>CRC-32C in steps.</summary>
static class Checksum
{
    public const uint Start = uint.MaxValue;

    public static uint Of(uint sum) => ~sum;

    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            sum = System.Numerics.BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) sum = System.Numerics.BitOperations.Crc32C(sum, b);
        return sum;
    }
}
