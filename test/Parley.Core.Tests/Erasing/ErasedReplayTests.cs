using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Groups;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store;
using Record = Parley.Core.Records.Record;

namespace Parley.Core.Tests.Erasing;

/// <summary>A server that folds overwritten records ends with the state of one that saw them as they were.</summary>
public sealed class ErasedReplayTests
{
    [Theory]
    [InlineData(1, 25, 90)]
    [InlineData(2, 16, 60)]
    [InlineData(3, 36_000, 2_000_000)]
    [InlineData(4, 40, 50)]
    [InlineData(5, 16, 2_000)]
    [InlineData(6, 200, 120)]
    public async Task The_fold_of_an_erased_log_is_the_state_of_the_whole_one(int seed, int perSender, int together)
    {
        var dedupe = new DedupeOptions { MaxMessagesPerSender = perSender, MaxMessages = together };
        var records = await RecordsAsync(new Random(seed));
        var erased = Erased(records, out var count);
        Assert.True(count > 40, $"seed {seed}: only {count} of {records.Count} records were erased.");

        var live = Written(records, dedupe);
        Assert.True(live.AsSpan().SequenceEqual(Written(erased, dedupe)), $"seed {seed}: the states differ.");
        var whole = new State(dedupe);
        foreach (var stored in erased) whole.Apply(Record.Read(stored.Type, stored.Body), stored.App, stored.Position, stored.Time, stored.Filings);
        Assert.True(live.AsSpan().SequenceEqual(StateWritingTests.Written(whole)), $"seed {seed}: the states differ when every record is read whole.");

        // From a snapshot of the time before, made of whichever records there were then.
        var random = new Random(seed);
        for (var i = 0; i < 8; i++)
        {
            var cut = random.Next(records.Count);
            foreach (var earlier in new[] { records, erased })
            {
                var state = State.Read(new MemoryStream(Written(earlier.Take(cut), dedupe)), dedupe);
                foreach (var stored in erased.Skip(cut)) state.Apply(stored);
                Assert.True(live.AsSpan().SequenceEqual(StateWritingTests.Written(state)), $"seed {seed}: read at {cut}, the state is another one.");
            }
        }
    }

    /// <summary>The table of mentions holds the newest of a group: which those are must not depend on what can still be read.</summary>
    [Fact]
    public async Task Erased_mentions_leave_for_newer_ones_as_all_do()
    {
        await using var core = await RunningCore.StartAsync();
        await core.Sequencer.SubmitAsync(GroupScene.Create());
        var key = ConversationKey.Of(new GroupNumber(1));
        async Task SendAsync(int count)
        {
            for (; count > 0; count--)
                await core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(RunningCore.Alice), core.Text(RunningCore.Alice) with { Mentions = ["bob"] }, Recipient.Group("g"), AllowSelf: false));
        }

        await SendAsync(190);
        Assert.True((await core.Sequencer.SubmitAsync(new EraseConversation(0, Actor.Administrator, key, 100, 110))).IsAccepted);
        await SendAsync(60);
        Assert.True((await core.Sequencer.SubmitAsync(new EraseMessages(0, Actor.Administrator, key, [3, 230]))).IsAccepted);
        var records = core.Log.ReadFrom(1, int.MaxValue, int.MaxValue);
        var erased = Erased(records, out var count);
        Assert.Equal(13, count);
        Assert.Equal(Written(records, new DedupeOptions()), Written(erased, new DedupeOptions()));
    }

    /// <summary>A random life with erasures in it: more of them towards its end, when there is something to erase.</summary>
    static async Task<IReadOnlyList<LogRecord>> RecordsAsync(Random random)
    {
        await using var core = await RunningCore.StartAsync();
        var life = new RandomLife(core, random);
        await life.RunAsync(1_000);
        for (var i = 0; i < 90; i++)
        {
            var key = random.Next(2) == 0 ? ConversationKey.Of(new GroupNumber((uint)random.Next(1, 6))) : ConversationKey.Peer(new UserNumber((uint)random.Next(1, 9)), new UserNumber((uint)random.Next(1, 9)));
            var from = random.Next(1, 20);
            if (random.Next(3) == 0) await core.Sequencer.SubmitAsync(new CutConversation(random.Next(2) * 7, Actor.Administrator, key, from));
            else await core.Sequencer.SubmitAsync(new EraseConversation(random.Next(2) * 7, Actor.Administrator, key, from, from + random.Next(10)));
            if (i % 10 == 9) await life.RunAsync(60);
        }

        return core.Log.ReadFrom(1, int.MaxValue, int.MaxValue);
    }

    static byte[] Written(IEnumerable<LogRecord> records, DedupeOptions dedupe)
    {
        var state = new State(dedupe);
        foreach (var stored in records) state.Apply(stored);
        return StateWritingTests.Written(state);
    }

    /// <summary>The records as an eraser leaves them.</summary>
    static List<LogRecord> Erased(IReadOnlyList<LogRecord> records, out int count)
    {
        count = 0;
        var meant = new HashSet<(long App, ulong Conversation, long Sequence)>();
        foreach (var stored in records)
        {
            var (conversation, sequences) = Record.Read(stored.Type, stored.Body) switch
            {
                MessagesErased erased => (erased.Conversation, erased.Sequences),
                ConversationCut cut => (cut.Conversation, [.. Enumerable.Range((int)cut.From, (int)(cut.UpTo - cut.From + 1)).Select(sequence => (long)sequence)]),
                _ => (default, []),
            };
            meant.UnionWith(sequences.Select(sequence => (stored.App, conversation.Feed.Value, sequence)));
        }

        var (left, redaction) = (new List<LogRecord>(records.Count), new Redaction());
        foreach (var stored in records)
        {
            var isMeant = Redaction.IsDue(stored, out var record) && meant.Contains(record is MessageEdited edited
                ? (stored.App, edited.Conversation.Feed.Value, edited.Sequence) : (stored.App, stored.Filings[0].Feed.Value, stored.Filings[0].Sequence));
            left.Add(isMeant ? stored with { Body = redaction.Of(stored, record!).Body } : stored);
            if (isMeant) count++;
        }

        return left;
    }
}
