using Parley.Core.Commands;
using Parley.Core.Erasing;
using Parley.Store;
using Parley.Testing.Disks;

namespace Parley.Core.Tests.Erasing;

/// <summary>What was overwritten about users gives the same state as what was said, at whatever point a crash left it.</summary>
public sealed class UserErasureFoldTests
{
    static readonly DedupeOptions Dedupe = new() { MaxMessagesPerSender = 16, MaxMessages = 60 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 16)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task A_replay_over_records_that_were_overwritten_or_not_gives_the_same_state(int seed)
    {
        await using var core = await RunningCore.StartAsync(new CoreOptions { MessageRate = 0, Dedupe = Dedupe });
        var random = new Random(seed);
        var life = new RandomLife(core, random);
        await life.RunAsync(500);
        foreach (var app in (long[])[0, 7])
            foreach (var user in await core.Sequencer.QueryAsync((state, _) => state.App(app).Users.Page(0, 4).Select(state.App(app).Users.IdOf).ToArray()))
                await core.Sequencer.SubmitAsync(new EraseUser(app, Actor.Operator, user));

        var said = Contents(core.Log);
        var outcome = await new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System).EraseAsync(default);
        Assert.Null(outcome.Failure);
        await life.GoOnAsync(100);
        var left = Contents(core.Log);
        Assert.Empty(core.Log.Check().Problems);
        Assert.True(said.Zip(left).Count(pair => !pair.First.Body.Span.SequenceEqual(pair.Second.Body.Span)) > 50, $"seed {seed}: {outcome}");

        IReadOnlyList<LogRecord> original = [.. said, .. left.Skip(said.Count)];
        var expected = StateWritingTests.Written(Fold(original));
        Assert.True(expected.AsSpan().SequenceEqual(StateWritingTests.Written(Fold(left))), $"seed {seed}: {Difference(Fold(original), Fold(left))}");
        var live = await core.Sequencer.QueryAsync((state, _) => StateWritingTests.Written(state));
        Assert.True(expected.AsSpan().SequenceEqual(live), $"seed {seed}: the live state is another one.");
        for (var i = 0; i < 5; i++)
        {
            IReadOnlyList<LogRecord> mixed = [.. original.Zip(left, (one, other) => random.Next(2) == 0 ? one : other)];
            Assert.True(expected.AsSpan().SequenceEqual(StateWritingTests.Written(Fold(mixed))), $"seed {seed}, mixture {i}: {Difference(Fold(original), Fold(mixed))}");
        }

        // Any prefix can be folded too: a backup may be restored up to a point before the erasure.
        var state = new State(Dedupe);
        foreach (var record in left)
        {
            state.Apply(record);
            if (random.Next(50) == 0) Assert.Equal(StateWritingTests.Written(state), StateWritingTests.Written(State.Read(new MemoryStream(StateWritingTests.Written(state)), Dedupe)));
        }
    }

    static State Fold(IReadOnlyList<LogRecord> records)
    {
        var state = new State(Dedupe);
        foreach (var record in records) state.Apply(record);
        return state;
    }

    static string Difference(State one, State other)
    {
        var (first, second) = (StateGraph.Of(one).Values, StateGraph.Of(other).Values);
        return string.Join("; ", first.Keys.Union(second.Keys).Where(path => first.GetValueOrDefault(path) != second.GetValueOrDefault(path)).Take(5)
            .Select(path => $"{path} is {second.GetValueOrDefault(path) ?? "gone"}, not {first.GetValueOrDefault(path) ?? "gone"}"));
    }

    static IReadOnlyList<LogRecord> Contents(Log log) => log.ReadFrom(1, int.MaxValue, int.MaxValue);
}
