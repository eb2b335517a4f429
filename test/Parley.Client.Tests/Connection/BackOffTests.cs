using Parley.Client.Connection;

namespace Parley.Client.Tests.Connection;

public sealed class BackOffTests
{
    static readonly TimeSpan[] Steps = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    [Fact]
    public void Steps_follow_each_other_and_the_last_one_stays_until_a_success()
    {
        var backOff = new BackOff(Steps, 0, new Random(1));
        Assert.Equal([1, 2, 4, 4, 4], Enumerable.Range(0, 5).Select(_ => backOff.Next().TotalSeconds));
        backOff.Reset();
        Assert.Equal(1, backOff.Next().TotalSeconds);
    }

    [Fact]
    public void Jitter_only_lengthens_a_wait_and_by_its_share_at_most()
    {
        var backOff = new BackOff([TimeSpan.FromSeconds(1)], 0.25, new Random(1));
        var waits = Enumerable.Range(0, 1_000).Select(_ => backOff.Next().TotalSeconds).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, 1, 1.25));
        Assert.True(waits.Max() - waits.Min() > 0.2);
    }
}
