using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>What pulls must answer, said as plainly as possible: readable are <paramref name="first"/>..<paramref name="last"/>.</summary>
sealed class HistoryModel(long first, long last, int maxMessages)
{
    public void CheckRange(PullMsgs? page, long begin, long end, long num, PullOrder order, string round)
    {
        var wanted = Enumerable.Range((int)first, (int)(last - first + 1)).Select(sequence => (long)sequence).Where(sequence => sequence >= begin && sequence <= end);
        if (num > 0) wanted = wanted.TakeLast((int)num);
        long[] all = [.. wanted];
        if (all.Length == 0)
        {
            Assert.True(page is null, round);
            return;
        }

        var reachesBound = order == PullOrder.Asc ? end >= last : all[0] == first;
        Check(page, all, reachesBound, order, round);
    }

    public void CheckList(PullMsgs? page, long[] sequences, PullOrder order, string round)
    {
        long[] all = [.. sequences.Distinct().Order().Where(sequence => sequence >= first && sequence <= last)];
        var reachesBound = order == PullOrder.Asc ? sequences.Max() >= last : sequences.Min() <= first;
        Check(page, all, reachesBound, order, round);
    }

    void Check(PullMsgs? page, long[] all, bool reachesBound, PullOrder order, string round)
    {
        Assert.True(page is not null, round);
        long[] got = [.. page.Msgs.Select(message => message.Seq)];
        // Cut or not, it is the newest of what was asked, without a hole, and ascending whatever the order: SDKs rely on it.
        Assert.True(got.SequenceEqual(all.TakeLast(got.Length)), $"{round}: got {string.Join(',', got)} of {string.Join(',', all)}");
        Assert.True(got.Length <= maxMessages, round);
        var isCut = got.Length < all.Length;
        if (!isCut) Assert.True(page.IsEnd == reachesBound, $"{round}: isEnd {page.IsEnd}");
        else Assert.False(page.IsEnd, round);
        Assert.True(page.EndSeq == (page.IsEnd ? (order == PullOrder.Asc ? last : first) : 0), round);
        foreach (var message in page.Msgs)
        {
            Assert.Equal(2, message.Status);
            Assert.StartsWith($$"""{"content":"{{message.Seq}}:""", message.Content.ToStringUtf8());
        }
    }
}
