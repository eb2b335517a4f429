using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Parley.Wire.OpenIM;

/// <summary>The CRC-32 of gzip (IEEE 802.3, reflected), eight bytes a step.</summary>
/// <remarks>
/// To be replaced by <c>System.IO.Hashing.Crc32</c> as soon as that package may be referenced. The processor's own instruction is no
/// help: on x64 it computes CRC-32C, another polynomial.
/// </remarks>
static class Crc32
{
    const uint Polynomial = 0xEDB88320;
    const int Lanes = 8, LaneSize = 256;

    static readonly uint[] Table = MakeTable();

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<uint> table = Table;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            ulong x = (BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)) ^ crc;
            crc = table[(7 * LaneSize) + (byte)x] ^ table[(6 * LaneSize) + (byte)(x >> 8)]
                ^ table[(5 * LaneSize) + (byte)(x >> 16)] ^ table[(4 * LaneSize) + (byte)(x >> 24)]
                ^ table[(3 * LaneSize) + (byte)(x >> 32)] ^ table[(2 * LaneSize) + (byte)(x >> 40)]
                ^ table[LaneSize + (byte)(x >> 48)] ^ table[(byte)(x >> 56)];
        }
        foreach (byte b in bytes[(words.Length * sizeof(ulong))..]) crc = (crc >> 8) ^ table[(byte)(crc ^ b)];
        return ~crc;
    }

    // Lane n holds the effect of a byte that n more bytes follow.
    static uint[] MakeTable()
    {
        var table = new uint[Lanes * LaneSize];
        for (uint i = 0; i < LaneSize; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            table[i] = crc;
        }
        for (int i = LaneSize; i < table.Length; i++) table[i] = (table[i - LaneSize] >> 8) ^ table[(byte)table[i - LaneSize]];
        return table;
    }
}
