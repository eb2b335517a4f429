using Parley.Store.Feeds;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

public sealed class ReadTests
{
    readonly CrashingDisk _disk = new();

    /// <summary>Feed 1 in every record, feed 2 in every third, feed 3 only in the first and the last: 200 records of 300 bytes in five segments.</summary>
    async Task<Log> OpenFilledAsync()
    {
        var log = await Logs.OpenAsync(_disk);
        for (var i = 1; i <= 200; i++)
        {
            ulong[] feeds = i is 1 or 200 ? [1, 3] : i % 3 == 0 ? [1, 2] : [1];
            await log.AppendAsync(new Draft([.. Enumerable.Repeat((byte)i, 300)], feeds));
        }
        return log;
    }

    static IEnumerable<int> Marks(IEnumerable<LogRecord> records) => records.Select(record => (int)record.Body.Span[299]);

    /// <summary>Once with the newest segments in memory, once all but the last from index files.</summary>
    async Task InEachFormAsync(Action<Log> test)
    {
        var log = await OpenFilledAsync();
        test(log);
        await log.DisposeAsync();
        await using var reopened = await Logs.OpenAsync(_disk);
        Assert.True(_disk.List().Count(name => name.EndsWith(".index", StringComparison.Ordinal)) >= 4);
        test(reopened);
    }

    [Fact]
    public Task A_feed_is_read_from_any_sequence_to_any_other() => InEachFormAsync(log =>
    {
        for (var from = -1; from <= 202; from += 7)
        {
            for (var to = from - 1; to <= 203; to += 13)
            {
                var expected = Enumerable.Range(1, 200).Where(i => i >= from && i <= to);
                Assert.Equal(expected, Marks(log.ReadFeed(Logs.Feed(1), from, to, int.MaxValue, int.MaxValue)));
            }
        }
        Assert.Equal(Enumerable.Range(10, 5), Marks(log.ReadFeed(Logs.Feed(1), 10, long.MaxValue, 5, int.MaxValue)));
        Assert.Empty(log.ReadFeed(Logs.Feed(1), 1, 5, 0, int.MaxValue));
        Assert.Empty(log.ReadFeed(Logs.Feed(1), long.MaxValue, long.MaxValue, int.MaxValue, int.MaxValue));
        Assert.Empty(log.ReadFeed(Logs.Feed(99), 1, 5, 5, int.MaxValue));
        Assert.Empty(log.ReadFeed(new FeedKey(Logs.App + 1, new FeedId(1)), 1, 5, 5, int.MaxValue));
    });

    [Fact]
    public Task A_record_says_where_it_stands() => InEachFormAsync(log =>
    {
        var third = log.ReadFeed(Logs.Feed(2), 3, 3, 1, int.MaxValue).Single();
        Assert.Equal((9L, 9L, Logs.App, 1), (third.Position, third.Time, third.App, third.Type));
        Assert.Equal([new(new(1), 9), new(new(2), 3)], third.Filings);
        Assert.Equal(new FeedHead(1, 66, 198), log.Head(Logs.Feed(2)));
        Assert.Equal(new FeedHead(1, 2, 200), log.Head(Logs.Feed(3)));
        Assert.Equal([1L, 200], log.All(feed: 3).Select(record => record.Position));
    });

    [Fact]
    public Task The_last_records_come_in_ascending_order() => InEachFormAsync(log =>
    {
        foreach (var count in new[] { 1, 2, 50, 199, 200, 201, int.MaxValue })
            Assert.Equal(Enumerable.Range(1, 200).TakeLast(count), Marks(log.ReadLast(Logs.Feed(1), count, int.MaxValue)));
        Assert.Equal([192, 195, 198], Marks(log.ReadLast(Logs.Feed(2), 3, int.MaxValue)));
        Assert.Empty(log.ReadLast(Logs.Feed(1), 0, int.MaxValue));
    });

    [Fact]
    public Task Bytes_cut_the_far_end_but_never_the_only_record() => InEachFormAsync(log =>
    {
        Assert.Equal([10, 11, 12], Marks(log.ReadFeed(Logs.Feed(1), 10, 100, 50, 900)));
        Assert.Equal([10, 11], Marks(log.ReadFeed(Logs.Feed(1), 10, 100, 50, 899)));
        Assert.Equal([10], Marks(log.ReadFeed(Logs.Feed(1), 10, 100, 50, 0)));
        Assert.Equal([198, 199, 200], Marks(log.ReadLast(Logs.Feed(1), 50, 900)));
        Assert.Equal([200], Marks(log.ReadLast(Logs.Feed(1), 50, 1)));
        Assert.Equal([10, 11, 12], Marks(log.ReadFrom(10, 50, 900)));
        Assert.Equal([10], Marks(log.ReadFrom(10, 50, 1)));
    });

