using System.Buffers.Binary;
using Parley.Core.Snapshots;
using Parley.Store;

namespace Parley.Core.Tests;

/// <summary>A state that was written and read is the same state, goes on in the same way, and is read or refused, nothing else.</summary>
public sealed class StateWritingTests
{
    // Small, so that messages are forgotten too.
    static readonly DedupeOptions Dedupe = new() { MaxMessagesPerSender = 16, MaxMessages = 60 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task A_state_that_was_read_writes_the_same_bytes_and_goes_on_equally(int seed)
    {
        var records = await RandomLife.RecordsAsync(seed, commands: 600);
        var random = new Random(seed);
        foreach (var cut in (int[])[0, 1, records.Count, .. Enumerable.Range(0, 12).Select(_ => random.Next(records.Count))])
        {
            var folded = Fold(records.Take(cut));
            var bytes = Written(folded);
            var read = State.Read(new MemoryStream(bytes), Dedupe);
            Assert.Equal((folded.Position, folded.Time), (read.Position, read.Time));
            Assert.True(bytes.AsSpan().SequenceEqual(Written(read)), $"seed {seed}: at {cut} of {records.Count} records the state that was read writes other bytes.");

            var more = records.Skip(cut).Take(1 + random.Next(300)).ToArray();
            foreach (var record in more) read.Apply(record);
            foreach (var record in more) folded.Apply(record);
            Assert.True(Written(folded).AsSpan().SequenceEqual(Written(read)), $"seed {seed}: read at {cut}, the state is another one {more.Length} records later.");
            AssertSameViews(folded, read, $"seed {seed}, read at {cut}");
        }
    }

    [Fact]
    public async Task Every_cut_is_refused()
    {
        var bytes = Written(Fold(await RandomLife.RecordsAsync(seed: 3, commands: 150)));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<UnreadableStateException>(() => State.Read(new MemoryStream(bytes, 0, length), Dedupe));
        Assert.Throws<UnreadableStateException>(() => State.Read(new MemoryStream([.. bytes, 0]), Dedupe));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Changed_bytes_are_refused(int seed)
    {
        var bytes = Written(Fold(await RandomLife.RecordsAsync(seed, commands: 400)));
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var changed = Changed(bytes, random);
            if (changed.AsSpan().SequenceEqual(bytes)) continue;
            Assert.Throws<UnreadableStateException>(() => State.Read(new MemoryStream(changed), Dedupe));
        }
    }

    /// <summary>Whoever writes a wrong state writes the right checksums with it.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Changed_bytes_with_right_checksums_end_in_a_state_or_are_refused(int seed)
    {
        var bytes = Written(Fold(await RandomLife.RecordsAsync(seed, commands: 400)));
        var sums = SumsOf(bytes);
        var random = new Random(seed);
        var (refused, taken) = (0, 0);
        for (var i = 0; i < 4_000; i++)
        {
            var changed = Changed(bytes, random);
            var start = 0;
            foreach (var end in sums)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(end), Checksum.Of(Checksum.Add(Checksum.Start, changed.AsSpan(start, end - start))));
                start = end + sizeof(uint);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                State.Read(new MemoryStream(changed), Dedupe);
                taken++;
            }
            catch (UnreadableStateException)
            {
                refused++;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 64 << 20, $"seed {seed}: reading {bytes.Length} bytes took {allocated}.");
        }

