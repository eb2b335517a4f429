using Parley.Store.Feeds;
using Parley.Testing.Disks;

namespace Parley.Store.Tests;

public sealed class BatchTests
{
    readonly CrashingDisk _disk = new();

    [Fact]
    public async Task Positions_are_dense_over_all_records_and_sequences_over_those_of_a_feed()
    {
        await using var log = await Logs.OpenAsync(_disk);
        for (var i = 0; i < 20; i++)
        {
            var batch = (await log.BeginAsync(default))!;
            var filings = new Filing[2];
            Assert.Equal((i * 2) + 1, batch.Add(1, 0, (i * 2) + 1, [new(1), new(2)], "a"u8, filings));
            Assert.Equal([new(new(1), i + 1), new(new(2), (i * 2) + 1)], filings);
            Assert.Equal((i * 2) + 2, batch.Add(1, 0, (i * 2) + 2, [new(2)], "b"u8, filings));
            Assert.Equal(new Filing(new(2), (i * 2) + 2), filings[0]);
            Assert.Equal((2, (i * 2) + 3L), (batch.Count, batch.NextPosition));
            await log.CommitAsync(batch);
        }
        Assert.Equal(40, log.CommittedPosition);
        Assert.Equal(40, log.LastTime);
        Assert.Equal(new FeedHead(1, 20, 39), log.Head(new(0, new(1))));
        Assert.Equal(new FeedHead(1, 40, 40), log.Head(new(0, new(2))));
    }

    [Fact]
    public async Task A_feed_id_means_another_feed_in_another_app()
    {
        await using var log = await Logs.OpenAsync(_disk);
        var batch = (await log.BeginAsync(default))!;
        var filings = new Filing[1];
        batch.Add(1, 1, 1, [new(5)], "one"u8, filings);
        batch.Add(1, 2, 2, [new(5)], "two"u8, filings);
        Assert.Equal(1, filings[0].Sequence);
        await log.CommitAsync(batch);
        Assert.Equal("two"u8, log.ReadLast(new(2, new(5)), 9, 999).Single().Body.Span);
    }

    [Fact]
    public async Task The_last_sequence_counts_the_open_batch_which_nobody_else_sees()
    {
        await using var log = await Logs.OpenAsync(_disk);
        await log.AppendAsync(Logs.Draft(1, 1));
        var batch = (await log.BeginAsync(default))!;
        Assert.Equal((1, 0), (batch.LastSequence(Logs.Feed(1)), batch.LastSequence(Logs.Feed(2))));
        batch.AddAll([Logs.Draft(1, 1, 2), Logs.Draft(1, 1)], log.LastTime);
        Assert.Equal((3, 1), (batch.LastSequence(Logs.Feed(1)), batch.LastSequence(Logs.Feed(2))));

        Assert.Equal(1, log.CommittedPosition);
        Assert.Equal(new FeedHead(1, 1, 1), log.Head(Logs.Feed(1)));
        Assert.Equal(new FeedHead(1, 0, 0), log.Head(Logs.Feed(2)));
        Assert.Single(log.All());
        Assert.Single(log.All(feed: 1));
        Assert.Empty(log.All(feed: 2));
        Assert.Empty(log.ReadLast(Logs.Feed(2), 5, 1000));

        await log.CommitAsync(batch);
        Assert.Equal(3, log.All(feed: 1).Count);
        Assert.Single(log.All(feed: 2));
    }

