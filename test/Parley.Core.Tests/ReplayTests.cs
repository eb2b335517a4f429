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
