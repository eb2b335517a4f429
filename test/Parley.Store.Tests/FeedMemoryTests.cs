using Parley.Store.Feeds;

namespace Parley.Store.Tests;

/// <summary>Runs with no other test beside it: what is measured is the heap of the whole process.</summary>
[CollectionDefinition(nameof(FeedMemoryTests), DisableParallelization = true)]
[Collection(nameof(FeedMemoryTests))]
public sealed class FeedMemoryTests
{
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