    [Fact]
    public Task Positions_are_read_across_segments() => InEachFormAsync(log =>
    {
        for (var position = -1; position <= 203; position++)
        {
            var expected = Enumerable.Range(1, 200).Where(i => i >= position);
            Assert.Equal(expected.Take(60), Marks(log.ReadFrom(position, 60, int.MaxValue)));
        }
        Assert.Equal(Enumerable.Range(1, 200), Marks(log.All()));
        Assert.Empty(log.ReadFrom(1, 0, 100));
    });

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public async Task What_is_read_is_what_was_written(int seed)
    {
        var random = new Random(seed);
        var model = new List<Draft>();
        var log = await Logs.OpenAsync(_disk);
        for (var round = 0; round < 120; round++)
        {
            var drafts = Enumerable.Range(0, random.Next(1, 12)).Select(_ => RandomDraft(random)).ToArray();
            await log.AppendAsync(drafts);
            model.AddRange(drafts);
            if (random.Next(20) == 0)
            {
                await log.DisposeAsync();
                log = await Logs.OpenAsync(_disk);
            }
            if (random.Next(4) > 0) continue;

            var feed = (ulong)random.Next(1, 9);
            var inFeed = model.Where(draft => draft.Feeds.Contains(feed)).ToList();
            var from = random.Next(1, inFeed.Count + 2);
            var count = random.Next(1, 70);
            Same(inFeed.Skip(from - 1).Take(count), log.ReadFeed(Logs.Feed(feed), from, long.MaxValue, count, int.MaxValue), seed);
            Same(inFeed.TakeLast(count), log.ReadLast(Logs.Feed(feed), count, int.MaxValue), seed);
            var position = random.Next(1, model.Count + 1);
            Same(model.Skip(position - 1).Take(count), log.ReadFrom(position, count, int.MaxValue), seed);
        }
        Assert.Equal([], log.Check().Problems);
        await log.DisposeAsync();
    }

    static Draft RandomDraft(Random random)
    {
        var body = new byte[random.Next(0, 120)];
        random.NextBytes(body);
        return new Draft(body, [.. Enumerable.Range(1, 8).Where(_ => random.Next(3) == 0).Select(feed => (ulong)feed)]);
    }

    static void Same(IEnumerable<Draft> expected, IReadOnlyList<LogRecord> actual, int seed)
    {
        var drafts = expected.ToList();
        Assert.True(drafts.Count == actual.Count, $"seed {seed}: {drafts.Count} records expected, {actual.Count} read");
        for (var i = 0; i < drafts.Count; i++)
        {
            Assert.True(drafts[i].Body.AsSpan().SequenceEqual(actual[i].Body.Span), $"seed {seed}: record {i} of {drafts.Count} has another body");
            Assert.Equal(drafts[i].Feeds, actual[i].Filings.Select(filing => filing.Feed.Value));
        }
    }

    [Fact]
    public async Task A_page_of_50_costs_three_reads_of_an_index()
    {
        var options = new LogOptions { SegmentBytes = 1 << 20, PrepareBytes = 1 << 20, MaxBatchBytes = 64 << 10 };
        await using var log = await Logs.OpenAsync(_disk, options);
        ulong next = 10;
        while (!_disk.List().Contains("00000001.index"))
            await log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Logs.Draft(100, 1, next++))]);
        var reads = _disk.ReadsOf("00000001.index");
        Assert.Equal(50, log.ReadFeed(Logs.Feed(1), 2000, long.MaxValue, 50, int.MaxValue).Count);
        Assert.InRange(_disk.ReadsOf("00000001.index") - reads, 1, 3);
        reads = _disk.ReadsOf("00000001.index");
        Assert.Equal(50, log.ReadFrom(2000, 50, int.MaxValue).Count);
        Assert.InRange(_disk.ReadsOf("00000001.index") - reads, 1, 3);
    }

    [Fact]
    public async Task Readers_on_other_threads_see_a_gapless_prefix_at_any_moment()
    {
        await using var log = await Logs.OpenAsync(_disk);
        using var stopping = new CancellationTokenSource();
        var upkeep = Task.Run(() => log.MaintainAsync(stopping.Token));
        var readers = Enumerable.Range(1, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var last = 0L; last < 500;)
            {
                last = log.Head(Logs.Feed(1)).Last;
                var records = log.ReadLast(Logs.Feed(1), random.Next(1, 60), int.MaxValue);
                for (var i = 0; i < records.Count; i++)
                {
                    var sequence = records[i].Filings[0].Sequence;
                    Assert.Equal((byte)sequence, records[i].Body.Span[^1]);
                    Assert.Equal(records[0].Filings[0].Sequence + i, sequence);
                }
                Assert.True(last == 0 || records[^1].Filings[0].Sequence >= last);
                if (last > 0) Assert.Equal(last, log.ReadFrom(random.NextInt64(1, last + 1), int.MaxValue, int.MaxValue).First(record => record.Position >= last).Position);
            }
        })).ToArray();
        for (var i = 1; i <= 500; i++) await log.AppendAsync(new Draft([.. Enumerable.Repeat((byte)i, 200)], 1));
        await Task.WhenAll(readers);
        await stopping.CancelAsync();
        await upkeep;
    }

    [Fact]
    public async Task A_changed_byte_is_never_handed_out()
    {
        await using var log = await Logs.OpenAsync(_disk);
        await log.AppendAsync(Logs.Draft(100, 1), Logs.Draft(100, 1));
        await log.AppendAsync(Logs.Draft(100, 1));
        const int secondHeader = 64 + 80 + 64;
        const int firstBody = 64 + 80 + 64 + 64;
        foreach (var (offset, sequence) in new[] { (secondHeader + 9, 2L), (secondHeader + 44, 2), (firstBody, 1), (firstBody + 150, 2), (64 + 33, 1) })
        {
            _disk.Flip("00000001.segment", offset);
            var error = Assert.Throws<CorruptRecordException>(() => log.ReadFeed(Logs.Feed(1), sequence, sequence, 1, 1000));
            Assert.Equal("00000001.segment", error.Segment);
            Assert.Throws<CorruptRecordException>(() => log.All());
            Assert.Single(log.ReadFeed(Logs.Feed(1), 3, 3, 1, 1000));
            _disk.Flip("00000001.segment", offset);
        }
        Assert.Equal(3, log.All().Count);
    }
}
