using Parley.Store.Keys;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Keys;

/// <summary>The file alone: what was put in is found, and what is damaged says so.</summary>
public sealed class KeysFileTests
{
    const string Name = "00000003.keys";

    static KeysHeader Header(int rows) => new() { Log = 7, Ordinal = 3, KeyVersion = 1, First = 100, Last = 5_000, LastEpoch = 2, LastTime = 77, End = 1 << 24, Rows = rows };

    static CrashingDisk Disk(params KeyRow[] rows)
    {
        var disk = new CrashingDisk();
        disk.Put(Name, KeysFile.Build(Header(rows.Length), rows));
        return disk;
    }

    static KeyRow[] RandomRows(Random random, int count, ulong mask)
    {
        var rows = new HashSet<KeyRow>();
        while (rows.Count < count) rows.Add(new KeyRow(1 + (((ulong)random.NextInt64() << 1) & mask), (uint)random.Next(64, 1 << 24)));
        return [.. rows];
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(48), InlineData(49), InlineData(339), InlineData(340), InlineData(341), InlineData(3_000)]
    public void Every_key_is_found_where_it_lies(int count)
    {
        var seed = Environment.TickCount;
        foreach (var mask in (ulong[])[ulong.MaxValue, 0xFFF, 3, 0x3F_FFFF])
        {
            var rows = RandomRows(new Random(seed), count, mask);
            using var keys = KeysFile.TryOpen(Disk([.. rows]), 3);
            Assert.NotNull(keys);
            Assert.Null(keys.Verify());
            foreach (var group in rows.GroupBy(row => row.Key).Take(400))
                Assert.True(group.Select(row => row.Offset).Order().SequenceEqual(keys.Find(group.Key)), $"seed {seed}, mask {mask:x}: {group.Key}");
        }
    }

    [Fact]
    public void Hardly_any_key_that_is_not_there_costs_more_than_the_filter()
    {
        var rows = RandomRows(new Random(1), 20_000, ulong.MaxValue);
        var disk = Disk(rows);
        using var keys = KeysFile.TryOpen(disk, 3)!;
        var (before, random) = (disk.ReadsOf(Name), new Random(2));
        for (var i = 0; i < 10_000; i++) Assert.Empty(keys.Find((ulong)random.NextInt64() << 1));
        var read = disk.ReadsOf(Name) - before;
        Assert.InRange(read, 10_000, 10_600);
    }

    [Fact]
    public void A_key_that_is_there_costs_a_few_pages_however_many_there_are()
    {
        var rows = RandomRows(new Random(1), 100_000, ulong.MaxValue);
        var disk = Disk([.. rows]);
        using var keys = KeysFile.TryOpen(disk, 3)!;
        var before = disk.ReadsOf(Name);
        foreach (var row in rows.Take(1_000)) Assert.Contains(row.Offset, keys.Find(row.Key));
        Assert.InRange(disk.ReadsOf(Name) - before, 2_000, 5_000);
    }

    [Fact]
    public void Any_changed_or_missing_byte_is_noticed_by_whoever_reads_it()
    {
        var rows = RandomRows(new Random(1), 700, 0xFFF);
        var bytes = Disk([.. rows]).Bytes(Name);
        for (var at = 0; at < bytes.Length; at += at < KeysHeader.Bytes ? 1 : 7)
        {
            var changed = new CrashingDisk();
            changed.Put(Name, bytes);
            changed.Flip(Name, at, 0x40);
            AssertNeverWrong(changed, rows);
            var cut = new CrashingDisk();
            cut.Put(Name, bytes.AsSpan(0, at));
            Assert.Null(KeysFile.TryOpen(cut, 3));
        }
    }

    /// <summary>Right or an exception: never less than there is.</summary>
    static void AssertNeverWrong(CrashingDisk disk, KeyRow[] rows)
    {
        using var keys = KeysFile.TryOpen(disk, 3);
        if (keys is null) return;
        // Whatever the byte was part of, a whole reading comes by it; only what nobody interprets is free.
        var isNoticed = keys.Verify() is not null;
        foreach (var group in rows.GroupBy(row => row.Key).Take(50))
        {
            try
            {
                Assert.Equal(group.Select(row => row.Offset).Order(), keys.Find(group.Key));
            }
            catch (IOException)
            {
                Assert.True(isNoticed);
            }
        }

        Assert.True(isNoticed);
    }

    [Fact]
    public void Blocks_and_pages_in_each_others_places_are_noticed()
    {
        var bytes = Disk(RandomRows(new Random(1), 700, ulong.MaxValue)).Bytes(Name);
        foreach (var (at, size) in ((int, int)[])[(KeysHeader.Bytes, KeyFilter.BlockBytes), ((int)Header(700).PagesOffset, KeyPage.Bytes)])
        {
            var swapped = bytes.ToArray();
            bytes.AsSpan(at, size).CopyTo(swapped.AsSpan(at + size));
            bytes.AsSpan(at + size, size).CopyTo(swapped.AsSpan(at));
            var disk = new CrashingDisk();
            disk.Put(Name, swapped);
            using var keys = KeysFile.TryOpen(disk, 3)!;
            Assert.NotNull(keys.Verify());
        }
    }

    [Fact]
    public void Bytes_that_are_anything_open_as_nothing()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0 && bytes.Length >= KeysHeader.Bytes) (Header(random.Next()) with { Rows = random.Next(int.MinValue, int.MaxValue) }).Write(bytes);
            var disk = new CrashingDisk();
            disk.Put(Name, bytes);
            using var keys = KeysFile.TryOpen(disk, 3);
            Assert.True(keys is null || keys.Header.Rows == 0, $"seed {seed}");
        }
    }
}
