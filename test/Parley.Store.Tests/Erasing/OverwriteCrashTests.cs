using Parley.Store.Backups;
using Parley.Store.Checks;
using Parley.Store.Erasing;
using Parley.Store.Segments;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Erasing;

/// <summary>A crash at every call to the disk while bodies are overwritten, and while a start completes that.</summary>
public sealed class OverwriteCrashTests
{
    const int Seeds = 2;

    static async Task<Dictionary<string, byte[]>> PreparedAsync(int seed)
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        await log.FillAsync(new Random(seed), 25);
        return disk.Image();
    }

    static List<Replacement> Wanted(IReadOnlyList<LogRecord> records, int seed)
    {
        var random = new Random(1_000 + seed);
        // Neighbours in a sector, and the last record of all, which lies where the next batch is appended.
        return ErasureLogs.ReplacementsFor(records, record => record.Position == records.Count || random.Next(6) == 0, random);
    }

    static IEnumerable<CrashingDisk> AfterCrash(CrashingDisk disk, int seed)
    {
        yield return disk.AfterProcessCrash();
        for (var i = 0; i < 2; i++) yield return disk.AfterPowerLoss(new Random((seed * 2) + i));
        yield return disk.AfterProcessCrash().AfterPowerLoss(new Random(seed));
    }

    /// <returns>Whether the bodies are the new ones; they are all that, or all the old ones.</returns>
    static async Task<bool> VerifyAsync(CrashingDisk disk, IReadOnlyList<LogRecord> before, List<Replacement> replacements, string what)
    {
        await using var log = await Logs.OpenAsync(disk);
        var first = replacements[0];
        var isNew = log.ReadFrom(first.Position, 1, int.MaxValue)[0].Body.Span[..^4].SequenceEqual(first.Body.Span[..^4]);
        ErasureLogs.AssertOverwritten(log, before, isNew ? replacements : [], what: what);
        if (isNew) ErasureLogs.AssertGone(disk, before.Where(record => replacements.Any(one => one.Position == record.Position)));
        Assert.DoesNotContain(disk.List(), name => name.StartsWith(ErasuresFile.Name, StringComparison.Ordinal));
        // The log goes on, and what is asked again is done.
        await log.AppendAsync(Logs.Draft(30, 1));
        await log.OverwriteAsync(replacements, default);
        ErasureLogs.AssertOverwritten(log, before, replacements, more: 1, what: what);
        return isNew;
    }

    [Fact]
    public async Task An_overwrite_is_done_wholly_or_not_at_all()
    {
        var outcomes = new HashSet<bool>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var files = await PreparedAsync(seed);
            for (var call = 1; ; call++)
            {
                var disk = Logs.Disk(files);
                var log = await Logs.OpenAsync(disk);
                var before = log.All();
                var replacements = Wanted(before, seed);
                disk.CrashAt(disk.Calls + call);
                var isDone = false;
                try
                {
                    await log.OverwriteAsync(replacements, default);
                    isDone = true;
                }
                catch (IOException)
                {
                }
                foreach (var after in AfterCrash(disk, seed))
                {
                    var isNew = await VerifyAsync(after, before, replacements, $"seed {seed}, call {call}");
                    Assert.True(isNew || !isDone, $"seed {seed}, call {call}: undone");
                    outcomes.Add(isNew);
                }
                if (isDone)
                {
                    Assert.True(call > 10);
                    break;
                }
            }
        }
        Assert.Equal(2, outcomes.Count);
    }

    [Fact]
    public async Task A_start_that_completes_one_may_crash_too()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (files, before, replacements) = await HalfDoneAsync(seed);
            for (var call = 1; ; call++)
            {
                var disk = Logs.Disk(files);
                disk.CrashAt(call);
                try
                {
                    await Logs.OpenAsync(disk);
                }
                catch (SimulatedCrashException)
                {
                }
                foreach (var after in AfterCrash(disk, seed)) Assert.True(await VerifyAsync(after, before, replacements, $"seed {seed}, call {call}"), $"seed {seed}, call {call}: undone");
                if (!disk.HasCrashed)
                {
                    Assert.True(call > 8);
                    break;
                }
            }
        }
    }

    /// <summary>Some bodies are new, some old, some half and half, as a power cut leaves it.</summary>
    static async Task<(Dictionary<string, byte[]> Files, IReadOnlyList<LogRecord> Before, List<Replacement> Replacements)> HalfDoneAsync(int seed)
    {
        var files = await PreparedAsync(seed);
        for (var call = 1; ; call++)
        {
            var disk = Logs.Disk(files);
            var log = await Logs.OpenAsync(disk);
            var before = log.All();
            var replacements = Wanted(before, seed);
            disk.CrashAt(disk.Calls + call);
            await Assert.ThrowsAnyAsync<IOException>(() => log.OverwriteAsync(replacements, default).AsTask());
            var after = disk.AfterProcessCrash().AfterPowerLoss(new Random(seed));
            if (call > 4 + (replacements.Count / 2) && after.List().Contains(ErasuresFile.Name)) return (after.Image(), before, replacements);
        }
    }

    [Fact]
    public async Task The_file_is_laid_out_as_described()
    {
        var (files, before, replacements) = await HalfDoneAsync(4);
        var bytes = files[ErasuresFile.Name];
        Assert.Equal("PLO1"u8, bytes.AsSpan(0, 4));
        Assert.Equal(1, BitConverter.ToInt32(bytes, 4));
        Assert.Equal(Logs.Id, BitConverter.ToUInt64(bytes, 8));
        Assert.Equal(bytes.Length, BitConverter.ToInt64(bytes, 16));
        Assert.Equal(replacements.Count, BitConverter.ToInt32(bytes, 24));
        Assert.Equal(Crc32C.Of([.. bytes[..28], .. bytes[32..]]), BitConverter.ToUInt32(bytes, 28));
        var at = 32;
        foreach (var one in replacements)
        {
            Assert.Equal(one.Position, BitConverter.ToInt64(bytes, at));
            var header = new RecordHeader(files[$"{BitConverter.ToInt32(bytes, at + 16):00000000}.segment"].AsSpan((int)BitConverter.ToInt64(bytes, at + 8)));
            Assert.True(header.IsIntact && header.Time == before[(int)one.Position - 1].Time);
            Assert.Equal(one.Body.Length, BitConverter.ToInt32(bytes, at + 20));
            Assert.Equal(one.Body[..^4].ToArray(), bytes.AsSpan(at + 24, one.Body.Length - 4));
            Assert.Equal(header.BodyCrc, Crc32C.Of(bytes.AsSpan(at + 24, one.Body.Length)));
            at += 24 + one.Body.Length;
        }
        Assert.Equal(bytes.Length, at);

        BitConverter.TryWriteBytes(bytes.AsSpan(4), (short)2);
        BitConverter.TryWriteBytes(bytes.AsSpan(28), Crc32C.Of([.. bytes[..28], .. bytes[32..]]));
        await Assert.ThrowsAsync<NewerFormatException>(() => Logs.OpenAsync(Logs.Disk(files)));
    }

    [Fact]
    public async Task A_file_that_is_not_whole_or_another_log_s_is_removed()
    {
        var (files, before, replacements) = await HalfDoneAsync(1);
        var untouched = await PreparedAsync(1);
        var whole = files[ErasuresFile.Name];
        var other = whole.ToArray();
        other[8] ^= 1;
        foreach (var bytes in new[] { [], whole[..20], whole[..^1], [.. whole, 0], other })
        {
            var disk = Logs.Disk(untouched);
            disk.Put(ErasuresFile.Name, bytes);
            await using var log = await Logs.OpenAsync(disk);
            ErasureLogs.AssertOverwritten(log, before, []);
            Assert.DoesNotContain(ErasuresFile.Name, disk.List());
        }
        var again = Logs.Disk(untouched);
        again.Put(ErasuresFile.Name, whole);
        Assert.True(await VerifyAsync(again, before, replacements, "whole"));
    }

    [Fact]
    public async Task Who_only_reads_the_directory_sees_the_new_bodies_and_writes_nothing()
    {
        var (files, before, replacements) = await HalfDoneAsync(3);
        var disk = Logs.Disk(files);
        var problems = new List<LogProblem>();
        var dumped = LogDump.Read(disk, onProblem: problems.Add).Select(record => record.Body.ToArray()).ToList();
        Assert.Empty(problems);
        var check = LogCheck.Run(disk);
        Assert.Empty(check.Problems);
        Assert.Contains(check.Notes, note => note.Segment == ErasuresFile.Name);
        Assert.Empty((await LogRepair.RunAsync(disk, new ManualTime())).Steps);
        Assert.Equal(files.OrderBy(file => file.Key).Select(file => file.Value), disk.Image().OrderBy(file => file.Key).Where(file => file.Key != "lock").Select(file => file.Value));

        var restored = new CrashingDisk();
        await Restore.RunAsync(disk, restored, long.MaxValue, long.MaxValue, default);
        await using (var log = await Logs.OpenAsync(restored)) ErasureLogs.AssertOverwritten(log, before, replacements);
        ErasureLogs.AssertGone(restored, before.Where(record => replacements.Any(one => one.Position == record.Position)));

        await LogRepair.RunAsync(disk, new ManualTime(), apply: true);
        Assert.DoesNotContain(ErasuresFile.Name, disk.List());
        await using var again = await Logs.OpenAsync(disk);
        ErasureLogs.AssertOverwritten(again, before, replacements);
        Assert.Equal(again.All().Select(record => record.Body.ToArray()), dumped);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_failed_call_before_the_first_change_harms_nothing_and_a_later_one_stops_the_writer(bool isFull)
    {
        var disk = Logs.Disk(await PreparedAsync(2));
        var log = await Logs.OpenAsync(disk);
        var before = log.All();
        var replacements = Wanted(before, 2);
        if (isFull) disk.CapacityBytes = disk.Image().Values.Sum(bytes => (long)bytes.Length);
        else disk.FailNextSync = true;
        await Assert.ThrowsAnyAsync<IOException>(() => log.OverwriteAsync(replacements, default).AsTask());
        Assert.False(log.IsReadOnly);
        disk.CapacityBytes = long.MaxValue;
        ErasureLogs.AssertOverwritten(log, before, []);
        Assert.DoesNotContain(ErasuresFile.TemporaryName, disk.List());

        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => log.OverwriteAsync(replacements, cancelled.Token).AsTask());
        ErasureLogs.AssertOverwritten(log, before, []);

        await log.OverwriteAsync(replacements, default);
        ErasureLogs.AssertOverwritten(log, before, replacements);
    }
}
