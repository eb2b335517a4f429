using Parley.Store;

namespace Parley.Core.Tests;

/// <summary>A replay takes short cuts; the state it ends with is the one without them.</summary>
public sealed class ReplayTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 20)]
    [InlineData(3, 200)]
    [InlineData(4, 1_800_000)]
    public async Task Ends_with_the_state_of_every_record_applied_whole(int seed, int windowMs)
    {
        await using var core = await RunningCore.StartAsync();
        await new RandomLife(core, new Random(seed)).RunAsync(900);
        var dedupe = new DedupeOptions { Window = TimeSpan.FromMilliseconds(windowMs), MaxMessagesPerSender = 25, MaxMessages = 90 };
        var whole = new State(dedupe);
        foreach (var stored in core.Log.ReadFrom(1, int.MaxValue, int.MaxValue))
            whole.Apply(Records.Record.Read(stored.Type, stored.Body), stored.App, stored.Position, stored.Time, stored.Filings);

        var replayed = State.Replay(core.Log, dedupe, out var snapshot);
        Assert.Equal(0, snapshot);
        Assert.True(StateWritingTests.Written(whole).AsSpan().SequenceEqual(StateWritingTests.Written(replayed)), $"seed {seed}: the states differ; {whole.App(0).RememberedCount} and {replayed.App(0).RememberedCount} messages are remembered.");
    }

    /// <summary>Over several segments, from and to the middle of batches.</summary>
    [Fact]
    public async Task A_scan_shows_what_reading_one_by_one_does()
    {
        await using var core = await RunningCore.StartAsync(logOptions: new LogOptions { SegmentBytes = 32 << 10, PrepareBytes = 8 << 10, MaxBatchBytes = 16 << 10 });
        var random = new Random(1);
        await Task.WhenAll(new RandomLife(core, random).RunAsync(700), SendAsync(core, 200), SendAsync(core, 200));
        var all = core.Log.ReadFrom(1, int.MaxValue, int.MaxValue);
        for (var i = 0; i < 200; i++)
        {
            var from = random.Next(all.Count + 3);
            var to = from + random.Next(all.Count);
            using var scan = core.Log.Scan(from, to);
            foreach (var record in all.Where(record => record.Position >= from && record.Position <= to))
            {
                Assert.True(scan.TryNext());
                Assert.Equal((record.Position, record.Type, record.App, record.Time), (scan.Position, scan.Type, scan.App, scan.Time));
                Assert.True(record.Filings.AsSpan().SequenceEqual(scan.Filings) && record.Body.Span.SequenceEqual(scan.Body));
            }

            Assert.False(scan.TryNext());
            Assert.False(scan.TryNext());
        }

        static async Task SendAsync(RunningCore core, int count)
        {
            for (; count > 0; count--) await core.SendAsync(RunningCore.Alice, "bob", new string('x', count));
        }
    }

    [Fact]
    public async Task A_record_of_a_later_version_changes_nothing_but_the_position()
    {
        var records = await RandomLife.RecordsAsync(seed: 1, commands: 20);
        var state = StateWritingTests.Fold(records);
        state.Apply(new LogRecord(records.Count + 1, Type: 60_000, App: 9, Time: state.Time + 1, [], new byte[] { 1 }));
        Assert.Equal(records.Count + 1, state.Position);
        Assert.Throws<InvalidDataException>(() => state.Apply(records[0]));
    }
}
