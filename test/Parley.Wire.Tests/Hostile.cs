namespace Parley.Wire.Tests;

/// <summary>Feeds damaged frames to a reader: each must end in a value or a <see cref="MalformedFrameException"/>, and cost little.</summary>
static class Hostile
{
    /// <returns>Whether a value came.</returns>
    public static bool Read(Action<ReadOnlyMemory<byte>> read, byte[] frame, long maxAllocated, string story)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool value = false;
        try
        {
            read(frame);
            value = true;
        }
        catch (MalformedFrameException) { }
        catch (Exception e)
        {
            Assert.Fail($"{story}: {e.GetType()} escaped\n{Convert.ToHexString(frame)}\n{e}");
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= maxAllocated, $"{story}: {allocated} bytes allocated\n{Convert.ToHexString(frame)}");
        return value;
    }

    public static void RefusesEveryCut(Action<ReadOnlyMemory<byte>> read, byte[] frame, long maxAllocated)
    {
        // What the first call of all allocates for good is not the frame's.
        read(frame);
        for (int length = 0; length < frame.Length; length++)
            Assert.False(Read(read, frame[..length], maxAllocated, $"cut at {length}"), $"cut at {length} of {frame.Length} gave a value");
    }

    public static void SurvivesEveryChangedByte(Action<ReadOnlyMemory<byte>> read, byte[] frame, long maxAllocated)
    {
        var damaged = (byte[])frame.Clone();
        for (int i = 0; i < frame.Length; i++)
        {
            for (int change = 1; change < 256; change++)
            {
                damaged[i] = (byte)(frame[i] ^ change);
                Read(read, damaged, maxAllocated, $"byte {i} xor {change:x2}");
            }
            damaged[i] = frame[i];
        }
    }

    public static void SurvivesMutations(Action<ReadOnlyMemory<byte>> read, byte[] frame, long maxAllocated, int count, int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < count; round++) Read(read, Mutate(frame, random), maxAllocated, $"seed {seed}, round {round}");
    }

    static byte[] Mutate(byte[] frame, Random random)
    {
        var bytes = frame.ToList();
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0: bytes.Insert(at, (byte)random.Next(256)); break;
                case 1: bytes.InsertRange(at, Interesting[random.Next(Interesting.Length)]); break;
                case 2: bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 9))); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, random.Next(1, 33)))); break;
                default: if (at < bytes.Count) bytes[at] = (byte)random.Next(256); break;
            }
        }
        return [.. bytes];
    }

    // Numbers at the edges of gob's forms, JSON's marks, deflate's block heads.
    static readonly byte[][] Interesting =
    [
        [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0xf8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        [0xfc, 0x7f, 0xff, 0xff, 0xff], [0xfc, 0xff, 0xff, 0xff, 0xff], [0xf7], [0x80], [0xff, 0x80], [0x7f], [0],
        "\"\\ud800\""u8.ToArray(), "{"u8.ToArray(), "["u8.ToArray(), "\""u8.ToArray(), "null"u8.ToArray(), "1e999"u8.ToArray(),
        [0x00, 0xff, 0xff, 0x00, 0x00], [0x1f, 0x8b, 0x08], [0xc3], [0xed, 0xa0, 0x80],
    ];
}
