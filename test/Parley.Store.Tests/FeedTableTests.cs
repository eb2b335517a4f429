using Parley.Store.Feeds;

namespace Parley.Store.Tests;

public sealed class FeedTableTests
{
    [Fact]
    public void Every_feed_is_found_again_and_no_other()
    {
        var table = new FeedTable(new Lock());
        var random = new Random(3);
        var model = new Dictionary<FeedKey, int>();
        for (var i = 0; i < 20_000; i++)
        {
            // Kind and numbers side by side, as callers build them.
            var key = new FeedKey(random.Next(3), new FeedId(((ulong)random.Next(4) << 60) + (ulong)random.Next(30_000)));
            var index = table.FindOrAdd(key);
            Assert.Equal(model.TryGetValue(key, out var known) ? known : model.Count, index);
            model[key] = index;
        }
        Assert.All(model, pair => Assert.Equal((pair.Value, pair.Key), (table.Find(pair.Key), table[pair.Value].Key)));
        Assert.Equal(-1, table.Find(new FeedKey(9, new FeedId(1))));
    }

    [Fact]
    public void A_feed_costs_at_most_64_bytes()
    {
        const int count = 200_000;
        Assert.True(System.Runtime.CompilerServices.Unsafe.SizeOf<Feed>() <= 48);
        var table = new FeedTable(new Lock());
        var live = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < count; i++) table.FindOrAdd(new FeedKey(0, new FeedId((ulong)i)));
        var perFeed = (GC.GetTotalMemory(forceFullCollection: true) - live) / (double)count;
        GC.KeepAlive(table);
        Assert.InRange(perFeed, 40, 64);
    }
}
