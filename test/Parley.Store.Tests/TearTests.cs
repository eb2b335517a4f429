using Parley.Store.Segments;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

/// <summary>What a start makes of a log whose end was torn.</summary>
public sealed class TearTests
{
    const string Segment = "00000001.segment";

    /// <summary>Three batches with one, two and three records, and the ends of the batches in the file.</summary>
    static async Task<(Dictionary<string, byte[]> Files, int[] Ends)> ThreeBatchesAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        var ends = new List<int> { SegmentHeader.Bytes };
        for (var i = 1; i <= 3; i++)
        {
            await log.AppendAsync([.. Enumerable.Range(1, i).Select(k => new Draft([.. Enumerable.Repeat((byte)((i * 16) + k), 37)], 1, (ulong)(1 + k)))]);
            ends.Add(disk.Bytes(Segment).AsSpan().LastIndexOfAnyExcept((byte)0) / 8 * 8 + 8);
        }
        return (disk.Image(), [.. ends]);
    }

    static Dictionary<string, byte[]> With(Dictionary<string, byte[]> files, byte[] segment) => new(files) { [Segment] = segment };

    static async Task KeepsAsync(CrashingDisk disk, int batches, string what)
    {
        await using var log = await Logs.OpenAsync(disk);
        var expected = Enumerable.Range(1, batches).SelectMany(i => Enumerable.Range(1, i).Select(k => (i * 16) + k)).ToList();
        Assert.True(expected.SequenceEqual(log.All().Select(record => (int)record.Body.Span[36])), what);
        Assert.True(log.All(feed: 1).Select(record => record.Filings[0].Sequence).SequenceEqual(expected.Select((_, at) => at + 1L)), what);

        // The numbers go on where the kept ones end, and the next start agrees.
        await log.AppendAsync(Logs.Draft(9, 1));
        Assert.True(log.All(feed: 1)[^1].Filings[0].Sequence == expected.Count + 1, what);
        Assert.True(log.Check().IsSound, what);
        await using var next = await Logs.OpenAsync(disk.AfterProcessCrash());
        Assert.True(next.CommittedPosition == expected.Count + 1, what);
    }

    [Fact]
    public async Task A_file_cut_anywhere_in_the_last_batch_keeps_the_others()
    {
        var (files, ends) = await ThreeBatchesAsync();
        for (var length = ends[2]; length < ends[3]; length++)
        {
            // The last bytes are padding, which nobody misses.
            var isWhole = length >= ends[3] - 1;
            await KeepsAsync(Logs.Disk(With(files, files[Segment][..length])), isWhole && length == ends[3] ? 3 : 2, $"cut at {length} of {ends[3]}");
        }
        await KeepsAsync(Logs.Disk(With(files, files[Segment][..ends[3]])), 3, "cut behind the last batch");
    }

    [Fact]
    public async Task Zeros_from_anywhere_in_the_last_batch_on_keep_the_others()
    {
        var (files, ends) = await ThreeBatchesAsync();
        var lastByte = files[Segment].AsSpan().LastIndexOfAnyExcept((byte)0);
        for (var from = ends[2]; from <= lastByte; from++)
        {
            var segment = files[Segment].ToArray();
            segment.AsSpan(from).Clear();
            await KeepsAsync(Logs.Disk(With(files, segment)), 2, $"zeros from {from}");
        }
    }

    [Fact]
    public async Task Any_changed_byte_of_the_last_batch_drops_it_whole()
    {
        var (files, ends) = await ThreeBatchesAsync();
        var lastByte = files[Segment].AsSpan().LastIndexOfAnyExcept((byte)0);
        for (var at = ends[2]; at <= lastByte; at++)
        {
            var segment = files[Segment].ToArray();
            segment[at] ^= 0x40;
            await KeepsAsync(Logs.Disk(With(files, segment)), 2, $"byte {at} changed");
        }
    }

    [Fact]
    public async Task Any_changed_byte_of_an_earlier_batch_is_damage_and_nothing_is_written()
    {
        var (files, ends) = await ThreeBatchesAsync();
        for (var at = SegmentHeader.Bytes; at < ends[2]; at++)
        {
            // Padding is nobody's.
            if (files[Segment][at] == 0 && ends.Any(end => at < end && at >= end - 7) && IsPadding(files[Segment], at, ends)) continue;
            var segment = files[Segment].ToArray();
            segment[at] ^= 0x40;
            var disk = Logs.Disk(With(files, segment));
            var before = disk.Image();
            var error = await Assert.ThrowsAsync<CorruptLogException>(() => Logs.OpenAsync(disk));
            Assert.Equal((Segment, at < ends[1] ? ends[0] : ends[1], at < ends[1] ? 0 : 1), (error.Segment, (int)error.Offset, (int)error.Kept));
            Assert.Equal(before.Keys.Append("lock").Except(["lock"]).Order(), disk.List());
            Assert.All(before, file => Assert.Equal(file.Value, disk.Bytes(file.Key)));
        }
    }

    static bool IsPadding(byte[] segment, int at, int[] ends)
    {
        var end = ends.First(one => one > at);
        var start = ends.Last(one => one <= at);
        Assert.True(BatchHeader.TryRead(segment.AsSpan(start), out var header));
        return at >= start + BatchHeader.Bytes + header.HeaderBytes + header.BodyBytes && at < end;
    }

    [Fact]
    public async Task Two_unsynced_batches_torn_in_the_first_are_both_cut_and_cleared()
    {
        var options = Logs.Small;
        options.Durability = Durability.System;
        var disk = new CrashingDisk();
        var log = await Logs.OpenAsync(disk, options);
        for (var i = 0; i < 3; i++) await log.AppendAsync(Logs.Draft(40, 1));
        var files = disk.Image();
        files[Segment][64 + 184 + 100] ^= 1;

        var torn = Logs.Disk(files);
        await using (var reopened = await Logs.OpenAsync(torn, options))
        {
            Assert.Equal(1, reopened.CommittedPosition);
            Assert.Equal(-1, torn.Bytes(Segment).AsSpan(64 + 184).IndexOfAnyExcept((byte)0));
        }
        await using var again = await Logs.OpenAsync(torn.AfterPowerLoss(new Random(1)), options);
        Assert.Equal(1, again.CommittedPosition);
    }

    [Fact]
    public async Task What_a_process_crash_left_readable_survives_the_power_cut_after_the_restart()
    {
        var options = Logs.Small;
        options.Durability = Durability.System;
        for (var seed = 0; seed < 50; seed++)
        {
            var disk = new CrashingDisk(seed);
            var log = await Logs.OpenAsync(disk, options);
            // Through more than one segment, none of it synced by anybody.
            for (var i = 0; i < 30; i++) await log.AppendAsync(Logs.Draft(900, 1));
            var restarted = disk.AfterProcessCrash();
            await using (var second = await Logs.OpenAsync(restarted, options)) Assert.Equal(30, second.All(feed: 1).Count);
            await using var third = await Logs.OpenAsync(restarted.AfterPowerLoss(new Random(seed)), options);
            Assert.True(third.All(feed: 1).Count == 30, $"seed {seed}");
        }
    }

    [Fact]
    public async Task A_failed_sync_is_made_good_by_writing_again()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var disk = new CrashingDisk(seed);
            var log = await Logs.OpenAsync(disk);
            await log.AppendAsync(Logs.Draft(2000, 1));
            disk.FailNextSync = true;
            await Assert.ThrowsAsync<LogReadOnlyException>(() => log.AppendAsync(Logs.Draft(2000, 1)));
            // The page cache still shows the batch, marked clean though it never reached the disk.
            var restarted = disk.AfterProcessCrash();
            await using (var second = await Logs.OpenAsync(restarted)) Assert.Equal(2, second.CommittedPosition);
            await using var third = await Logs.OpenAsync(restarted.AfterPowerLoss(new Random(seed)));
            Assert.True(third.CommittedPosition == 2, $"seed {seed}");
        }
    }

    [Fact]
    public async Task A_segment_whose_preparation_could_not_be_synced_keeps_what_is_acknowledged_in_it_later()
    {
        const string name = "00000002.segment";
        for (var seed = 0; seed < 40; seed++)
        {
            CrashingDisk? disk = null;
            var hasFailed = false;
            disk = new CrashingDisk(seed, () =>
            {
                // The first sync after the file was made is the one that it is prepared with.
                if (!hasFailed && disk!.List().Contains(name)) disk.FailNextSync = hasFailed = true;
                return ValueTask.CompletedTask;
            });
            var log = await Logs.OpenAsync(disk);
            await Assert.ThrowsAsync<LogReadOnlyException>(async () =>
            {
                while (true) await log.AppendAsync(Logs.Draft(900, 1));
            });
            Assert.Equal(log.CommittedPosition, log.All(feed: 1).Count);

            // The page cache shows a whole header, marked clean though it need not be on the disk; only writing it again makes it so.
            var restarted = disk.AfterProcessCrash();
            var second = await Logs.OpenAsync(restarted);
            while (restarted.Bytes(name).AsSpan(SegmentHeader.Bytes).IndexOfAnyExcept((byte)0) < 0) await second.AppendAsync(Logs.Draft(900, 1));
            await using var third = await Logs.OpenAsync(restarted.AfterPowerLoss(new Random(seed)));
            Assert.True(third.CommittedPosition == second.CommittedPosition, $"seed {seed}");
        }
    }
}
