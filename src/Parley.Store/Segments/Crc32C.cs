using System.Buffers.Binary;
using System.Numerics;

namespace Parley.Store.Segments;

/// <summary>CRC-32C (Castagnoli), the checksum of every byte the store keeps. A value of it takes the bytes in pieces.</summary>
struct Crc32C()
{
    uint _state = uint.MaxValue;

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(uint.MaxValue, bytes);

    /// <summary>The checksum of both, as if they lay side by side.</summary>
    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Add(Add(uint.MaxValue, first), second);

    public readonly uint Value => ~_state;

    public void Add(ReadOnlySpan<byte> bytes) => _state = Add(_state, bytes);

    static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
