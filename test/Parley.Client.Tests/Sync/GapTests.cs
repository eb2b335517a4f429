using Parley.Client.Sync;

namespace Parley.Client.Tests.Sync;

public sealed class GapTests
{
    [Fact]
    public void Pages_hold_as_much_as_fits_and_keep_each_conversation_ascending()
    {
        var pages = Gap.Pages([new("a", 1, 3), new("b", 10, 16), new("c", 5, 5)], pageLength: 4).ToList();
        Assert.Equal(
            [[new Gap("a", 1, 3), new Gap("b", 10, 10)], [new Gap("b", 11, 14)], [new Gap("b", 15, 16), new Gap("c", 5, 5)]],
            pages);
    }

    [Fact]
    public void A_gap_as_long_as_the_page_is_one_page() => Assert.Single(Gap.Pages([new("a", 1, 4)], pageLength: 4));

    [Fact]
    public void Without_gaps_there_are_no_pages() => Assert.Empty(Gap.Pages([], pageLength: 4));

    [Fact]
    public void The_largest_sequences_do_not_overflow()
    {
        var page = Assert.Single(Gap.Pages([new("a", Gap.MaxSequence - 1, Gap.MaxSequence)], pageLength: 1_000));
        Assert.Equal(2, page[0].Length);
    }
}
