using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Groups;
using Parley.Core.Retaining;
using Parley.Core.Storage;
using Parley.Store;
using Parley.Testing;
using Parley.Testing.Disks;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests.Retaining;

/// <summary>What is older than the rules allow is let go, at every age exactly that, and whole segments when nobody needs them.</summary>
public sealed class RetainerTests
{
    static readonly TimeSpan Age = TimeSpan.FromDays(30);
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);
    static readonly ConversationKey Group = ConversationKey.Of(new GroupNumber(1));
    static readonly LogOptions Small = new() { SegmentBytes = 16 << 10, PrepareBytes = 4 << 10, MaxBatchBytes = 8 << 10 };

    static CoreOptions OptionsWith(params RetentionRule[] rules)
    {
        var options = new CoreOptions { MessageRate = 0 };
        foreach (var rule in rules) options.Retention.Rules.Add(rule);
        return options;
    }

    [Fact]
    public void The_first_rule_that_fits_holds()
    {
        var options = OptionsWith(
            new RetentionRule { App = 7, Kind = RetainedKind.Group, MaxAge = TimeSpan.FromDays(1) },
            new RetentionRule { App = 7, MaxAge = TimeSpan.FromDays(2) },
            new RetentionRule { Kind = RetainedKind.Peer, MaxAge = TimeSpan.FromDays(3) }).Retention;
        Assert.Equal(TimeSpan.FromDays(1), options.AgeOf(7, RetainedKind.Group));
        Assert.Equal(TimeSpan.FromDays(2), options.AgeOf(7, RetainedKind.Peer));
        Assert.Equal(TimeSpan.FromDays(3), options.AgeOf(0, RetainedKind.Peer));
        Assert.Null(options.AgeOf(0, RetainedKind.Group));
        Assert.Equal(TimeSpan.FromDays(2), options.LongestOf([7]));
        Assert.Null(options.LongestOf([7, 0]));
        Assert.Null(new RetentionOptions().LongestOf([0]));
    }

    [Fact]
    public async Task What_is_older_is_cut_and_nothing_else()
    {
        await using var core = await StartAsync(OptionsWith(new RetentionRule { Kind = RetainedKind.Peer, MaxAge = Age }));
        await core.Sequencer.SubmitAsync(GroupScene.Create());
        var times = new List<long>();
        for (var i = 0; i < 40; i++) times.Add((await core.SendAsync(Alice, "bob", $"words of {i}")).Time);
        await core.SendAsync(Alice, "carol");
        var groupLast = await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.LastSequence(Group));
        foreach (var (at, left) in new[] { (times[0], 40), (times[0] + 1, 39), (times[17], 23), (times[17] + 1, 22), (times[39] + 1, 0) })
        {
            var outcome = await RetainerOf(core, at).RetainAsync(default);
            // The one to carol came last.
            Assert.Equal((left == 40 ? 0 : 1, 0, null), (outcome.Cuts, outcome.Segments, outcome.Failure));
            Assert.Equal(left, (await core.Reader.ReadAsync(0, Bob, AliceAndBob, 1, 100, 100)).Count);
            Assert.Equal(0, (await RetainerOf(core, at).RetainAsync(default)).Cuts);
        }

        Assert.Equal(1, (await RetainerOf(core, times[39] + 1_000_000_000).RetainAsync(default)).Cuts);
        Assert.Equal(groupLast, (await core.Reader.ReadAsync(0, Alice, Group, 1, 100, 100)).Count);
        var live = await core.Sequencer.QueryAsync((state, _) => StateWritingTests.Written(state));
        Assert.Equal(live, StateWritingTests.Written(State.Replay(core.Log, core.Options.Dedupe, out _)));
    }

    [Fact]
    public async Task A_round_cuts_so_many_and_the_next_goes_on()
    {
        var options = OptionsWith(new RetentionRule { MaxAge = Age });
        options.Retention.MaxCutsPerRound = 3;
        await using var core = await StartAsync(options);
        foreach (var (sender, receiver) in new[] { (Alice, "bob"), (Alice, "carol"), (Bob, "carol"), (Alice, "alice"), (Bob, "bob") }) await core.SendAsync(sender, receiver);
        var later = core.Log.LastTime + 1;
        foreach (var cuts in (int[])[3, 2, 0]) Assert.Equal(cuts, (await RetainerOf(core, later).RetainAsync(default)).Cuts);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Whole_segments_go_when_nothing_is_for_ever_and_a_restart_finds_the_same(bool isNewestDamaged)
    {
        CrashingDisk disk;
        byte[] state;
        long first, last;
        var options = OptionsWith(new RetentionRule { MaxAge = Age });
        await using (var core = await StartAsync(options, logOptions: Small))
        {
            disk = core.Disk;
            await core.Sequencer.SubmitAsync(GroupScene.Create());
            var middle = await FillAsync(core);
            using var stopping = new CancellationTokenSource();
            var eraser = new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System);
            // It has not looked yet.
            Assert.Equal(0, (await RetainerOf(core, middle, eraser).RetainAsync(default)).Segments);
            var erasing = eraser.RunAsync(_ => { }, stopping.Token);
            await eraser.WaitAsync(core.Log.CommittedPosition, stopping.Token);
            Assert.Equal(0, (await RetainerOf(core, middle, eraser, new CoreOptions()).RetainAsync(default)).Segments);
            Assert.Equal(0, (await RetainerOf(core, middle, eraser, OptionsWith(new RetentionRule { MaxAge = Age, Kind = RetainedKind.Peer })).RetainAsync(default)).Segments);

            var outcome = await RetainerOf(core, middle, eraser).RetainAsync(default);
            Assert.True(outcome is { Segments: > 1, Failure: null }, outcome.ToString());
            await eraser.WaitAsync(core.Log.CommittedPosition, stopping.Token);
            await stopping.CancelAsync();
            await erasing;
            first = core.Log.FirstPosition;
            Assert.True(first > 1 && !disk.List().Contains("00000001.segment"));
            // Exactly what was cut can't be read, though some of it still lies in the segments.
            Assert.True(await OldestAsync(core) >= middle);
            Assert.DoesNotContain(disk.List(), name => disk.Bytes(name).AsSpan().IndexOf("old words"u8) >= 0);
            state = await core.Sequencer.QueryAsync((live, _) => StateWritingTests.Written(live));
            last = core.Log.CommittedPosition;
        }

        if (isNewestDamaged) disk.Flip(disk.List().Where(name => name.EndsWith(".snapshot", StringComparison.Ordinal)).Max(StringComparer.Ordinal)!, 3_000);
        await using var again = await StartAsync(options, disk, Small);
        Assert.Equal((first, last), (again.Log.FirstPosition, again.Log.CommittedPosition));
        Assert.Equal(state, await again.Sequencer.QueryAsync((live, _) => StateWritingTests.Written(live)));
        Assert.NotEmpty(await again.Reader.ReadAsync(0, Bob, AliceAndBob, 1, 10_000, 10_000));
        Assert.Equal(!isNewestDamaged, again.Log.Check().IsSound);

        // Inboxes begin later, and reading them does not.
        var inbox = await new StorageReader(again.Log, again.Sequencer, again.Reader).ReadInboxAsync(0, new Addressee("bob", 0), 0, 10, 1 << 20);
        Assert.True(inbox.Entries.Count == 10 && inbox.Entries[0].Message.Position >= first && inbox.HasMore);
        Assert.True((await again.SendAsync(Alice, "bob")).IsAccepted);
    }

    [Fact]
    public async Task Without_a_snapshot_that_can_be_read_nothing_starts_from_the_middle()
    {
        var disk = new CrashingDisk();
        await using (var core = await StartAsync(OptionsWith(new RetentionRule { MaxAge = Age }), disk, Small))
        {
            await core.RegisterAsync();
            await core.Sequencer.SubmitAsync(GroupScene.Create());
            await FillAsync(core);
            Assert.True(await core.Log.DropBeforeAsync(core.Log.SealedPosition, default) > 0);
        }

        foreach (var name in disk.List().Where(name => name.EndsWith(".snapshot", StringComparison.Ordinal)).ToList()) disk.Flip(name, 3_000);
        await using var log = await Log.OpenAsync(disk, Small, TimeProvider.System);
        Assert.Contains("no snapshot", Assert.Throws<CorruptLogException>(() => State.Replay(log, new DedupeOptions(), out _)).Message, StringComparison.Ordinal);
    }

    /// <summary>Several segments of messages old and new, and two snapshots behind most of the old ones.</summary>
    /// <returns>The time, in µs, between the old and the new ones.</returns>
    static async Task<long> FillAsync(RunningCore core)
    {
        for (var i = 0; i < 250; i++) await SayAsync(core, i, $"old words {i} {new string('.', 200)}");
        var (middle, old) = (core.Log.LastTime + 1, core.Log.CommittedPosition);
        for (var half = 0; half < 2; half++)
        {
            for (var i = 0; i < 60; i++) await SayAsync(core, i, $"new words {i} {new string('.', 200)}");
            using var snapshot = core.Log.BeginSnapshot(core.Log.CommittedPosition);
            snapshot.Body.Write(await core.Sequencer.QueryAsync((state, _) => StateWritingTests.Written(state)));
            await snapshot.CompleteAsync(CancellationToken.None);
        }

        await core.Log.WaitSealedPastAsync(old, CancellationToken.None);
        return middle;
    }

    static async Task SayAsync(RunningCore core, int i, string text)
    {
        if (i % 5 > 0) await core.SendAsync(Alice, i % 2 == 0 ? "bob" : "carol", text);
        else await core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(Alice), core.Text(Alice, text), Recipient.Group("g"), AllowSelf: false));
    }

    static async Task<long> OldestAsync(RunningCore core)
    {
        var times = new List<long>();
        foreach (var (user, key) in new[] { (Bob, AliceAndBob), (Carol, ConversationKey.Peer(Alice, Carol)), (Alice, Group) })
            times.Add((await core.Reader.ReadAsync(0, user, key, 1, long.MaxValue, 10))[0].Time);
        return times.Min();
    }

    /// <param name="cutoff">What was sent before, µs, is too old now.</param>
    static Retainer RetainerOf(RunningCore core, long cutoff, Eraser? eraser = null, CoreOptions? options = null)
        => new(core.Log, core.Sequencer, eraser ?? new Eraser(core.Log, core.Sequencer, new CrashingDisk(), TimeProvider.System), options ?? core.Options, Metrics,
            new ManualTime(DateTimeOffset.UnixEpoch.AddTicks(cutoff * TimeSpan.TicksPerMicrosecond) + Age));
}