        Assert.True(refused > 500 && taken > 50, $"seed {seed}: {refused} were refused and {taken} taken; the test has lost its aim.");
    }

    [Fact]
    public void A_newer_section_is_refused()
    {
        var bytes = Written(Fold([]));
        bytes[4]++;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), Checksum.Of(Checksum.Add(Checksum.Start, bytes.AsSpan(0, 28))));
        var refused = Assert.Throws<UnreadableStateException>(() => State.Read(new MemoryStream(bytes), Dedupe));
        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever changes the format raises the version of a section: an older file is then read as it was meant, for the log may have nothing else by now, and another one is kept here.</summary>
    [Theory, InlineData(1, 8, 3), InlineData(2, 10, 4)]
    public void A_state_of_every_version_is_read_and_the_newest_is_written_as_it_was(int version, int users, int groups)
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Formats", $"state-{version}"));
        var state = State.Read(new MemoryStream(bytes), Dedupe);
        Assert.Equal((users, groups), (state.App(0).Users.Count, state.App(0).Groups.Count));
        if (version == NewestVersion) Assert.Equal(bytes, Written(state));
        else Assert.Equal(Written(state), Written(State.Read(new MemoryStream(Written(state)), Dedupe)));
        var erased = state.App(0).Users.Page(0, state.App(0).Users.Count).Count(state.App(0).Users.IsErased);
        var floors = state.Apps.Sum(app => state.App(app).Conversations.Uncut(0, int.MaxValue)?.Count(one => one.Floor > 0) ?? 0);
        Assert.Equal(version == 1, floors == 0);
        Assert.Equal(version == 1, erased == 0);
    }

    const int NewestVersion = 2;

    [Fact]
    public async Task Remembers_no_more_than_the_options_of_now_allow()
    {
        var state = Fold(await RandomLife.RecordsAsync(seed: 5, commands: 600));
        Assert.True(state.App(0).RememberedCount > 20);
        var read = State.Read(new MemoryStream(Written(state)), new DedupeOptions { MaxMessages = 16 });
        Assert.Equal(16, read.App(0).RememberedCount);
    }

    internal static State Fold(IEnumerable<LogRecord> records)
    {
        var state = new State(Dedupe);
        foreach (var record in records) state.Apply(record);
        return state;
    }

    internal static byte[] Written(State state)
    {
        var stream = new MemoryStream();
        state.Write(stream);
        return stream.ToArray();
    }

    static byte[] Changed(byte[] bytes, Random random)
    {
        var changed = bytes.ToArray();
        for (var left = 1 + random.Next(3); left > 0; left--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0: changed[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: changed[at] = (byte)random.Next(256); break;
                case 2: changed.AsSpan(at, Math.Min(4, bytes.Length - at)).Fill((byte)(random.Next(2) == 0 ? 0xff : 0x7f)); break;
                default:
                    var length = Math.Min(1 + random.Next(16), bytes.Length - at);
                    bytes.AsSpan(random.Next(bytes.Length - length + 1), length).CopyTo(changed.AsSpan(at));
                    break;
            }
        }

        return changed;
    }

    /// <summary>Where the checksums of the sections lie.</summary>
    static List<int> SumsOf(byte[] bytes)
    {
        var (sums, start, sum) = (new List<int>(), 0, Checksum.Start);
        for (var at = 0; at + 4 <= bytes.Length; at++)
        {
            if (at < start + 8 || Checksum.Of(sum) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)))
            {
                sum = Checksum.Add(sum, bytes.AsSpan(at, 1));
                continue;
            }

            sums.Add(at);
            (start, sum) = (at + 4, Checksum.Start);
            at = start - 1;
        }

        Assert.Equal(bytes.Length, start);
        return sums;
    }

    static void AssertSameViews(State one, State other, string where)
    {
        foreach (var number in one.Apps)
        {
            var (a, b) = (one.App(number), other.App(number));
            foreach (var user in a.Users.Page(0, int.MaxValue))
            {
                Assert.Equal(a.Users.Profile(user), b.Users.Profile(user));
                Assert.Equal(a.Tokens.Of(user).Prepend(default), b.Tokens.Of(user).Prepend(default));
                Assert.Equal(a.Conversations.Of(user), b.Conversations.Of(user));
                Assert.Equal(a.Contacts.FriendsOf(user), b.Contacts.FriendsOf(user));
                Assert.Equal(a.Contacts.ListersOf(user), b.Contacts.ListersOf(user));
                Assert.Equal(a.Contacts.BlocksOf(user), b.Contacts.BlocksOf(user));
                Assert.Equal(a.Contacts.RequestsTo(user), b.Contacts.RequestsTo(user));
                Assert.Equal(a.Contacts.RequestsFrom(user), b.Contacts.RequestsFrom(user));
                Assert.Equal(a.Applications.From(user), b.Applications.From(user));
                Assert.True(a.Members.AllGroupsOf(user).SequenceEqual(b.Members.AllGroupsOf(user)), where);
            }

            for (var group = 1u; group <= a.Groups.Count; group++)
            {
                Assert.Equal(a.Groups.View(new(group)), b.Groups.View(new(group)));
                Assert.Equal(a.Members.Page(new(group), 0, int.MaxValue), b.Members.Page(new(group), 0, int.MaxValue));
                Assert.Equal(a.Applications.To(new(group)), b.Applications.To(new(group)));
            }
        }
    }
}