    [Fact]
    public async Task A_refused_record_leaves_the_batch_as_it_was()
    {
        await using var log = await Logs.OpenAsync(_disk);
        var batch = (await log.BeginAsync(default))!;
        var filings = new Filing[2];
        batch.Add(1, 0, 10, [new(1)], "a"u8, filings);

        Assert.Throws<ArgumentException>(() => batch.Add(1, 0, 10, [new(1)], "same time"u8, filings));
        Assert.Throws<ArgumentException>(() => batch.Add(1, 0, 11, [new(2), new(3), new(2)], "twice"u8, new Filing[3]));
        Assert.Throws<ArgumentException>(() => batch.Add(1, 0, 11, new FeedId[1025], "too many"u8, new Filing[1025]));
        Assert.Throws<ArgumentException>(() => batch.Add(1, 0, 11, [new(1), new(2)], "no place"u8, filings.AsSpan(0, 1)));
        Assert.Throws<ArgumentException>(() => batch.Add(1, 0, 11, [new(1)], new byte[5000], filings));

        Assert.Equal((1, 1, 0), (batch.Count, batch.LastSequence(new(0, new(1))), batch.LastSequence(new(0, new(2)))));
        batch.Add(1, 0, 11, [new(2), new(1)], "b"u8, filings);
        Assert.Equal([new(new(2), 1), new(new(1), 2)], filings);
        await log.CommitAsync(batch);
        Assert.Equal([], log.Check().Problems);
    }

    [Fact]
    public async Task Room_is_what_fits_and_not_a_byte_more()
    {
        await using var log = await Logs.OpenAsync(_disk);
        var batch = (await log.BeginAsync(default))!;
        // 4096 = batch header 80 + record header 48 + 2 feeds of 16 + body.
        Assert.True(batch.HasRoomFor(records: 1, feeds: 2, bodyBytes: 3936));
        Assert.False(batch.HasRoomFor(records: 1, feeds: 2, bodyBytes: 3937));
        Assert.True(batch.HasRoomFor(records: 2, feeds: 2, bodyBytes: 3888));
        Assert.False(batch.HasRoomFor(records: 2, feeds: 2, bodyBytes: 3889));
        var body = Enumerable.Range(0, 3936).Select(i => (byte)i).ToArray();
        batch.AddAll([new Draft(body, 1, 2)], 0);
        Assert.False(batch.HasRoomFor(1, 0, 0));
        await log.CommitAsync(batch);
        Assert.Equal(body, log.All().Single().Body.ToArray());
    }

    [Fact]
    public async Task A_record_can_have_1024_feeds()
    {
        var options = new LogOptions { SegmentBytes = 64 << 10, PrepareBytes = 32 << 10, MaxBatchBytes = 32 << 10 };
        await using var log = await Logs.OpenAsync(_disk, options);
        await log.AppendAsync(Logs.Draft(5, [.. Enumerable.Range(1, 1024).Select(i => (ulong)i)]));
        Assert.Equal(1024, log.All(feed: 1024).Single().Filings.Length);
    }

    [Fact]
    public async Task An_empty_batch_costs_nothing()
    {
        await using var log = await Logs.OpenAsync(_disk);
        var batch = (await log.BeginAsync(default))!;
        var calls = _disk.Calls;
        await log.CommitAsync(batch);
        Assert.Equal(calls, _disk.Calls);
        Assert.Equal(0, log.CommittedPosition);
    }

    [Fact]
    public async Task A_commit_is_one_write_and_one_sync()
    {
        await using var log = await Logs.OpenAsync(_disk);
        var batch = (await log.BeginAsync(default))!;
        batch.AddAll([Logs.Draft(100, 1), Logs.Draft(100, 2)], 0);
        var calls = _disk.Calls;
        await log.CommitAsync(batch);
        Assert.Equal(calls + 2, _disk.Calls);
    }

    [Fact]
    public async Task There_is_one_open_batch_and_it_is_committed_once()
    {
        await using var log = await Logs.OpenAsync(_disk);
        var batch = (await log.BeginAsync(default))!;
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.BeginAsync(default).AsTask());
        await log.CommitAsync(batch);
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.CommitAsync(batch).AsTask());
        Assert.Throws<InvalidOperationException>(() => batch.Add(1, 0, 1, [], default, []));
    }

    [Fact]
    public async Task A_batch_larger_than_a_segment_is_refused_at_the_door()
    {
        var options = new LogOptions { SegmentBytes = 16 << 10, PrepareBytes = 4 << 10, MaxBatchBytes = 16 << 10 };
        await Assert.ThrowsAsync<ArgumentException>(() => Logs.OpenAsync(_disk, options));
        Assert.Empty(_disk.List());
    }
}
