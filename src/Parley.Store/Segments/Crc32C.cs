using System.Buffers.Binary;
using System.Numerics;

namespace Parley.Store.Segments;

/// <summary>CRC-32C (Castagnoli), the checksum of every byte the store keeps. A value of it takes the bytes in pieces.</summary>
struct Crc32C()
{
    const uint Polynomial = 0x82F63B78;
    const uint TopBit = 1u << 31;

    uint _state = uint.MaxValue;

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(uint.MaxValue, bytes);

    /// <summary>The checksum of both, as if they lay side by side.</summary>
    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Add(Add(uint.MaxValue, first), second);

    /// <summary>Sets the last four bytes so that the checksum of all is <paramref name="crc"/>.</summary>
    /// <remarks>
    /// Four bytes turn the register r into T(r ^ bytes), where T shifts 32 times. Each shift can be undone, for the polynomial's top bit tells
    /// whether it was added; so T has an inverse, and the bytes are r ^ T⁻¹(the register wanted).
    /// </remarks>
    public static void Force(Span<byte> bytes, uint crc)
    {
        var wanted = ~crc;
        for (var i = 0; i < 32; i++) wanted = (wanted & TopBit) == 0 ? wanted << 1 : ((wanted ^ Polynomial) << 1) | 1;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[^sizeof(uint)..], Add(uint.MaxValue, bytes[..^sizeof(uint)]) ^ wanted);
    }

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
