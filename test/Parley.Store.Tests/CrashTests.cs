using Parley.Testing;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

/// <summary>Promises 1, 2 and 4 of the design: seeded schedules of appends, reads, upkeep and crashes.</summary>
public sealed class CrashTests
{
    const int Schedules = 1200;

    [Fact]
    public void What_was_acknowledged_is_there_and_what_was_not_is_wholly_there_or_absent()
        => Parallel.For(0, Schedules, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            try
            {
                var random = new Random(seed);
                new SeededContext(random).Run(new Schedule(random).RunAsync);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        });

    [Fact]
    public void The_same_seed_makes_the_same_calls()
    {
        long Calls()
        {
            var random = new Random(77);
            var schedule = new Schedule(random);
            new SeededContext(random).Run(schedule.RunAsync);
            return schedule.Calls;
        }
        Assert.Equal(Calls(), Calls());
    }

    sealed class Schedule(Random random)
    {
        readonly ManualTime _time = new();
        readonly List<Draft> _acked = [];
        readonly LogOptions _options = new()
        {
            SegmentBytes = random.Next(2) == 0 ? 16 << 10 : 24 << 10,
            PrepareBytes = random.Next(2) == 0 ? 4 << 10 : 8 << 10,
            MaxBatchBytes = 4 << 10,
        };

        // The batch that was on its way when the crash came.
        List<Draft> _unknown = [];
        long _seen;

        public long Calls { get; private set; }

        public async Task RunAsync()
        {
            var disk = new CrashingDisk(random.Next(), static async () => await Task.Yield());
            for (var round = 0; round < 5; round++)
            {
                disk.CrashAt(disk.Calls + random.Next(1, 100));
                if (await TryOpenAsync(disk) is { } log)
                {
                    Verify(log);
                    await UseAsync(log);
                }
                Calls += disk.Calls;
                disk = random.Next(3) switch
                {
                    0 => disk.AfterProcessCrash(),
                    1 => disk.AfterPowerLoss(random),
                    _ => disk.AfterProcessCrash().AfterPowerLoss(random),
                };
            }
            Verify(await Logs.OpenAsync(disk, _options, _time));
        }

        async Task<Log?> TryOpenAsync(CrashingDisk disk)
        {
            try
            {
                return await Logs.OpenAsync(disk, _options, _time);
            }
            catch (SimulatedCrashException)
            {
                return null;
            }
        }

        async Task UseAsync(Log log)
        {
            using var stopping = new CancellationTokenSource();
            var upkeep = random.Next(3) > 0 ? log.MaintainAsync(stopping.Token) : Task.CompletedTask;
            var follower = FollowAsync(log, stopping.Token);
            try
            {
                for (var batches = random.Next(60); batches > 0; batches--) await AppendAsync(log);
                if (random.Next(4) == 0)
                {
                    stopping.Cancel();
                    await Task.WhenAll(upkeep, follower);
                    await log.DisposeAsync();
                }
            }
            catch (LogReadOnlyException)
            {
            }
            stopping.Cancel();
            await Task.WhenAll(upkeep, follower);
        }

        async Task AppendAsync(Log log)
        {
            var batch = await log.BeginAsync(default) ?? throw new InvalidOperationException("The disk was never full.");
            var drafts = new List<Draft>();
            for (var records = random.Next(1, 8); records > 0; records--)
            {
                var draft = RandomDraft();
                if (batch.HasRoomFor(1, draft.Feeds.Length, draft.Body.Length))
                {
                    batch.AddAll([draft], log.LastTime + drafts.Count);
                    drafts.Add(draft);
                }
            }
            _unknown = drafts;
            await log.CommitAsync(batch);
            _acked.AddRange(drafts);
            _unknown = [];
        }

        Draft RandomDraft()
        {
            var body = new byte[random.Next(4) == 0 ? random.Next(1800) : random.Next(80)];
            random.NextBytes(body);
            return new Draft(body, [.. Enumerable.Range(1, 5).Where(_ => random.Next(3) == 0).Select(feed => (ulong)feed)]);
        }

        async Task FollowAsync(Log log, CancellationToken stopping)
        {
            try
            {
                for (var position = log.CommittedPosition; ;)
                {
                    await log.WaitPastAsync(position, stopping);
                    position = log.ReadFrom(position + 1, random.Next(1, 20), 4000)[^1].Position;
                    // What anybody saw must not be unsaid by any crash.
                    _seen = Math.Max(_seen, position);
                }
            }
            catch (OperationCanceledException)
            {
            }
            catch (IOException)
            {
                // The disk crashed under the read.
            }
        }

        void Verify(Log log)
        {
            var records = log.All();
            if (records.Count == _acked.Count + _unknown.Count) _acked.AddRange(_unknown);
            _unknown = [];
            Assert.True(records.Count == _acked.Count, $"{records.Count} records where {_acked.Count} were acknowledged");
            Assert.True(log.CommittedPosition >= _seen, $"position {_seen} was seen, the log ends at {log.CommittedPosition}");
            var last = new Dictionary<ulong, long>();
            for (var i = 0; i < records.Count; i++)
            {
                Assert.True(records[i].Position == i + 1 && records[i].Body.Span.SequenceEqual(_acked[i].Body), $"position {i + 1} is another record");
                Assert.Equal(_acked[i].Feeds, records[i].Filings.Select(filing => filing.Feed.Value));
                foreach (var filing in records[i].Filings)
                {
                    Assert.Equal(last.GetValueOrDefault(filing.Feed.Value) + 1, filing.Sequence);
                    last[filing.Feed.Value] = filing.Sequence;
                }
            }
            foreach (var (feed, count) in last) Assert.Equal(count, log.All(feed).Count);
            if (random.Next(6) == 0) Assert.Empty(log.Check().Problems);
        }
    }
}
