using Parley.Core.Sessions;

namespace Parley.Core.Tests;

public sealed class OutboxTests
{
    sealed class Item(int size) : Outgoing
    {
        public override int Size => size;
    }

    [Fact]
    public void Gives_back_what_was_added_in_order()
    {
        var outbox = new Outbox(maxItems: 3, maxBytes: 1_000);
        Item[] items = [new(1), new(2), new(3)];
        foreach (var item in items) Assert.True(outbox.TryAdd(item));
        foreach (var item in items) Assert.True(outbox.TryTake(out var taken) && taken == item);
        Assert.False(outbox.TryTake(out _));
    }

    [Theory]
    [InlineData(3, 1_000, 1)]
    [InlineData(1_000, 30, 10)]
    public void Passing_a_bound_drops_everything_and_closes_it_for_good(int maxItems, int maxBytes, int size)
    {
        var outbox = new Outbox(maxItems, maxBytes);
        for (var i = 0; i < 3; i++) Assert.True(outbox.TryAdd(new Item(size)));
        Assert.False(outbox.TryAdd(new Item(size)));
        Assert.True(outbox is { IsClosed: true, HasOverflowed: true });
        Assert.False(outbox.TryTake(out _));
        Assert.False(outbox.TryAdd(new Item(0)));
    }

    [Fact]
    public void What_was_taken_makes_room()
    {
        var outbox = new Outbox(maxItems: 2, maxBytes: 20);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(outbox.TryAdd(new Item(20)));
            Assert.True(outbox.TryTake(out _));
        }
    }

    [Fact]
    public async Task The_owner_wakes_once_for_a_batch()
    {
        var outbox = new Outbox(maxItems: 10, maxBytes: 1_000);
        var waiting = outbox.WaitAsync().AsTask();
        outbox.TryAddQuietly(new Item(1));
        outbox.TryAddQuietly(new Item(1));
        Assert.False(waiting.IsCompleted);
        outbox.Wake();
        outbox.Wake();
        await waiting;
        Assert.True(outbox.TryTake(out _) && outbox.TryTake(out _));

        var again = outbox.WaitAsync().AsTask();
        Assert.False(again.IsCompleted);
        outbox.TryAdd(new Item(1));
        await again;
    }

    [Fact]
    public async Task Closing_wakes_the_owner()
    {
        var outbox = new Outbox(maxItems: 10, maxBytes: 1_000);
        var waiting = outbox.WaitAsync().AsTask();
        outbox.Close();
        await waiting;
        Assert.False(outbox.HasOverflowed);
        await outbox.WaitAsync();
    }

    [Fact]
    public async Task No_item_is_lost_between_adders_and_the_owner()
    {
        const int Adders = 4, Each = 20_000;
        var outbox = new Outbox(maxItems: Adders * Each, maxBytes: int.MaxValue);
        var adding = Enumerable.Range(0, Adders).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++) Assert.True(outbox.TryAdd(new Item(1)));
        })).ToArray();
        var taken = 0;
        while (taken < Adders * Each)
        {
            await outbox.WaitAsync();
            while (outbox.TryTake(out _)) taken++;
        }

        await Task.WhenAll(adding);
        Assert.False(outbox.TryTake(out _));
    }
}
