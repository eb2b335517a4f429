using Parley.Store.Erasing;
using Parley.Store.Replication;
using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests.Erasing;

/// <summary>Readers that come when half of a body is written.</summary>
public sealed class OverwriteReadTests
{
    const int BodyBytes = 300;

    public static TheoryData<string, int> Reads()
    {
        var data = new TheoryData<string, int>();
        foreach (var how in new[] { "feed", "last", "position", "scan", "check", "batches" })
        {
            // In a sealed segment, and in the one that is appended to.
            data.Add(how, 2);
            data.Add(how, 59);
        }
        return data;
    }

    [Theory, MemberData(nameof(Reads))]
    public async Task They_get_the_old_or_the_new_one_and_never_an_error(string how, int position)
    {
        var disk = new TearingDisk(new CrashingDisk());
        await using var log = await Log.OpenAsync(disk, Logs.Small, new ManualTime(), Logs.Id);
        for (var i = 1; i <= 60; i++) await log.AppendAsync(new Draft([.. Enumerable.Repeat((byte)i, BodyBytes)], 1));
        Assert.InRange(log.SealedPosition, 3, 58);
        var replica = new CrashingDisk();
        await using var copy = await ReplicaLog.OpenAsync(replica, Logs.Small, new ManualTime(), log.LogId);
        await CopyAsync(log, copy, position - 1);

        byte[]? seen = null;
        Exception? error = null;
        var reader = new Thread(() =>
        {
            try
            {
                seen = Read(log, copy, how, position);
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        var isTorn = false;
        disk.Tear(() =>
        {
            reader.Start();
            // It has seen half of the body, or waits for the other half.
            SpinWait.SpinUntil(() => disk.IsRead || reader.ThreadState.HasFlag(ThreadState.WaitSleepJoin) || !reader.IsAlive);
            isTorn = true;
        });
        await log.OverwriteAsync([new Replacement(position, Enumerable.Repeat((byte)99, BodyBytes).ToArray())], default);
        reader.Join();
        Assert.True(isTorn);
        Assert.Null(error);
        Assert.NotNull(seen);
        Assert.True(seen[..^4].All(value => value == position) || seen[..^4].All(value => value == 99), $"{how}: {Convert.ToHexString(seen)}");
    }

    static byte[] Read(Log log, ReplicaLog copy, string how, int position)
    {
        switch (how)
        {
            case "feed":
                return log.ReadFeed(Logs.Feed(1), position, position, 1, int.MaxValue)[0].Body.ToArray();
            case "last":
                return log.ReadLast(Logs.Feed(1), 60 - position + 1, int.MaxValue)[0].Body.ToArray();
            case "position":
                return log.ReadFrom(position, 1, int.MaxValue)[0].Body.ToArray();
            case "scan":
                using (var scan = log.Scan(position, position))
                {
                    Assert.True(scan.TryNext());
                    return scan.Body.ToArray();
                }
            case "check":
                Assert.Empty(log.Check().Problems);
                return log.ReadFrom(position, 1, int.MaxValue)[0].Body.ToArray();
            default:
                var buffer = new byte[Logs.Small.MaxBatchBytes];
                // A replica verifies every body.
                Assert.True(copy.AppendAsync(buffer.AsMemory(0, log.ReadBatches(position, buffer, out _)), default).AsTask().GetAwaiter().GetResult());
                return copy.Log.ReadFrom(position, 1, int.MaxValue)[0].Body.ToArray();
        }
    }

    static async Task CopyAsync(Log log, ReplicaLog copy, long to)
    {
        var buffer = new byte[Logs.Small.MaxBatchBytes];
        while (copy.CommittedPosition < to)
        {
            var bytes = buffer.AsMemory(0, log.ReadBatches(copy.CommittedPosition + 1, buffer, out _));
            // One batch is one record here, and all are of one size.
            Assert.True(await copy.AppendAsync(bytes[..(int)Math.Min(bytes.Length, (to - copy.CommittedPosition) * BatchBytes(log))], default));
        }
    }

    static int BatchBytes(Log log)
    {
        var buffer = new byte[Logs.Small.MaxBatchBytes];
        var bytes = log.ReadBatches(1, buffer, out var last);
        return (int)(bytes / last);
    }
}
