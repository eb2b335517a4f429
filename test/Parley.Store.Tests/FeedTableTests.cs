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
}
