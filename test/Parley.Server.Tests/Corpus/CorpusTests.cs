using System.Diagnostics;
using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Users;

namespace Parley.Server.Tests.Corpus;

/// <summary>
/// A channel with hundreds of thousands of lines, or a small made-up one. The real one is run with <c>PARLEY_CORPUS=FILE</c>, a gzipped file of <c>name of the log, tab,
/// line</c>; add <c>-class "*CorpusTests" -showLiveOutput</c> to the test program to see what it counts.
/// </summary>
public sealed class CorpusTests(ITestOutputHelper output)
{
    const int Seed = 20_041_115;
    const int WholeUpTo = 2_000, WindowEntries = 100, PageMessages = 1_000, Beyond = 5;

    static readonly string? Path = Environment.GetEnvironmentVariable("PARLEY_CORPUS");

    // What a group keeps apart from others has its own number; the first is 1.
    static readonly ConversationKey Conversation = ConversationKey.Of(new GroupNumber(1));

    [Theory, InlineData(true), InlineData(false)]
    public async Task Every_members_history_is_what_was_said_while_they_could_see_it(bool showsHistory)
    {
        output.WriteLine($"seed {Seed}, {Path ?? "made-up lines"}, history from before {(showsHistory ? "shown" : "hidden")}");
        using var scratch = new Scratch();
        var logs = Path is null ? ChannelLine.Split(MadeUpChannel.Rows(Seed)) : ChannelLine.Load(Path);
        var model = new ChannelModel(showsHistory);
        var started = Stopwatch.GetTimestamp();
        await using (var core = await ChannelCore.OpenAsync(scratch["log"]))
        {
            await new ChannelReplay(core, model, showsHistory).RunAsync(logs);
            output.WriteLine($"{logs.Count} logs of {logs.Sum(log => log.Length):N0} lines: {model.Members.Count:N0} members, {model.Entries.Count(entry => entry.Event is null):N0} messages, "
                + $"{model.Entries.Count(entry => entry.Event is not null):N0} comings and goings, {core.Records:N0} records in {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s");
        }

        started = Stopwatch.GetTimestamp();
        // What a restart makes of the log is what clients see.
        await using var again = await ChannelCore.OpenAsync(scratch["log"]);
        output.WriteLine($"restarted in {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s");
        started = Stopwatch.GetTimestamp();
        var compared = 0L;
        foreach (var user in model.Members) compared += await CompareAsync(again, model, user);
        compared += await CompareRangeAsync(again, model, await NumberOfAsync(again, ChannelReplay.Owner), 1, model.Entries.Count, 1, model.Entries.Count);
        Assert.Empty(await again.Reader.ReadAsync(0, await NumberOfAsync(again, ChannelReplay.Outsider), Conversation, 1, long.MaxValue, PageMessages));
        output.WriteLine($"{compared:N0} entries compared in {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s");
    }

    /// <returns>How many entries were compared: all that the member can see, or the first, the last and some between where there are very many.</returns>
    static async Task<long> CompareAsync(ChannelCore core, ChannelModel model, string user)
    {
        var number = await NumberOfAsync(core, user);
        var expected = model.ViewOf(user);
        var view = await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.TryView(Conversation, number, out var found) ? found : default);
        Assert.True(expected == (view.Minimum, view.Last, view.Read, view.Unread), $"{user} should see {expected}: {view}");

        var (first, last) = (expected.First, expected.Last);
        if (last - first < WholeUpTo) return await CompareRangeAsync(core, model, number, first, last, first - Beyond, last + Beyond);
        var middle = first + new Random(Seed ^ (int)number.Value).NextInt64(last - first - WindowEntries);
        return await CompareRangeAsync(core, model, number, first, last, first - Beyond, first + WindowEntries)
            + await CompareRangeAsync(core, model, number, first, last, middle, middle + WindowEntries)
            + await CompareRangeAsync(core, model, number, first, last, last - WindowEntries, last + Beyond);
    }

    /// <summary>Reads a range as a client pages through it: all of it that lies between the first and last visible sequence must come, and nothing else.</summary>
    static async Task<long> CompareRangeAsync(ChannelCore core, ChannelModel model, UserNumber user, long first, long last, long from, long to)
    {
        var next = Math.Max(first, from);
        for (var at = from; at <= to; at += PageMessages)
        {
            foreach (var message in await core.Reader.ReadAsync(0, user, Conversation, at, Math.Min(to, at + PageMessages - 1), PageMessages))
            {
                var found = EntryOf(message);
                Assert.True(message.Sequence == next && message.Sequence <= last && found == model.Entries[(int)next - 1],
                    $"User {user.Value} sees {first}..{last}; in the place of {next}, {(next <= last ? model.Entries[(int)next - 1] : "the end")}, came {message.Sequence}, {found}.");
                next++;
            }
        }

        Assert.Equal(Math.Min(last, to) + 1, next);
        return next - Math.Max(first, from);
    }

    static Entry EntryOf(StoredMessage stored)
    {
        if (stored.Message.Kind != ContentKind.Event) return new(stored.SenderId, null, Encoding.UTF8.GetString(stored.Message.Body.Span));
        var body = EventMessages.Read(stored.Message.Body.Span)!;
        return new(stored.SenderId, body.Event, body.Members[0].Id);
    }

    static ValueTask<UserNumber> NumberOfAsync(ChannelCore core, string user)
        => core.Sequencer.QueryAsync((state, _) => state.App(0).Users.TryFind(user, out var number) ? number : throw new ArgumentException(user, nameof(user)));
}
