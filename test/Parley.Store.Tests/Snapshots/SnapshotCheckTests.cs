using System.Text.Json;
using Parley.Store.Checks;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Snapshots;

/// <summary>What a check says of snapshots.</summary>
public sealed class SnapshotCheckTests
{
    static async Task<(CrashingDisk Disk, string Older, string Newest)> TwoSnapshotsAsync()
    {
        var disk = new CrashingDisk();
        await using var log = await Logs.OpenAsync(disk);
        for (var i = 0; i < 2; i++)
        {
            await log.FillAsync(new Random(i), 25);
            await log.SnapshotAsync(i == 0 ? log.SealedPosition : log.CommittedPosition);
        }
        await log.FillAsync(new Random(9), 25);
        Assert.True(log.Check().IsSound);
        Assert.Equal(2, log.Check().Snapshots.Count(snapshot => snapshot.IsUsable));
        var names = disk.SnapshotNames().ToList();
        return (disk, names[0], names[1]);
    }

    [Fact]
    public async Task Whole_ones_are_listed_with_their_digest_and_the_report_is_plain_data()
    {
        var (disk, older, newest) = await TwoSnapshotsAsync();
        var report = LogCheck.Run(disk);
        Assert.Empty(report.Problems);
        Assert.Empty(report.Notes);
        Assert.Equal([older, newest], report.Snapshots.Select(snapshot => snapshot.File));
        await using (var log = await Logs.OpenAsync(Logs.Disk(disk.Image())))
        {
            using var reader = log.OpenSnapshot()!;
            Assert.Equal(new SnapshotReport(newest, reader.Position, reader.Time, reader.Body.Length, reader.Digest, IsUsable: true), report.Snapshots[1]);
        }
        var json = JsonSerializer.Serialize(report);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<LogReport>(json)));
        Assert.Contains(report.Snapshots[1].Digest, json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_changed_byte_is_a_problem_of_that_file()
    {
        var (disk, older, newest) = await TwoSnapshotsAsync();
        var files = disk.Image();
        for (var at = 0; at < files[older].Length; at += 13)
        {
            var changed = Logs.Disk(files);
            changed.Flip(older, at);
            var report = LogCheck.Run(changed);
            Assert.Equal(older, Assert.Single(report.Problems).Segment);
            Assert.Equal([newest], report.Snapshots.Where(snapshot => snapshot.IsUsable).Select(snapshot => snapshot.File));
        }
    }

    [Fact]
    public async Task Heads_that_are_not_those_of_the_log_are_a_problem_though_every_checksum_is_right()
    {
        var (disk, _, newest) = await TwoSnapshotsAsync();
        var bytes = disk.Bytes(newest);
        // The first head's last sequence; the checksum of its block is made to fit.
        bytes[128 + 16 + 16]++;
        var length = BitConverter.ToInt32(bytes, 128 + 8);
        byte[] covered = [.. bytes[128..140], .. bytes[144..(144 + length)]];
        BitConverter.GetBytes(Segments.Crc32C.Of(covered)).CopyTo(bytes, 140);
        disk.Put(newest, bytes);
        Assert.Contains("does not end at sequence", Assert.Single(LogCheck.Run(disk).Problems).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_made_at_a_record_that_was_lost_is_a_note()
    {
        var (disk, _, _) = await TwoSnapshotsAsync();
        var files = disk.Image();
        await using (var log = await Logs.OpenAsync(disk))
        {
            await log.AppendAsync(Logs.Draft(10, 1));
            await log.SnapshotAsync(log.CommittedPosition);
        }
        var lost = disk.SnapshotNames().Last();
        var before = Logs.Disk(files);
        before.Put(lost, disk.Bytes(lost));
        var report = LogCheck.Run(before);
        Assert.Empty(report.Problems);
        Assert.Equal(lost, Assert.Single(report.Notes).Segment);
        Assert.False(report.Snapshots.Single(snapshot => snapshot.File == lost).IsUsable);
    }
}
