using Parley.Store.Segments;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

/// <summary>The bytes on disk, spelled out: a change here breaks every directory there is.</summary>
public sealed class FormatTests
{
    static readonly byte[] SegmentHead = Plain("""
        504c5331 0100 0000   8877665544332211   01000000 00000000   0040204648470600
        0000000000000000 0000000000000000 0000000000000000 00000000   bd930ea5
        """);

    static readonly byte[] FirstBatch = Plain("""
        504c4231 0100 0000   8877665544332211   0100000000000000   0000000000000000
        0100000000000000   0000000000000000   0100000000000000
        02000000 80000000 08000000 00000000   d40d6742 8a23c84e

        00000000 50000000 80000000 05000000   4cbb719a 0100 0200   0700000000000000 0100000000000000
        a100000000000000 0100000000000000   b200000000000000 0100000000000000   788759bf 00000000

        01000000 a0000000 35000000 03000000   6c667b88 0100 0000   0700000000000000 0200000000000000   8129b808 00000000

        68656c6c6f 796f75
        """);

    static readonly byte[] SecondBatch = Plain("""
        504c4231 0100 0000   8877665544332211   0100000000000000   0100000000000000
        0300000000000000   0200000000000000   0300000000000000
        01000000 40000000 05000000 00000000   051fed57 e50bb872

        00000000 50000000 40000000 05000000   f98eed74 0100 0100   0700000000000000 0300000000000000
        a100000000000000 0200000000000000   e12d1acd 00000000

        616761696e 000000
        """);

    static readonly byte[] EpochBytes = Plain("504c4531 0100 0000   8877665544332211   0100000000000000   00000000 83427c7c");

    static byte[] Plain(string hex) => Convert.FromHexString(string.Concat(hex.Where(char.IsAsciiHexDigit)));

    static async Task<CrashingDisk> TwoBatchesAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        await log.AppendAsync(new Draft("hello"u8.ToArray(), 0xA1, 0xB2), new Draft("you"u8.ToArray()));
        await log.AppendAsync(new Draft("again"u8.ToArray(), 0xA1));
        return disk;
    }

    [Fact]
    public void The_checksum_is_Crc32C()
    {
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0xE3069283u, Crc32C.Of("1234"u8, "56789"u8));
        Assert.Equal(0u, Crc32C.Of([]));
    }

    [Fact]
    public async Task A_segment_is_its_header_its_batches_and_zeros()
    {
        var bytes = (await TwoBatchesAsync()).Bytes("00000001.segment");
        byte[] content = [.. SegmentHead, .. FirstBatch, .. SecondBatch];
        Assert.Equal(content, bytes[..content.Length]);
        Assert.All(bytes[content.Length..], rest => Assert.Equal(0, rest));
    }

    [Fact]
    public async Task The_epoch_file_is_32_bytes() => Assert.Equal(EpochBytes, (await TwoBatchesAsync()).Bytes("epoch"));

    [Fact]
    public async Task The_bytes_of_the_first_release_are_read()
    {
        var segment = new byte[4096];
        SegmentHead.CopyTo(segment, 0);
        FirstBatch.CopyTo(segment, SegmentHead.Length);
        SecondBatch.CopyTo(segment, SegmentHead.Length + FirstBatch.Length);
        var disk = new CrashingDisk();
        disk.Put("00000001.segment", segment);
        disk.Put("epoch", EpochBytes);

        await using var log = await Logs.OpenAsync(disk);
        Assert.Equal(unchecked((long)Logs.Id), log.LogId);
        Assert.Equal(2, log.Epoch);
        var records = log.All();
        Assert.Equal(["hello", "you", "again"], records.Select(record => System.Text.Encoding.UTF8.GetString(record.Body.Span)));
        Assert.Equal([1L, 2, 3], records.Select(record => record.Time));
        Assert.Equal([new(new(0xA1), 1), new(new(0xB2), 1)], records[0].Filings);
        Assert.Equal([], records[1].Filings);
        Assert.Equal([new(new(0xA1), 2)], records[2].Filings);
        Assert.All(records, record => Assert.Equal((7L, 1), (record.App, record.Type)));
    }

    [Theory]
    [InlineData("00000001.segment", 60, 64)]
    [InlineData("epoch", 28, 32)]
    public async Task A_later_format_is_refused_by_name(string file, int crcOffset, int length)
    {
        var disk = await TwoBatchesAsync();
        var bytes = disk.Bytes(file);
        bytes[4] = 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(crcOffset), Crc32C.Of(bytes.AsSpan(0, crcOffset)));
        Assert.True(crcOffset + 4 == length);
        disk.Put(file, bytes);
        var error = await Assert.ThrowsAsync<NewerFormatException>(() => Logs.OpenAsync(disk));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_is_its_header_feeds_batches_and_entries()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        await log.AppendAsync(Logs.Draft(3000, 0xB2, 0xA1));
        while (!disk.List().Contains("00000001.index")) await log.AppendAsync(Logs.Draft(3000, 0xA1));
        var bytes = disk.Bytes("00000001.index");

        // 64 + (80 + 80 + 3000 -> 3160) = 3224, and 3144 for each of the others.
        Assert.Equal(96 + (2 * 48) + (4 * 16) + (5 * 4), bytes.Length);
        Assert.Equal(Plain("""
            504c4931 0100 0000   8877665544332211   01000000 02000000 04000000 05000000
            0100000000000000   0400000000000000   0100000000000000   0000000000000000   0400000000000000   7031000000000000
            """), bytes[..80]);
        Assert.Equal(Plain("""
            0700000000000000 a100000000000000   0100000000000000 0400000000000000   04000000 00000000 00000000 00000000
            0700000000000000 b200000000000000   0100000000000000 0100000000000000   01000000 04000000 00000000 00000000

            0100000000000000 40000000 00000000   0200000000000000 980c0000 00000000
            0300000000000000 e0180000 00000000   0400000000000000 28250000 00000000

            90000000 e80c0000 30190000 78250000   90000000
            """), bytes[96..]);
    }
}
