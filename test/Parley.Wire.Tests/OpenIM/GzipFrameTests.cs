using System.Buffers.Binary;
using System.IO.Compression;
using Parley.Wire.OpenIM;

namespace Parley.Wire.Tests.OpenIM;

public sealed class GzipFrameTests
{
    const int MaxBytes = 1 << 20;

    // For frames of a few hundred bytes, which cannot become more than 1032 times as much.
    const long MaxAllocated = 300 << 10;

    static byte[] Bytes(int count, int seed, bool compressible = false)
    {
        var random = new Random(seed);
        var bytes = new byte[count];
        if (compressible) random.GetItems("abcd"u8, bytes);
        else random.NextBytes(bytes);
        return bytes;
    }

    static byte[] Gunzip(byte[] frame)
    {
        using var gzip = new GZipStream(new MemoryStream(frame), CompressionMode.Decompress);
        var output = new MemoryStream();
        gzip.CopyTo(output);
        return output.ToArray();
    }

    static byte[] Gzip(ReadOnlySpan<byte> bytes, CompressionLevel level)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, level, leaveOpen: true)) gzip.Write(bytes);
        return output.ToArray();
    }

    static byte[] Compressed(byte[] bytes) => Hex.Written(o => GzipFrame.Compress(bytes, o));

    static byte[] Stored(byte[] bytes) => Hex.Written(o => GzipFrame.Store(bytes, o));

    static byte[] Decompressed(byte[] frame) => GzipFrame.Decompress(frame, MaxBytes).ToArray();

    static void AssertSame(byte[] expected, ReadOnlyMemory<byte> actual)
        => Assert.True(actual.Span.SequenceEqual(expected), "other content, though its checksum fits");

    static MalformedFrameException Refuses(byte[] frame)
        => Assert.Throws<MalformedFrameException>(() => GzipFrame.Decompress(frame, MaxBytes));

    [Fact]
    public void A_small_frame_is_stored()
        => Assert.Equal(
            Hex.Bytes("1f8b08 00 00000000 00 ff 01 0900 f6ff \"123456789\" 2639f4cb 09000000"),
            Compressed("123456789"u8.ToArray()));

    [Fact]
    public void What_we_compress_others_read()
    {
        for (int count = 0; count < 1_200; count++) Assert.Equal(Bytes(count, count), Gunzip(Compressed(Bytes(count, count))));
        foreach (int count in new[] { 65_535, 65_536, 300_000 })
            Assert.Equal(Bytes(count, count, true), Gunzip(Compressed(Bytes(count, count, true))));
    }

    [Fact]
    public void What_others_compress_we_read()
    {
        foreach (var level in Enum.GetValues<CompressionLevel>())
        {
            foreach (int count in new[] { 1, 2, 100, 1_023, 1_024, 8_191, 8_192, 8_193, 65_535, 65_536, 300_000, MaxBytes })
            {
                Assert.Equal(Bytes(count, count), Decompressed(Gzip(Bytes(count, count), level)));
                Assert.Equal(Bytes(count, count, true), Decompressed(Gzip(Bytes(count, count, true), level)));
            }
        }
    }

    [Fact]
    public void Larger_frames_shrink() => Assert.InRange(Compressed(new byte[GzipFrame.StoredBelowBytes]).Length, 1, 100);

    [Theory]
    [InlineData(0, 1), InlineData(1, 1), InlineData(65_535, 1), InlineData(65_536, 2), InlineData(131_070, 2), InlineData(131_071, 3)]
    public void Stored_blocks_hold_at_most_64_KiB(int count, int blocks)
    {
        var bytes = Bytes(count, count);
        var frame = Stored(bytes);
        Assert.Equal(10 + (5 * blocks) + count + 8, frame.Length);
        Assert.Equal(bytes, Gunzip(frame));
        Assert.Equal(bytes, Decompressed(frame));
    }

    [Fact]
    public void A_single_stored_block_is_borrowed_not_copied()
    {
        var frame = Stored("hello"u8.ToArray());
        var result = GzipFrame.Decompress(frame, MaxBytes);
        frame[15] = (byte)'H';
        Assert.Equal("Hello"u8, result.Span);
    }

    [Fact]
    public void Optional_parts_of_the_header_are_passed_over()
    {
        // Extra, name, comment and header checksum, the last computed with another implementation.
        byte[] header = Hex.Bytes("1f8b08 1e 00000000 00 03 0300 \"xyz\" \"name\" 00 \"comment\" 00");
        byte[] member = Stored("hello"u8.ToArray());
        byte[] stored = Stored(header);
        byte[] frame = [.. header, .. stored[^8..^6], .. member[10..]];
        Assert.Equal("hello"u8, Decompressed(frame));
        for (int cut = 0; cut < frame.Length; cut++) Refuses(frame[..cut]);
        frame[header.Length] ^= 1;
        Refuses(frame);
    }

    public static TheoryData<string> Members => ["stored", "two blocks", "deflated", "empty"];

    static byte[] Member(string name) => name switch
    {
        "stored" => Stored(Bytes(60, 1)),
        // A stored block that is not the last, then an empty last one.
        "two blocks" =>
            [.. Stored(Bytes(60, 1))[..10], 0, 60, 0, 195, 255, .. Bytes(60, 1), 1, 0, 0, 255, 255, .. Stored(Bytes(60, 1))[^8..]],
        "deflated" => Gzip(Bytes(200, 1, true), CompressionLevel.Optimal),
        "empty" => Stored([]),
        _ => throw new ArgumentException(name),
    };

    [Theory, MemberData(nameof(Members))]
    public void Every_cut_is_malformed(string name)
        => Hostile.RefusesEveryCut(f => GzipFrame.Decompress(f, MaxBytes), Member(name), MaxAllocated);

    [Theory, MemberData(nameof(Members))]
    public void Bytes_behind_the_member_are_malformed(string name)
    {
        var member = Member(name);
        Refuses([.. member, 0]);
        Refuses([.. member, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        Refuses([.. member, .. member]);
        // The cunning one: the trailer at the end is right, so only the place where the data end tells.
        Refuses([.. member, .. member[^8..]]);
        Refuses([.. member[..^8], 0, .. member[^8..]]);
    }

    [Theory, MemberData(nameof(Members))]
    public void Data_that_do_not_end_are_malformed(string name)
    {
        var member = Member(name);
        Refuses([.. member[..^9], .. member[^8..]]);
    }

    [Theory, MemberData(nameof(Members))]
    public void A_changed_byte_gives_the_same_content_or_none(string name)
    {
        var member = Member(name);
        var content = Decompressed(member);
        Hostile.SurvivesEveryChangedByte(f => AssertSame(content, GzipFrame.Decompress(f, 4096)), member, MaxAllocated);
    }

    [Theory, MemberData(nameof(Members))]
    public void Mutations_give_the_same_content_or_none(string name)
    {
        var member = Member(name);
        var content = Decompressed(member);
        Hostile.SurvivesMutations(f => AssertSame(content, GzipFrame.Decompress(f, 4096)), member, MaxAllocated, count: 12_500, seed: 4);
    }

    [Fact]
    public void A_wrong_checksum_or_size_is_malformed()
    {
        foreach (string name in new[] { "stored", "deflated" })
        {
            for (int i = 1; i <= 8; i++)
            {
                var member = Member(name);
                member[^i] ^= 0x10;
                Refuses(member);
            }
        }
    }

    [Fact]
    public void Data_that_fall_short_are_malformed_though_the_checksum_would_fit_the_rest()
    {
        // Fresh memory is zero, so without a count of its own a reader would take 100 zeros for 200.
        var member = Gzip(new byte[100], CompressionLevel.Optimal);
        Refuses([.. member[..^8], .. Stored(new byte[200])[^8..]]);
    }

    [Fact]
    public void The_bound_is_exact()
    {
        foreach (var frame in new[] { Stored(Bytes(100, 1)), Gzip(Bytes(100, 1, true), CompressionLevel.Optimal) })
        {
            Assert.Equal(100, GzipFrame.Decompress(frame, 100).Length);
            Assert.Throws<MalformedFrameException>(() => GzipFrame.Decompress(frame, 99));
        }
    }

    static readonly Lazy<byte[]> Bomb = new(() =>
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 1024; i++) gzip.Write(zeros);
        }
        return output.ToArray();
    });

    [Theory]
    [InlineData(1u << 30), InlineData(MaxBytes), InlineData(MaxBytes - 1), InlineData(100), InlineData(0)]
    public void A_gigabyte_of_zeros_costs_no_more_than_the_bound(uint claimedSize)
    {
        var bomb = (byte[])Bomb.Value.Clone();
        BinaryPrimitives.WriteUInt32LittleEndian(bomb.AsSpan(bomb.Length - 4), claimedSize);
        bool value = Hostile.Read(f => GzipFrame.Decompress(f, MaxBytes), bomb, MaxBytes + (64 << 10), $"a bomb of {claimedSize}");
        Assert.False(value);
    }

    [Fact]
    public void A_size_that_so_few_bytes_cannot_have_is_refused_before_it_is_allocated()
    {
        var frame = Gzip(Bytes(200, 1, true), CompressionLevel.Optimal);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(frame.Length - 4), MaxBytes);
        Assert.False(Hostile.Read(f => GzipFrame.Decompress(f, MaxBytes), frame, 16 << 10, "a size of 1 MiB"));
    }

    [Theory]
    [InlineData(""), InlineData("00"), InlineData("1f8b")]
    [InlineData("1f8b08 00 00000000 00 ff 0000000000000000")]
    [InlineData("1f8b07 00 00000000 00 ff 010000ffff 0000000000000000")]
    [InlineData("1f8b08 20 00000000 00 ff 010000ffff 0000000000000000")]
    [InlineData("1f8b08 08 00000000 00 ff 010101ffff 0101010101010101")]
    [InlineData("789c08 00 00000000 00 ff 010000ffff 0000000000000000")]
    public void What_is_no_member_is_malformed(string vector) => Refuses(Hex.Bytes(vector));
}
