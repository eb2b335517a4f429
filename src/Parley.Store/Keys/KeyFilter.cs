using System.Buffers.Binary;
using Parley.Store.Segments;

namespace Parley.Store.Keys;

/// <summary>A Bloom filter in blocks of 64 bytes, of which one says whether a key may be there; layout in <c>Segments/FORMAT.md</c>.</summary>
static class KeyFilter
{
    public const int BlockBytes = 64;

    /// <summary>Ten bits a key: about one in a hundred keys that are not there passes.</summary>
    public const int KeysPerBlock = BitsPerBlock / 10;
    const int BitsPerBlock = CrcOffset * 8;
    const int CrcOffset = 60;
    const int Probes = 7;
    const int ProbeBits = 9;

    /// <summary>The block that has a key's bits.</summary>
    public static int BlockOf(ulong key, int blocks) => (int)Math.BigMul(Mix(key), (ulong)blocks, out _);

    public static void Add(Span<byte> block, ulong key)
    {
        var probes = ProbesOf(key);
        for (var i = 0; i < Probes; i++, probes >>= ProbeBits)
        {
            var bit = BitOf(probes);
            block[bit >> 3] |= (byte)(1 << (bit & 7));
        }
    }

    public static bool MayHold(ReadOnlySpan<byte> block, ulong key)
    {
        var probes = ProbesOf(key);
        for (var i = 0; i < Probes; i++, probes >>= ProbeBits)
        {
            var bit = BitOf(probes);
            if ((block[bit >> 3] & (1 << (bit & 7))) == 0) return false;
        }

        return true;
    }

    public static void Seal(Span<byte> block, int ordinal, int number) => BinaryPrimitives.WriteUInt32LittleEndian(block[CrcOffset..], CrcOf(block, ordinal, number));

    public static bool IsWhole(ReadOnlySpan<byte> block, int ordinal, int number) => BinaryPrimitives.ReadUInt32LittleEndian(block[CrcOffset..]) == CrcOf(block, ordinal, number);

    static uint CrcOf(ReadOnlySpan<byte> block, int ordinal, int number)
    {
        // Where it belongs is part of it: a block in another's place must not pass for that one.
        Span<byte> place = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(place, ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(place[4..], number);
        return Crc32C.Of(block[..CrcOffset], place);
    }

    static ulong ProbesOf(ulong key) => Mix(key ^ 0x9E3779B97F4A7C15);

    static int BitOf(ulong probes) => (int)((probes & ((1 << ProbeBits) - 1)) * BitsPerBlock >> ProbeBits);

    /// <summary>The finalizer of MurmurHash3: keys need not be hashes of their own.</summary>
    static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD;
        value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53;
        return value ^ (value >> 33);
    }
}
