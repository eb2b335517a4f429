using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Tests;

public sealed class TailIndexTests
{
    [Theory]
    [InlineData(11), InlineData(12), InlineData(13)]
    public void Every_range_of_every_feed_is_found(int seed)
    {
        var random = new Random(seed);
        var feeds = new FeedTable(new Lock());
        var tail = new TailIndex();
        var model = new List<uint>[5];
        for (var feed = 0; feed < model.Length; feed++)
        {
            model[feed] = [];
            // What lies in earlier segments.
            feeds[feeds.FindOrAdd(Logs.Feed((ulong)feed))].Last = feed * 10;
        }
        for (var offset = 64u; offset < 64 + (8 * 3000); offset += 8)
        {
            // Feed 0 gets most, feed 4 next to nothing.
            var feed = Math.Min(random.Next(5), Math.Min(random.Next(5), random.Next(5)));
            tail.Add(feeds, feed, segment: 3, offset, position: offset);
            feeds[feed].Last++;
            model[feed].Add(offset);
        }
        for (var round = 0; round < 3000; round++)
        {
            var feed = random.Next(5);
            if (model[feed].Count == 0) continue;
            var from = random.Next(model[feed].Count);
            var offsets = new uint[random.Next(1, Math.Min(60, model[feed].Count - from) + 1)];
            tail.CopyOffsets(feeds[feed].Slot, (feed * 10) + 1 + from, offsets);
            Assert.Equal(model[feed][from..(from + offsets.Length)], offsets);
        }
    }

    [Fact]
    public void A_jump_takes_away_the_smallest_term()
    {
        // 1=1, 2=1+1, 3=3, 4=3+1, 5=3+1+1, 6=3+3, 7=7, 8=7+1, 9=7+1+1, 10=7+3
        Assert.Equal([0, 1, 0, 3, 4, 3, 0, 7, 8, 7], Enumerable.Range(1, 10).Select(TailIndex.JumpTarget));
    }

    [Fact]
    public void Any_entry_is_reached_in_logarithmic_steps()
    {
        const int count = 1 << 20;
        var random = new Random(5);
        for (var round = 0; round < 1000; round++)
        {
            var wanted = random.Next(1, count);
            var steps = 0;
            for (var at = count; at > wanted; steps++) at = TailIndex.JumpTarget(at) >= wanted ? TailIndex.JumpTarget(at) : at - 1;
            Assert.InRange(steps, 0, 3 * 20);
        }
    }

    [Fact]
    public void A_batch_is_found_by_any_of_its_positions()
    {
        var tail = new TailIndex();
        tail.AddBatch(10, 64);
        tail.AddBatch(13, 200);
        tail.AddBatch(14, 400);
        Assert.Equal([64L, 64, 64, 200, 400, 400], new long[] { 10, 11, 12, 13, 14, 99 }.Select(tail.BatchAt));
    }
}
