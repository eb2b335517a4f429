using Parley.Store.Feeds;

namespace Parley.Store.Tests;

public sealed class ChunksTests
{
    [Fact]
    public void A_reference_stays_good_while_the_list_grows()
    {
        var chunks = new Chunks<long>();
        chunks.Add(0);
        ref var first = ref chunks[0];
        for (var i = 1; i < 100_000; i++) Assert.Equal(i, chunks.Add(i));
        first = -7;
        Assert.Equal((-7, 99_999, 100_000), (chunks[0], chunks[99_999], chunks.Count));
    }

    [Fact]
    public async Task Readers_find_what_was_added_before_they_learnt_of_it()
    {
        const int count = 2_000_000;
        var chunks = new Chunks<long>();
        var known = -1;
        var readers = Enumerable.Range(1, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var last = 0; last < count - 1;)
            {
                last = Volatile.Read(ref known);
                if (last < 0) continue;
                var index = random.Next(last + 1);
                Assert.Equal(index * 3L, chunks[index]);
                Assert.Equal(last * 3L, chunks[last]);
            }
        })).ToArray();
        for (var i = 0; i < count; i++)
        {
            chunks.Add(i * 3L);
            Volatile.Write(ref known, i);
        }
        await Task.WhenAll(readers);
    }

    [Fact]
    public void Adding_to_millions_allocates_no_more_than_adding_to_few()
    {
        // What is added, once, and a list of a 512th of it that doubles; copying the list for every chunk would be gigabytes.
        const int count = 4_000_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var chunks = new Chunks<long>();
        for (var i = 0; i < count; i++) chunks.Add(i);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, count * sizeof(long), count * sizeof(long) * 11L / 10);
    }
}
